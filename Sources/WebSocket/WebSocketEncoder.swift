import JSONBytes

/// Client frames (RFC 6455, 5): final, masked.
struct WebSocketEncoder {
  /// What a frame carries.
  enum Opcode: UInt8 {
    case text = 1
    case close = 8
    case pong = 10
  }

  /// Masks must be unpredictable to the author of the payload (RFC 6455, 5.3).
  private var random = SystemRandomNumberGenerator()

  /// Appends one frame. Control frames carry 125 bytes at most; more is cut off.
  mutating func append(_ opcode: Opcode, _ payload: UnsafeBufferPointer<UInt8>, to output: inout ByteBuffer) {
    let length = opcode == .text ? payload.count : min(payload.count, 125)
    let mask = UInt32(truncatingIfNeeded: random.next())
    output.append(0x80 | opcode.rawValue)
    if length < 126 {
      output.append(0x80 | UInt8(length))
    } else if length < 65_536 {
      output.append(0xFE)
      output.append(UInt8(length >> 8))
      output.append(UInt8(length & 0xFF))
    } else {
      output.append(0xFF)
      for shift in stride(from: 56, through: 0, by: -8) {
        output.append(UInt8(truncatingIfNeeded: length >> shift))
      }
    }
    for place in 0..<4 { output.append(UInt8(truncatingIfNeeded: mask >> (8 * UInt32(place)))) }
    output.append(upTo: length) { target in
      Self.mask(payload, length, UInt64(mask) | UInt64(mask) << 32, to: target)
      return length
    }
  }

  /// Appends a close frame with a code.
  mutating func appendClose(_ code: UInt16?, to output: inout ByteBuffer) {
    var payload = ByteBuffer(capacity: 2)
    if let code {
      payload.append(UInt8(code >> 8))
      payload.append(UInt8(code & 0xFF))
    }
    append(.close, payload.bytes, to: &output)
  }

  /// Eight bytes at a time; the first byte of the mask is its lowest.
  private static func mask(
    _ payload: UnsafeBufferPointer<UInt8>, _ length: Int, _ mask: UInt64,
    to target: UnsafeMutablePointer<UInt8>
  ) {
    guard let source = payload.baseAddress else { return }
    var at = 0
    while at + 8 <= length {
      let word = UnsafeRawPointer(source + at).loadUnaligned(as: UInt64.self).littleEndian ^ mask
      UnsafeMutableRawPointer(target + at).storeBytes(of: word.littleEndian, as: UInt64.self)
      at += 8
    }
    while at < length {
      target[at] = source[at] ^ UInt8(truncatingIfNeeded: mask >> UInt64(at % 8 * 8))
      at += 1
    }
  }
}
