import JSONBytes
import Plumbing

/// Members of a JSON object, in the order in which they are put.
struct JSONMembers: ~Copyable {
  private var buffer = ByteBuffer(capacity: 512)

  /// The object.
  func append(to target: inout ByteBuffer) {
    target.append(UInt8(ascii: "{"))
    target.append(buffer.bytes)
    target.append(UInt8(ascii: "}"))
  }

  private mutating func name(_ name: String) {
    if !buffer.isEmpty { buffer.append(UInt8(ascii: ",")) }
    buffer.append(jsonString: name)
    buffer.append(UInt8(ascii: ":"))
  }

  /// A string.
  mutating func put(_ name: String, text: String) {
    self.name(name)
    buffer.append(jsonString: text)
  }

  /// A whole number, or null.
  mutating func put(_ name: String, _ value: Int64?) {
    self.name(name)
    guard let value else { return buffer.append("null") }
    buffer.append(decimal: Int(value))
  }

  /// A number with its digits, or null.
  mutating func put(_ name: String, decimal: Decimal?) {
    self.name(name)
    buffer.append(text: decimal?.text ?? "null")
  }

  /// Milliseconds as seconds, or null.
  mutating func put(_ name: String, seconds milliseconds: Int64?) {
    put(name, decimal: milliseconds.map { Decimal($0, scale: 3) })
  }

  /// A time in KST, or null.
  mutating func put(_ name: String, time: Int64?) {
    self.name(name)
    guard let time else { return buffer.append("null") }
    buffer.append(jsonString: KST(Milliseconds(time)).iso)
  }

  /// True or false.
  mutating func put(_ name: String, flag: Bool) {
    self.name(name)
    buffer.append(text: flag ? "true" : "false")
  }

  /// An object.
  mutating func put(_ name: String, object members: borrowing JSONMembers) {
    self.name(name)
    members.append(to: &buffer)
  }

  /// A list of objects.
  mutating func put<Element>(
    _ name: String, list: some Sequence<Element>, _ fill: (Element, inout JSONMembers) -> Void
  ) {
    self.name(name)
    buffer.append(UInt8(ascii: "["))
    var isFirst = true
    for element in list {
      if !isFirst { buffer.append(UInt8(ascii: ",")) }
      isFirst = false
      var members = JSONMembers()
      fill(element, &members)
      members.append(to: &buffer)
    }
    buffer.append(UInt8(ascii: "]"))
  }
}
