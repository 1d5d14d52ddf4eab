import JSONBytes
import TestSupport
import Testing

@testable import WebSocket

/// What a decoder said, copied out of its buffers.
enum DecodedMessage: Equatable, Sendable {
  case text([UInt8])
  case binary([UInt8])
  case ping([UInt8])
  case pong([UInt8])
  case close(UInt16?, String)
  case fault(UInt16)
}

/// Server frames, built byte by byte.
enum ServerFrame {
  static func make(_ opcode: UInt8, _ payload: [UInt8] = [], isFinal: Bool = true) -> [UInt8] {
    let head = [(isFinal ? 0x80 : 0) | opcode]
    switch payload.count {
    case 0..<126: return head + [UInt8(payload.count)] + payload
    case 126..<65_536: return head + [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)] + payload
    default: return head + [127] + (0..<8).map { UInt8(payload.count >> (56 - 8 * $0) & 0xFF) } + payload
    }
  }

  static func text(_ text: String, isFinal: Bool = true) -> [UInt8] {
    make(1, Array(text.utf8), isFinal: isFinal)
  }
}

/// Feeds a decoder and collects what it says.
struct DecoderProbe: ~Copyable {
  var decoder: WebSocketDecoder
  var said: [DecodedMessage] = []

  init(maxMessage: Int = 1 << 20, requiresUTF8: Bool = true) {
    decoder = WebSocketDecoder(maxMessage: maxMessage, requiresUTF8: requiresUTF8)
  }

  mutating func feed(_ bytes: some Collection<UInt8>) {
    _ = decoder.input.fill(room: bytes.count) { room in
      room.copyBytes(from: bytes)
      return bytes.count
    }
    while let message = decoder.next() {
      switch message {
      case .text(let text): said.append(.text(Array(text)))
      case .binary(let data): said.append(.binary(Array(data)))
      case .ping(let payload): said.append(.ping(Array(payload)))
      case .pong(let payload): said.append(.pong(Array(payload)))
      case .close(let code, let reason): said.append(.close(code, String(decoding: reason, as: UTF8.self)))
      case .fault(let fault): said.append(.fault(fault.code))
      }
    }
  }

  static func decode(_ bytes: [UInt8], maxMessage: Int = 1 << 20, requiresUTF8: Bool = true)
    -> [DecodedMessage]
  {
    var probe = DecoderProbe(maxMessage: maxMessage, requiresUTF8: requiresUTF8)
    probe.feed(bytes)
    return probe.said
  }
}

@Suite struct WebSocketDecoderTests {
  /// RFC 6455, 5.7 (the frames that a server may send), and each length form at its edges.
  @Test(
    arguments: [
      ([0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], [DecodedMessage.text(Array("Hello".utf8))]),
      ([0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F], [.text(Array("Hello".utf8))]),
      ([0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], [.ping(Array("Hello".utf8))]),
      ([0x8A, 0x00], [.pong([])]),
      ([0x81, 0x00, 0x82, 0x01, 0xFF], [.text([]), .binary([0xFF])]),
      (
        [0x01, 0x01, 0x41, 0x89, 0x01, 0x70, 0x00, 0x00, 0x80, 0x01, 0x42],
        [.ping([0x70]), .text([0x41, 0x42])]
      ),
      ([0x88, 0x00, 0x81, 0x01, 0x41], [.close(nil, "")]),
      ([0x88, 0x04, 0x03, 0xE8, 0x6F, 0x6B], [.close(1000, "ok")]),
      ([0x88, 0x02, 0x0B, 0xB8], [.close(3000, "")]),
    ] as [([UInt8], [DecodedMessage])])
  func decodes(_ bytes: [UInt8], _ said: [DecodedMessage]) {
    #expect(DecoderProbe.decode(bytes) == said)
  }

