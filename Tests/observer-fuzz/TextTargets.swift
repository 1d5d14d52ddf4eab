import Configuration
import KIS
import Plumbing

/// The watchlist: cut anywhere, its lines are the same, and only symbols come out.
final class WatchlistTarget: FuzzTarget {
  private static let limit = 256

  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    var whole = WatchlistReader(limit: Self.limit)
    var pieces = WatchlistReader(limit: Self.limit)
    let bytes = input.bytes
    var lines = whole.feed(bytes)
    if let last = whole.finish() { lines.append(last) }
    var cut: [WatchlistReader.Line] = []
    var at = 0
    while at < bytes.count {
      let size = min(bytes.count - at, 1 + random.below(32))
      cut += pieces.feed(UnsafeBufferPointer(rebasing: bytes[at..<at + size]))
      at += size
    }
    if let last = pieces.finish() { cut.append(last) }
    guard lines == cut else { throw Broken("in pieces it has other lines") }
    let expected = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    let count = expected.last?.isEmpty == false ? expected.count : expected.count - 1
    guard lines.count == count else { throw Broken("\(lines.count) lines, not \(count)") }
    var kind = Kind()
    for (line, original) in zip(lines, expected) { try check(line, original, &kind) }
    return kind.value
  }

  private func check(
    _ line: WatchlistReader.Line, _ original: Slice<UnsafeBufferPointer<UInt8>>, _ kind: inout Kind
  ) throws(Broken) {
    guard case .text(let text) = line else {
      guard original.count > Self.limit else { throw Broken("a line of \(original.count) bytes is too long") }
      return kind.add(1)
    }
    guard text.elementsEqual(original) else { throw Broken("a line's bytes changed") }
    do {
      switch try WatchlistLine.parse(text, venue: .krx) {
      case .nothing: kind.add(2)
      case .add(let instrument, _), .remove(let instrument):
        guard FeedTable.takes(instrument.symbol, instrument.product) else {
          throw Broken("symbol '\(instrument.symbol)'")
        }
        kind.add(3)
      }
    } catch let fault as WatchlistFault {
      guard fault.what.utf8.count < 300 else { throw Broken("a long complaint") }
      kind.add(words: String(fault.what.prefix(12)))
    } catch let broken as Broken {
      throw broken
    } catch {
      throw Broken("\(error)")
    }
  }
}

/// The configuration file: taken, or refused with status 78 and a place in it.
final class ConfigTarget: FuzzTarget {
  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    var kind = Kind()
    do {
      let file = try ConfigFile(path: "config.json", bytes: Array(input.bytes))
      kind.add(min(file.values.count, 8))
      kind.add(min(file.environment.count, 4))
      kind.add(min(file.warnings.count, 4))
      for name in file.environment.keys where name.isEmpty || name.contains("=") {
        throw Broken("a variable called '\(name)'")
      }
    } catch let failure as ToolFailure {
      guard failure.status == .configuration, failure.message.hasPrefix("config.json") else {
        throw Broken("refused with \(failure)")
      }
      kind.add(words: String(failure.message.prefix(40)))
    } catch let broken as Broken {
      throw broken
    } catch {
      throw Broken("\(error)")
    }
    return kind.value
  }
}
