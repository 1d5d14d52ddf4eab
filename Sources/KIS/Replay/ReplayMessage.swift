import Glibc
import JSONBytes
import Plumbing

/// One line of a recording, as places in its bytes.
struct ReplayMessage {
  /// What a line can be.
  enum Kind {
    /// A message of the WebSocket.
    case webSocket
    /// The body of an answer.
    case rest
  }

  /// When it came; nil for a bare frame.
  var time: Milliseconds?
  var kind = Kind.webSocket
  var transactionID = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  var symbol = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  var market = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  var text = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

  /// Reads one line: a recorded object, or a bare frame (`0|…`, `1|…`). `scratch` holds the text if it has
  /// escapes. nil when it is neither.
  @inline(__always)
  static func parse(
    _ line: UnsafeBufferPointer<UInt8>, scratch: inout ByteBuffer
  ) -> ReplayMessage? {
    if line.count > 2, line[1] == 0x7C { return ReplayMessage(text: line) }
    var scanner = MemberScanner(line)
    guard scanner.take(0x7B) else { return nil }
    var message = ReplayMessage()
    var hasEscapes = false
    repeat {
      guard let name = scanner.string()?.bytes, scanner.take(0x3A) else { return nil }
      if scanner.peek == 0x22 {
        guard let value = scanner.string() else { return nil }
        message.set(name, value, &hasEscapes)
      } else {
        guard let number = scanner.integer() else { return nil }
        if name.elementsEqual("t".utf8) { message.time = Milliseconds(number) }
      }
    } while scanner.take(0x2C)
    guard scanner.take(0x7D), scanner.isAtEnd, message.text.baseAddress != nil else { return nil }
    if hasEscapes {
      scratch.removeAll()
      guard unescape(message.text, into: &scratch) else { return nil }
      message.text = scratch.bytes
    }
    return message
  }

  @inline(__always)
  private mutating func set(
    _ name: UnsafeBufferPointer<UInt8>, _ value: MemberScanner.Text, _ hasEscapes: inout Bool
  ) {
    switch name.count {
    case 4 where name[0] == 0x74:
      text = value.bytes
      hasEscapes = value.hasEscapes
    case 4: kind = value.bytes.elementsEqual("rest".utf8) ? .rest : .webSocket
    case 2: transactionID = value.bytes
    case 6 where name[0] == 0x73: symbol = value.bytes
    case 6: market = value.bytes
    default: break
    }
  }

  /// Undoes JSON escapes; false when one is malformed.
  static func unescape(_ text: UnsafeBufferPointer<UInt8>, into output: inout ByteBuffer) -> Bool {
    var quoted = ByteBuffer(capacity: text.count + 2)
    quoted.append(0x22)
    quoted.append(text)
    quoted.append(0x22)
    guard let value = try? JSONValue.parse(quoted.bytes), let plain = value.string else { return false }
    output.append(text: plain)
    return true
  }
}

/// Steps through one flat JSON object without building anything.
private struct MemberScanner {
  struct Text {
    var bytes: UnsafeBufferPointer<UInt8>
    var hasEscapes: Bool
  }

  private let line: UnsafeBufferPointer<UInt8>
  private var at = 0

  init(_ line: UnsafeBufferPointer<UInt8>) { self.line = line }

  var peek: UInt8? {
    mutating get {
      skipSpace()
      return at < line.count ? line[at] : nil
    }
  }

  var isAtEnd: Bool { mutating get { peek == nil } }

  mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    at += 1
    return true
  }

  mutating func string() -> Text? {
    guard take(0x22), let base = line.baseAddress else { return nil }
    let start = at
    var hasEscapes = false
    while let quote = memchr(base + at, 0x22, line.count - at) {
      let end = UnsafeRawPointer(quote) - UnsafeRawPointer(base)
      hasEscapes = hasEscapes || memchr(base + at, 0x5C, end - at) != nil
      at = end + 1
      if !hasEscapes || !isEscaped(end, from: start) {
        return Text(bytes: UnsafeBufferPointer(rebasing: line[start..<end]), hasEscapes: hasEscapes)
      }
    }
    return nil
  }

  /// Whether an odd number of backslashes stands before `place`.
  private func isEscaped(_ place: Int, from start: Int) -> Bool {
    var at = place
    while at > start, line[at - 1] == 0x5C { at -= 1 }
    return (place - at) % 2 == 1
  }

  /// A whole number of at most 15 digits: enough for any epoch millisecond.
  mutating func integer() -> Int64? {
    let start = at
    var value: Int64 = 0
    while at < line.count, line[at] &- 0x30 < 10, at - start < 16 {
      value = value * 10 + Int64(line[at] &- 0x30)
      at += 1
    }
    return at > start && at - start < 16 ? value : nil
  }

  private mutating func skipSpace() {
    while at < line.count, line[at] == 0x20 || line[at] == 0x09 { at += 1 }
  }
}