  @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 524_288, 1 << 20])
  func lengthsAtTheirEdges(_ count: Int) {
    let payload = [UInt8](repeating: 0x61, count: count)
    #expect(DecoderProbe.decode(ServerFrame.make(1, payload)) == [.text(payload)])
  }

  /// One rule of the protocol a row, broken as early as it can be seen.
  @Test(
    arguments: [
      ("reserved bit 1", [0xC1], 1002), ("reserved bit 2", [0xA1], 1002), ("reserved bit 3", [0x91], 1002),
      ("opcode 3", [0x83], 1002), ("opcode 7", [0x87], 1002), ("opcode 11", [0x8B], 1002),
      ("opcode 15", [0x8F], 1002), ("fragmented ping", [0x09], 1002), ("fragmented close", [0x08], 1002),
      ("lone continuation", [0x80], 1002), ("text inside a message", [0x01, 0x00, 0x81], 1002),
      ("binary inside a message", [0x01, 0x00, 0x02], 1002),
      ("continuation after the end", [0x01, 0x00, 0x80, 0x00, 0x80], 1002), ("masked", [0x81, 0x80], 1002),
      ("ping of 126 bytes", [0x89, 126], 1002), ("close of 127 form", [0x88, 127], 1002),
      ("16-bit length of 125", [0x81, 126, 0, 125], 1002),
      ("64-bit length of 65535", [0x81, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 1002),
      ("top bit", [0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], 1002),
      ("largest length", [0x81, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 1009),
      ("one byte too many", [0x81, 127, 0, 0, 0, 0, 0, 0x10, 0, 1], 1009),
      ("close of one byte", [0x88, 1, 3], 1002), ("close 999", [0x88, 2, 0x03, 0xE7], 1002),
      ("close 1004", [0x88, 2, 0x03, 0xEC], 1002), ("close 1005", [0x88, 2, 0x03, 0xED], 1002),
      ("close 1006", [0x88, 2, 0x03, 0xEE], 1002), ("close 1015", [0x88, 2, 0x03, 0xF7], 1002),
      ("close 2999", [0x88, 2, 0x0B, 0xB7], 1002), ("close 5000", [0x88, 2, 0x13, 0x88], 1002),
      ("close reason", [0x88, 3, 0x03, 0xE8, 0xFF], 1007), ("text", [0x81, 1, 0xC0], 1007),
      ("surrogate", [0x81, 3, 0xED, 0xA0, 0x80], 1007), ("cut sequence", [0x81, 2, 0x41, 0xE2], 1007),
      ("sequence cut over fragments", [0x01, 1, 0xE2, 0x80, 1, 0x82], 1007),
      ("http", Array("HTTP/1.1 400 Bad Request\r\n".utf8), 1002),
    ] as [(String, [UInt8], Int)])
  func refuses(_ name: String, _ bytes: [UInt8], _ code: Int) {
    #expect(DecoderProbe.decode(bytes + [0x81, 0x01, 0x41]).last == .fault(UInt16(code)), "\(name)")
    #expect(DecoderProbe.decode(bytes).last == .fault(UInt16(code)), "\(name), without waiting for more")
  }

  @Test func fragmentsTogetherAreBounded() {
    let part = [UInt8](repeating: 0x61, count: 60)
    let frames = ServerFrame.make(1, part, isFinal: false) + ServerFrame.make(0, part)
    #expect(DecoderProbe.decode(frames, maxMessage: 120) == [.text(part + part)])
    #expect(DecoderProbe.decode(frames, maxMessage: 119) == [.fault(1009)])
  }

  @Test func sequencesMayBeCutByFragments() {
    let frames: [UInt8] = [0x01, 1, 0xEC, 0x80, 2, 0x82, 0xBC]
    #expect(DecoderProbe.decode(frames) == [.text([0xEC, 0x82, 0xBC])])
  }

  @Test func brokenTextPassesWhenAsked() {
    #expect(DecoderProbe.decode([0x81, 1, 0xC0], requiresUTF8: false) == [.text([0xC0])])
  }

  /// A stream means the same however the network cuts it.
  @Test func everyCutGivesTheSame() {
    let stream =
      ServerFrame.text("0|H0STCNT0|001|005930") + ServerFrame.make(9, [1, 2, 3])
      + ServerFrame.make(1, Array("삼성".utf8.prefix(4)), isFinal: false) + ServerFrame.make(10)
      + ServerFrame.make(0, Array("삼성".utf8.suffix(2)))
      + ServerFrame.make(2, [UInt8](repeating: 7, count: 300))
      + ServerFrame.make(8, [0x03, 0xE8] + Array("bye".utf8))
    let whole = DecoderProbe.decode(stream)
    #expect(whole.count == 6)
    for cut in 0...stream.count {
      var probe = DecoderProbe()
      probe.feed(stream[..<cut])
      probe.feed(stream[cut...])
      #expect(probe.said == whole)
    }
    var dripped = DecoderProbe()
    for byte in stream { dripped.feed([byte]) }
    #expect(dripped.said == whole)
  }

  @Test func randomBytesNeverBreakIt() {
    var random = SeededGenerator(seed: 6455)
    for _ in 0..<3000 {
      var probe = DecoderProbe(maxMessage: 4096)
      let bytes = (0..<Int(random.next() % 200)).map { _ in UInt8(truncatingIfNeeded: random.next() >> 8) }
      probe.feed(bytes)
      probe.feed(bytes)
      let ends = probe.said.filter { if case .fault = $0 { true } else { false } }
      #expect(ends.count <= 1)
    }
  }
}

@Suite struct WebSocketEncoderTests {
  @Test(arguments: [0, 1, 7, 8, 9, 125, 126, 65_535, 65_536, 70_001])
  func masksEveryLength(_ count: Int) {
    let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var encoder = WebSocketEncoder()
    var output = ByteBuffer()
    payload.withUnsafeBufferPointer { encoder.append(.text, $0, to: &output) }
    let frame = Array(output.bytes)
    let size = count < 126 ? 2 : count < 65_536 ? 4 : 10
    #expect(frame[0] == 0x81)
    #expect(frame[1] & 0x80 != 0)
    #expect(frame.count == size + 4 + count)
    let mask = Array(frame[size..<size + 4])
    let plain = frame[(size + 4)...].enumerated().map { $1 ^ mask[$0 % 4] }
    var head = Array(frame[..<size])
    head[1] &= 0x7F
    #expect(head + plain == ServerFrame.make(1, payload))
  }

  @Test func masksDiffer() {
    var encoder = WebSocketEncoder()
    var masks: Set<[UInt8]> = []
    for _ in 0..<50 {
      var output = ByteBuffer()
      encoder.append(.pong, UnsafeBufferPointer(start: nil, count: 0), to: &output)
      masks.insert(Array(output.bytes[2..<6]))
    }
    #expect(masks.count > 45)
  }

  @Test func controlFramesAreCutAt125() {
    var encoder = WebSocketEncoder()
    var output = ByteBuffer()
    [UInt8](repeating: 1, count: 200).withUnsafeBufferPointer { encoder.append(.pong, $0, to: &output) }
    #expect(output.count == 2 + 4 + 125)
  }
}
