import Glibc
import JSONBytes
import Plumbing

/// Writes what came over the wire to a file, with the time it came: `--record FILE`.
///
/// One JSON object a line: `{"t":<epoch ms>,"kind":"ws","tr":…,"text":…}` or
/// `{"t":…,"kind":"rest","tr":…,"symbol":…,"market":…,"text":…}`. Secrets are taken out before anything is
/// written, by the names of their members and, as far as this process knows them, wherever they stand; `Replay` makes the same snapshots from it again.
public final class WireRecorder {
  private let path: String
  private let descriptor: Int32
  private var buffer = ByteBuffer(capacity: 2 * WireRecorder.flushSize)
  private var failure: SystemError?

  /// Output is written when it has grown to this, or when `flush` is called.
  private static let flushSize = 64 * 1024

  /// Opens or creates the file (0600, a regular one, never through a symbolic link). Older content stays.
  public convenience init(path: String) throws(SystemError) {
    let descriptor = try System.openRegular(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW)
    self.init(descriptor: descriptor, path: path)
  }

  /// Records to an open file; `path` is for messages. It is closed in the end.
  init(descriptor: Int32, path: String) {
    self.path = path
    self.descriptor = descriptor
    // What a crash left behind must not become the beginning of our first line.
    var last: UInt8 = 0x0A
    let size = lseek(descriptor, 0, SEEK_END)
    if size > 0, pread(descriptor, &last, 1, size - 1) == 1, last != 0x0A { buffer.append(0x0A) }
  }

  deinit { Glibc.close(descriptor) }

  /// Records a message of the WebSocket.
  public func webSocket(_ text: UnsafeBufferPointer<UInt8>, at time: Milliseconds) {
    WireLine.append(webSocket: text, at: time, to: &buffer)
    if buffer.count >= Self.flushSize { writeOut() }
  }

  /// Records the body of an answer.
  public func rest(
    _ body: UnsafeBufferPointer<UInt8>, transactionID: String, symbol: String?, venue: Venue,
    at time: Milliseconds
  ) {
    WireLine.append(
      rest: body, transactionID: transactionID, symbol: symbol, venue: venue, at: time, to: &buffer)
    if buffer.count >= Self.flushSize { writeOut() }
  }

  /// Writes out what is buffered.
  ///
  /// - Throws: this failure or the first one since the last call; the lines concerned are lost, the data path
  ///   is not disturbed.
  public func flush() throws(SystemError) {
    writeOut()
    if let failure {
      self.failure = nil
      throw failure
    }
  }

  private func writeOut() {
    guard !buffer.isEmpty else { return }
    do {
      try System.write(descriptor, buffer.start, count: buffer.count, name: path)
    } catch {
      failure = failure ?? error
      // Part of a line may be there: the next one begins on a line of its own.
      buffer.removeAll()
      return buffer.append(0x0A)
    }
    buffer.removeAll()
  }
}

/// One line of a recording.
enum WireLine {
  /// Appends a message of the WebSocket that came at `time`.
  static func append(
    webSocket text: UnsafeBufferPointer<UInt8>, at time: Milliseconds, to buffer: inout ByteBuffer
  ) {
    open(time, "ws", transactionID(text), to: &buffer)
    close(text, to: &buffer)
  }

