import Contract
import JSONBytes
import Plumbing

/// One line's members that tell whether it belongs where it stands.
struct RecordCheck: ~Copyable {
  /// A member of the snapshot, inside a record (`inRecord`) or on its own.
  private enum Member {
    static let snapshot = 0
    static let inRecord = 1
    static let plain = 11
    static let meta = 0, time = 1, runID = 2, context = 3, symbol = 4, observation = 5, state = 6, event = 7,
      reason = 8
  }

  private var scanner: JSONScanner
  private var first = Member.plain

  init() {
    scanner = JSONScanner(
      Shape(
        [.member(.snapshot, Member.snapshot, Self.members(Member.inRecord))] + Self.members(Member.plain)),
      depthLimit: JSONScanner.maxRecordDepth)
  }

  private static func members(_ first: Int) -> [Shape.Field] {
    [
      .member(
        .meta, first + Member.meta,
        [.member(.timestampMS, first + Member.time), .member(.runID, first + Member.runID)]),
      .member(.context, first + Member.context, [.member(.symbol, first + Member.symbol)]),
      .member(
        .observation, first + Member.observation,
        [
          .member(
            .state, first + Member.state,
            [.member(.event, first + Member.event), .member(.reason, first + Member.reason)])
        ]),
    ]
  }

  /// Why the line is no record; nil when it is one JSON object that every reader takes.
  mutating func fault(_ text: UnsafePointer<UInt8>, count: Int) -> String? {
    guard scanner.scan(text, count: count) else { return scanner.fault(count: count).text }
    if scanner.nonFinite > 0 { return "non-finite numbers detected: \(scanner.nonFinite)" }
    first = scanner.count(of: Member.snapshot) > 0 ? Member.inRecord : Member.plain
    return nil
  }

  /// `meta.timestamp_ms`.
  var time: Milliseconds? {
    guard let value = value(Member.time), value.count <= 15 else { return nil }
    var time: Int64 = 0
    for byte in value {
      guard byte >= 0x30 && byte <= 0x39 else { return nil }
      time = time * 10 + Int64(byte - 0x30)
    }
    return Milliseconds(time)
  }

  /// `meta.run_id` with its quotes.
  var runID: UnsafeBufferPointer<UInt8>? { string(Member.runID) }

  /// `context.symbol` with its quotes.
  var symbol: UnsafeBufferPointer<UInt8>? { string(Member.symbol) }

  /// The reason, with its quotes, of a snapshot that records a gap.
  var gapReason: UnsafeBufferPointer<UInt8>? {
    guard let event = string(Member.event), event.elementsEqual("\"gap\"".utf8) else { return nil }
    return string(Member.reason) ?? event
  }

  private func string(_ member: Int) -> UnsafeBufferPointer<UInt8>? {
    guard let value = value(member), value.first == 0x22 else { return nil }
    return value
  }

  private func value(_ member: Int) -> UnsafeBufferPointer<UInt8>? {
    guard scanner.count(of: first + member) > 0 else { return nil }
    let place = scanner.place(of: first + member)
    return UnsafeBufferPointer(start: scanner.base + Int(place.start), count: Int(place.end - place.start))
  }
}
