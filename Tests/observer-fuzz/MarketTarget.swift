import Contract
import JSONBytes
import Market
import Plumbing

@testable import Values

/// The market rules: any line gets a verdict that is JSON, and any state file is taken whole or not at all. What was
/// taken is written as it was read, and judges on.
final class MarketTarget: FuzzTarget {
  private static let calendar = MarketCalendar(
    jsonLines: "{\"date\":\"2026-01-01\",\"name\":\"a\"}\n{\"date\":\"2026-12-31\",\"name\":\"b\"}")

  let room = JSONScanner.padding + 1

  func prepare(_ input: inout Input) {}

  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    var kind = Kind()
    var judge = MarketJudge(calendar: Self.calendar)
    let bytes = Array(input.bytes)
    // As it stands, and with the head and the checksum that would hide what is inside.
    if (try? judge.restore(bytes)) != nil { kind.add(1) }
    var state = Array("\(MarketJudge.stateHead)".utf8) + bytes
    if state.last != 0x0A { state.append(0x0A) }
    let sum = state.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { Words(start: $0, count: buffer.count).hash() } ?? 0
    }
    state += Array("{\"checksum\":\(sum)}\n".utf8)
    if (try? judge.restore(state)) != nil {
      kind.add(2 + min(judge.subjectCount, 8))
      try check(judge)
    }
    var view = SnapshotView(unwrap: false, values: MarketJudge.values)
    for line in bytes.split(separator: 0x0A).prefix(16) {
      let padded = Array(line) + [0x0A] + [UInt8](repeating: 0, count: JSONScanner.padding)
      var verdict = ByteBuffer(capacity: 256)
      padded.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress, view.read(start, count: line.count), view.nonFinite == 0 else {
          return
        }
        judge.judge(view, clock: Milliseconds(1_795_700_000_000)).append(to: &verdict)
      }
      if verdict.isEmpty { continue }
      guard let value = try? JSONValue.parse(Array(verdict.bytes)) else {
        throw Broken("verdict \(verdict.text)")
      }
      kind.add((value["flags"]?.elements ?? []).count)
      kind.add(Array((value["rule"]?.string ?? "").utf8))
    }
    try check(judge)
    return kind.value
  }

  /// What is written is read as it was.
  private func check(_ judge: borrowing MarketJudge) throws(Broken) {
    var text = ByteBuffer()
    judge.appendState(to: &text)
    var other = MarketJudge(calendar: nil)
    do throws(StateFault) { try other.restore(Array(text.bytes)) } catch {
      throw Broken("its own state \(error.text)")
    }
    var again = ByteBuffer()
    other.appendState(to: &again)
    guard again.bytes.elementsEqual(text.bytes) else { throw Broken("written, it reads differently") }
  }
}