  /// Appends the body of an answer.
  static func append(
    rest body: UnsafeBufferPointer<UInt8>, transactionID: String, symbol: String?, venue: Venue,
    at time: Milliseconds, to buffer: inout ByteBuffer
  ) {
    open(time, "rest", transactionID, to: &buffer)
    if let symbol {
      buffer.append(#","symbol":"#)
      buffer.append(jsonString: symbol)
    }
    buffer.append(#","market":"#)
    buffer.append(jsonString: venue.rawValue)
    close(body, to: &buffer)
  }

  private static func open(
    _ time: Milliseconds, _ kind: StaticString, _ transactionID: String?, to buffer: inout ByteBuffer
  ) {
    buffer.append(#"{"t":"#)
    buffer.append(decimal: Int(time.count))
    buffer.append(#","kind":""#)
    buffer.append(kind)
    buffer.append(#"""#)
    if let transactionID {
      buffer.append(#","tr":"#)
      buffer.append(jsonString: transactionID)
    }
  }

  private static func close(_ text: UnsafeBufferPointer<UInt8>, to buffer: inout ByteBuffer) {
    buffer.append(#","text":""#)
    let isData = text.first == 0x30 || text.first == 0x31
    if text.first == 0x7B, isUnread(text) {
      // In what is cut off a key may stand anywhere.
      buffer.append("{REDACTED}")
    } else if isData && SecretMask.isClean(text) {
      buffer.append(jsonEscaped: text)
    } else {
      appendMasked(text, isData: isData, to: &buffer)
    }
    buffer.append("\"}\n")
  }

  /// Whether a message that begins as JSON is none.
  private static func isUnread(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    (try? JSONValue.parse(text, maxDepth: 64)) == nil
  }

  private static func appendMasked(
    _ text: UnsafeBufferPointer<UInt8>, isData: Bool, to buffer: inout ByteBuffer
  ) {
    var known = ByteBuffer(capacity: text.count + 64)
    if isData { known.append(text) } else { WireRedaction.append(text, to: &known) }
    var clean = ByteBuffer(capacity: known.count + 64)
    SecretMask.append(known.bytes, to: &clean)
    if UTF8Check.firstInvalid(in: clean.bytes) == nil {
      buffer.append(jsonEscaped: clean.bytes)
    } else {
      var repaired = clean.text
      repaired.withUTF8 { buffer.append(jsonEscaped: $0) }
    }
  }

  /// The TR id of a data frame.
  private static func transactionID(_ text: UnsafeBufferPointer<UInt8>) -> String? {
    guard text.count > 3, text[1] == 0x7C else { return nil }
    let name = text.dropFirst(2).prefix { $0 != 0x7C }
    return name.count <= 16 ? String(decoding: name, as: UTF8.self) : nil
  }
}

/// Takes the values of secret members out of a JSON text, also of a broken one.
enum WireRedaction {
  /// Members whose values are secrets, in lower case.
  private static let secrets: Set<String> = [
    "approval_key", "iv", "key", "appkey", "appsecret", "secretkey", "token", "access_token", "authorization",
    "personalseckey", "hashkey",
  ]
  private static let replacement: StaticString = #""REDACTED""#

  /// Appends `text` with the secret values replaced.
  static func append(_ text: UnsafeBufferPointer<UInt8>, to output: inout ByteBuffer) {
    var at = 0
    while at < text.count {
      guard text[at] == 0x22 else {
        output.append(text[at])
        at += 1
        continue
      }
      let end = endOfString(text, at)
      let name = text[at..<end]
      output.append(UnsafeBufferPointer(rebasing: name))
      at = end
      let colon = skipSpace(text, at)
      guard colon < text.count, text[colon] == 0x3A, isSecret(name) else { continue }
      let value = skipSpace(text, colon + 1)
      output.append(UnsafeBufferPointer(rebasing: text[at..<value]))
      at = skipScalar(text, value)
      if at > value { output.append(replacement) }
    }
  }

  /// An escaped name could be any: better one value too many than one too few.
  private static func isSecret(_ quoted: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    if quoted.contains(0x5C) { return true }
    return secrets.contains(String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self).lowercasedASCII)
  }

  /// The place after the closing quote, or the end of the text.
  private static func endOfString(_ text: UnsafeBufferPointer<UInt8>, _ quote: Int) -> Int {
    var at = quote + 1
    while at < text.count, text[at] != 0x22 { at += text[at] == 0x5C ? 2 : 1 }
    return min(at + 1, text.count)
  }

  private static func skipSpace(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var at = start
    while at < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[at]) { at += 1 }
    return at
  }

  /// The place after a string, number or word; `start` itself for objects and arrays, whose members follow.
  private static func skipScalar(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    guard start < text.count, text[start] != 0x7B, text[start] != 0x5B else { return start }
    if text[start] == 0x22 { return endOfString(text, start) }
    var at = start
    while at < text.count, ![0x2C, 0x7D, 0x5D].contains(text[at]) { at += 1 }
    return at
  }
}
