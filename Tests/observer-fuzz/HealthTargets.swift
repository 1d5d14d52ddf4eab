import Glibc
import Plumbing

@testable import Health

/// Requests to the health page: cut anywhere they are the same, and only GET and HEAD without a body are served.
final class RequestTarget: FuzzTarget {
  private static let refusals = [400, 405, 413, 421, 431, 505]

  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    let bytes = Array(input.bytes)
    var kind = Kind()
    let whole = try serve(bytes, pieces: nil, &random, &kind)
    var ignored = Kind()
    guard try serve(bytes, pieces: max(2, min(300, bytes.count / 8)), &random, &ignored) == whole else {
      throw Broken("in pieces it asks for something else")
    }
    return kind.value
  }

  /// What the server does with a connection's bytes, request by request.
  private func serve(
    _ bytes: [UInt8], pieces: Int?, _ random: inout Generator, _ kind: inout Kind
  ) throws(Broken) -> [HTTPRequest.Outcome] {
    var outcomes: [HTTPRequest.Outcome] = []
    var connection: [UInt8] = []
    var at = 0
    while at < bytes.count {
      let size = min(bytes.count - at, pieces.map { 1 + random.below($0) } ?? bytes.count)
      connection += bytes[at..<at + size]
      at += size
      while !connection.isEmpty {
        let outcome = HTTPRequest.parse(connection) { $0 == "localhost" || ListenAddress.isNumeric($0) }
        if outcome == .incomplete {
          guard connection.count < HTTPRequest.limit else { throw Broken("waits behind the limit") }
          break
        }
        outcomes.append(outcome)
        guard case .request(let request) = outcome else {
          guard case .refused(let status) = outcome, Self.refusals.contains(status) else {
            throw Broken("\(outcome)")
          }
          kind.add(status)
          return outcomes
        }
        kind.add((request.isHead ? 1 : 2) + (request.keepsAlive ? 4 : 0))
        kind.add(min(request.path.utf8.count, 2))
        try check(request, connection)
        if !request.keepsAlive { return outcomes }
        connection.removeFirst(request.length)
      }
    }
    return outcomes
  }

  private func check(_ request: HTTPRequest, _ bytes: [UInt8]) throws(Broken) {
    guard request.length <= HTTPRequest.limit, request.length <= bytes.count else { throw Broken("length") }
    let lines = bytes[..<request.length].parts(at: "\r\n")
    guard lines.suffix(2).allSatisfy(\.isEmpty), !lines.dropLast(2).contains(where: \.isEmpty) else {
      throw Broken("not one head")
    }
    let words = lines[0].parts(at: " ")
    let (path, isOld) = (Array(request.path.utf8), words.last?.elementsEqual("HTTP/1.0".utf8) == true)
    guard words.count == 3, words[0].elementsEqual((request.isHead ? "HEAD" : "GET").utf8),
      isOld || words[2].elementsEqual("HTTP/1.1".utf8)
    else { throw Broken("served: \(String(decoding: lines[0], as: UTF8.self))") }
    guard path.first == 0x2F, path.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3F }),
      words[1].elementsEqual(path) || words[1].starts(with: path + [0x3F])
    else { throw Broken("path '\(request.path)'") }
    var hosts = 0
    for line in lines[1...].dropLast(2) {
      guard let colon = line.firstIndex(of: 0x3A) else { throw Broken("a field without a colon") }
      let value = line[(colon + 1)...].filter { $0 != 0x20 && $0 != 0x09 }
      switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
      case "host": hosts += 1
      case "content-length" where value != [0x30]: throw Broken("a body is taken for a request")
      case "transfer-encoding": throw Broken("a body is taken for a request")
      default: break
      }
    }
    guard hosts == 1 || hosts == 0 && isOld else { throw Broken("\(hosts) hosts") }
  }
}

extension ArraySlice<UInt8> {
  /// The parts between separators, empty ones too.
  fileprivate func parts(at mark: String) -> [ArraySlice<UInt8>] {
    let mark = Array(mark.utf8)
    var parts: [ArraySlice<UInt8>] = []
    var (from, at) = (startIndex, startIndex)
    while at < endIndex {
      if self[at] == mark[0], self[at...].starts(with: mark) {
        parts.append(self[from..<at])
        at += mark.count
        from = at
      } else {
        at += 1
      }
    }
    return parts + [self[from...]]
  }
}

/// Metrics of the stages: merged they are the same lines, merged again nothing changes, and whatever the numbers are, the
/// check judges them and the page shows them.
final class MetricsTarget: FuzzTarget {
  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    let text = String(decoding: input.bytes, as: UTF8.self)
    var kind = Kind()
    var once = Exposition()
    once.add(text)
    let merged = once.text
    var again = Exposition()
    again.add(merged)
    guard again.text == merged else { throw Broken("merged again it is another text") }
    let given = Set(text.utf8.split(separator: 0x0A).map { Array($0) })
    let lines = merged.utf8.split(separator: 0x0A).map { Array($0) }
    guard lines.allSatisfy(given.contains) else { throw Broken("a line that no stage wrote") }
    kind.add(min(once.families.count, 4))
    kind.add(min(lines.count, 8))
    let (sample, mergedSample) = (Sample(text: text), Sample(text: merged))
    for name in mergedSample.values.keys where sample.values[name] == nil {
      throw Broken("a number for '\(name)'")
    }
    kind.add(min(sample.values.count, 8))
    let report = Self.report(sample, random.below(2) == 0)
    kind.add(Array((report.first?.name ?? "").utf8))
    return kind.value
  }

  /// All stages run and have written the same.
  private static func report(_ sample: Sample, _ isOld: Bool) -> HealthReport {
    var facts = HealthFacts(wall: Milliseconds(1_795_500_000_000))
    facts.directory = "/data/observer"
    facts.stages = HealthFacts.stageNames.map {
      StageFacts($0, pid: 1, now: sample, before: isOld ? sample : nil)
    }
    var site = HealthSite(korean: false)
    site.update(facts, metrics: [])
    for path in ["/", "/status"] {
      if case .request(let asked) = HTTPRequest.parse(
        Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8), allowsHost: { _ in true })
      {
        _ = site.answer(asked)
      }
    }
    return HealthReport(facts)
  }
}
