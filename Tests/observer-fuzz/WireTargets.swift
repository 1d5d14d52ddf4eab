import Glibc
import JSONBytes
import Plumbing

@testable import KIS
@testable import WebSocket

/// Data frames: what is cut into fields and joined again is what came, in the frame and in the snapshots.
final class FrameTarget: FuzzTarget {
  private static let moment = SnapshotMoment(time: Milliseconds(1_790_000_000_123), source: .websocket)
  private var parser = FrameParser()
  private var builder = SnapshotBuilder(sessionID: "fuzz", mode: "TEST", seed: 1)
  private var line = SnapshotLine()

  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    var kind = Kind()
    switch parser.parse(input.bytes) {
    case .encrypted: kind.add(1)
    case .fault(let fault): kind.add(words: "\(fault)")
    case .records(let frame):
      kind.add(frame.channel.index)
      kind.add(min(frame.count, 3))
      kind.add(frame.stride)
      try check(frame, input.bytes)
      for index in 0..<frame.count {
        let isMade = try snapshot(frame[index], isRead: random.below(8) == 0)
        if index < 3 { kind.add(isMade ? 1 : 0) }
      }
    }
    if parser.takeDrift() != nil { kind.add(3) }
    return kind.value
  }

  private func check(_ frame: Frame, _ bytes: UnsafeBufferPointer<UInt8>) throws(Broken) {
    guard let body = bytes.lastIndex(of: 0x7C).map({ _ in bytes.dropFirst(11) }),
      let bar = body.firstIndex(of: 0x7C)
    else { throw Broken("records without a head") }
    var at = bar + 1
    for index in 0..<frame.count {
      let record = frame[index]
      for position in 0..<record.stride {
        let field = record.field(position)
        guard let start = field.baseAddress, let base = bytes.baseAddress, start - base == at else {
          throw Broken("field \(position) of record \(index) does not begin at \(at)")
        }
        guard !field.contains(0x5E) else { throw Broken("a separator in field \(position)") }
        at += field.count + 1
        guard at - 1 == bytes.count || bytes[at - 1] == 0x5E else { throw Broken("field \(position) is cut") }
      }
    }
    guard at == bytes.count + 1 else { throw Broken("\(bytes.count + 1 - at) bytes belong to no field") }
  }
}

extension FrameTarget {
  /// The snapshot of a record; when `isRead`, every field in its `raw` is read again.
  private func snapshot(_ record: FrameRecord, isRead: Bool) throws(Broken) -> Bool {
    // New memory each time: the writer reserves its longest line and then trusts that.
    var output = ByteBuffer(capacity: 64)
    guard builder.append(record, at: Self.moment, to: &output) else {
      guard output.isEmpty else { throw Broken("false, and \(output.count) bytes") }
      return false
    }
    try line.take(output.bytes)
    guard isRead, let raw = line.text(of: SnapshotLine.raw) else { return true }
    guard let members = try? JSONValue.parse(raw).members, members.count == record.stride else {
      throw Broken("raw has not \(record.stride) fields")
    }
    let columns = record.channel.row.layouts[record.layout % FrameLayouts.perChannel].columns
    for (index, member) in members.enumerated() {
      let name = columns.rawName(index)
      let text = String(decoding: record.field(index), as: UTF8.self)
      guard member.name == name, let string = member.value.string, string.utf8.elementsEqual(text.utf8) else {
        throw Broken("\(name) is \(member.name): \(member.value.kind), sent '\(text)'")
      }
    }
    return true
  }
}

/// WebSocket frames: cut anywhere, the stream means the same.
final class WebSocketTarget: FuzzTarget {
  private static let maxMessage = 1 << 12

  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    var whole = WebSocketDecoder(maxMessage: Self.maxMessage)
    var pieces = WebSocketDecoder(maxMessage: Self.maxMessage)
    var expected = Kind()
    var seen = Kind()
    var outcome = Kind()
    let bytes = input.bytes
    feed(&whole, UnsafeRawBufferPointer(bytes))
    try drain(&whole, &expected, &outcome)
    var at = 0
    while at < bytes.count {
      let size = min(bytes.count - at, random.below(4) == 0 ? 1 : 1 + random.below(64))
      feed(&pieces, UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[at..<at + size]))
      var ignored = Kind()
      try drain(&pieces, &seen, &ignored)
      at += size
    }
    guard expected.value == seen.value else { throw Broken("in pieces it means something else") }
    return outcome.value
  }

  private func feed(_ decoder: inout WebSocketDecoder, _ bytes: UnsafeRawBufferPointer) {
    _ = decoder.input.fill(room: bytes.count) { (target: UnsafeMutableRawBufferPointer) -> Int in
      target.copyMemory(from: bytes)
      return bytes.count
    }
  }

  /// Takes every message; `seen` sees all of it, `kind` only what sort it is.
  private func drain(_ decoder: inout WebSocketDecoder, _ seen: inout Kind, _ kind: inout Kind) throws(Broken)
  {
    while let message = decoder.next() {
      switch message {
      case .text(let payload): try note(1, payload, &seen, &kind)
      case .binary(let payload): try note(2, payload, &seen, &kind)
      case .ping(let payload): try note(3, payload, &seen, &kind, limit: 125)
      case .pong(let payload): try note(4, payload, &seen, &kind, limit: 125)
      case .close(let code, let reason):
        try note(5, reason, &seen, &kind, limit: 123)
        seen.add(Int(code ?? 0))
      case .fault(let fault):
        seen.add(words: fault.what)
        kind.add(words: fault.what)
      }
    }
  }

  private func note(
    _ sort: Int, _ payload: UnsafeBufferPointer<UInt8>, _ seen: inout Kind, _ kind: inout Kind,
    limit: Int = WebSocketTarget.maxMessage
  ) throws(Broken) {
    guard payload.count <= limit else { throw Broken("a message of \(payload.count) bytes") }
    if sort == 1 && String(validating: payload, as: UTF8.self) == nil {
      throw Broken("a text that is no UTF-8")
    }
    seen.add(sort)
    seen.add(payload)
    kind.add(sort)
    kind.add(min(payload.count, 2))
  }
}

/// A proxy's answer: the more of it has come, the same it means, and it is short or refused.
final class ProxyTarget: FuzzTarget {
  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    let bytes = input.bytes
    let whole = ProxyTunnel.answer(bytes)
    let some = ProxyTunnel.answer(UnsafeBufferPointer(rebasing: bytes[..<random.below(bytes.count + 1)]))
    guard some == whole || some == .incomplete else { throw Broken("in pieces it means something else") }
    var kind = Kind()
    switch whole {
    case .incomplete:
      guard bytes.count < WebSocketHandshake.maximumHeader else { throw Broken("waits for ever") }
    case .status(let status, let length):
      guard (100...999).contains(status), length <= bytes.count else { throw Broken("status \(status)") }
      kind.add(status / 100)
    case .fault(let why): kind.add(words: why)
    }
    return kind.value
  }
}

/// The exchange's JSON messages beside the data: no crash, and nothing of the text in a complaint.
final class ControlTarget: FuzzTarget {
  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    var kind = Kind()
    switch ControlMessage.parse(input.bytes) {
    case .pingpong: kind.add(1)
    case .malformed(let what):
      guard what.utf8.count < 200 else { throw Broken("a long complaint: \(what)") }
      kind.add(words: what)
    case .reply(let reply):
      kind.add(2)
      kind.add(words: "\(reply.reaction)".prefix(20).description)
    }
    return kind.value
  }
}
