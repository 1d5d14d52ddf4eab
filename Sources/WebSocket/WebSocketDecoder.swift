import JSONBytes

/// Server frames to messages (RFC 6455, 5): a state machine on bytes, without I/O.
///
/// Give it bytes through `input`, then call `next` until it returns nil. A message in one frame is handed out
/// where it lies; only fragmented ones are copied. After a fault or a close frame it says nothing more.
struct WebSocketDecoder: ~Copyable {
  /// What `next` found. Buffers are valid until `next` or `input.fill`.
  enum Message {
    case text(UnsafeBufferPointer<UInt8>)
    case binary(UnsafeBufferPointer<UInt8>)
    case ping(UnsafeBufferPointer<UInt8>)
    case pong(UnsafeBufferPointer<UInt8>)
    case close(code: UInt16?, reason: UnsafeBufferPointer<UInt8>)
    case fault(WebSocketFault)
  }

  /// Bytes to decode.
  var input = WebSocketInput()
  private let maxMessage: Int
  private let requiresUTF8: Bool
  private var fragments = ByteBuffer(capacity: 64)
  /// Opcode of the message whose fragments are being collected; 0 when there is none.
  private var fragmented: UInt8 = 0
  private var isFinished = false

  init(maxMessage: Int, requiresUTF8: Bool = true) {
    self.maxMessage = maxMessage
    self.requiresUTF8 = requiresUTF8
  }

  /// The next message, or nil when more bytes are needed.
  mutating func next() -> Message? {
    while !isFinished {
      let bytes = input.bytes
      let header: Header
      do {
        guard let found = try parseHeader(bytes) else { return nil }
        header = found
      } catch {
        return fault(error)
      }
      guard bytes.count - header.size >= header.length else { return nil }
      input.consume(header.size + header.length)
      let payload = UnsafeBufferPointer(rebasing: bytes[header.size..<header.size + header.length])
      if let message = take(header, payload) { return message }
    }
    return nil
  }

  private struct Header {
    var opcode: UInt8
    var isFinal: Bool
    var size: Int
    var length: Int
  }

  /// Checks each rule as soon as its bytes are there, so that a hostile peer cannot make us wait for the rest.
  @inline(__always)
  private func parseHeader(_ bytes: UnsafeBufferPointer<UInt8>) throws(WebSocketFault) -> Header? {
    guard bytes.count >= 1 else { return nil }
    let opcode = bytes[0] & 0x0F
    let isFinal = bytes[0] & 0x80 != 0
    if bytes[0] & 0x70 != 0 { throw WebSocketFault(code: 1002, what: "a reserved bit is set") }
    guard opcode <= 2 || opcode >= 8 && opcode <= 10 else {
      throw WebSocketFault(code: 1002, what: "unknown opcode \(opcode)")
    }
    if opcode >= 8 && !isFinal { throw WebSocketFault(code: 1002, what: "a control frame is fragmented") }
    if opcode == 0 && fragmented == 0 {
      throw WebSocketFault(code: 1002, what: "a continuation without a beginning")
    }
    if (opcode == 1 || opcode == 2) && fragmented != 0 {
      throw WebSocketFault(code: 1002, what: "a new message inside a fragmented one")
    }
    guard bytes.count >= 2 else { return nil }
    if bytes[1] & 0x80 != 0 { throw WebSocketFault(code: 1002, what: "a server frame is masked") }
    let short = Int(bytes[1])
    if opcode >= 8 && short > 125 {
      throw WebSocketFault(code: 1002, what: "a control frame is longer than 125 bytes")
    }
    let size = short < 126 ? 2 : short == 126 ? 4 : 10
    guard bytes.count >= size else { return nil }
    let length = try Self.length(short, bytes, size)
    let before = opcode == 0 ? fragments.count : 0
    if opcode < 8 && length > maxMessage - before {
      throw WebSocketFault(code: 1009, what: "a message is longer than \(maxMessage) bytes")
    }
    return Header(opcode: opcode, isFinal: isFinal, size: size, length: length)
  }

  @inline(__always)
  private static func length(
    _ short: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ size: Int
  ) throws(WebSocketFault) -> Int {
    if size == 2 { return short }
    var length: UInt64 = 0
    for at in 2..<size { length = length << 8 | UInt64(bytes[at]) }
    if length >> 63 != 0 { throw WebSocketFault(code: 1002, what: "a length with its top bit set") }
    if length < (size == 4 ? 126 : 65_536) {
      throw WebSocketFault(code: 1002, what: "a length in a longer form than it needs")
    }
    return Int(length)
  }

  @inline(__always)
  private mutating func take(_ header: Header, _ payload: UnsafeBufferPointer<UInt8>) -> Message? {
    switch header.opcode {
    case 8: return close(payload)
    case 9: return .ping(payload)
    case 10: return .pong(payload)
    case 0:
      fragments.append(payload)
      guard header.isFinal else { return nil }
      let opcode = fragmented
      fragmented = 0
      return message(opcode, fragments.bytes)
    default:
      if header.isFinal { return message(header.opcode, payload) }
      fragmented = header.opcode
      fragments.removeAll()
      fragments.append(payload)
      return nil
    }
  }

  @inline(__always)
  private mutating func message(_ opcode: UInt8, _ payload: UnsafeBufferPointer<UInt8>) -> Message {
    if opcode == 2 { return .binary(payload) }
    if requiresUTF8, !Self.isUTF8(payload) { return fault(.init(code: 1007, what: "a text is not UTF-8")) }
    return .text(payload)
  }

  private mutating func close(_ payload: UnsafeBufferPointer<UInt8>) -> Message {
    isFinished = true
    if payload.isEmpty { return .close(code: nil, reason: payload) }
    guard payload.count >= 2 else { return fault(.init(code: 1002, what: "a close frame of one byte")) }
    let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
    let isCode = (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
    guard isCode else { return fault(.init(code: 1002, what: "a close frame with code \(code)")) }
    let reason = UnsafeBufferPointer(rebasing: payload[2...])
    guard UTF8Check.firstInvalid(in: reason) == nil else {
      return fault(.init(code: 1007, what: "the reason of a close frame is not UTF-8"))
    }
    return .close(code: code, reason: reason)
  }

  private mutating func fault(_ fault: WebSocketFault) -> Message {
    isFinished = true
    return .fault(fault)
  }

  /// Almost all text is ASCII: look at eight bytes at once before looking closer.
  @inline(__always)
  private static func isUTF8(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let base = text.baseAddress else { return true }
    var seen: UInt64 = 0
    var at = 0
    while at &+ 8 <= text.count {
      seen |= UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
      at &+= 8
    }
    while at < text.count {
      seen |= UInt64(base[at])
      at &+= 1
    }
    if seen & 0x8080_8080_8080_8080 == 0 { return true }
    return UTF8Check.firstInvalid(in: text) == nil
  }
}
