import JSONBytes
import Testing

/// The output buffer and what is written into it.
struct ByteBufferTests {
  @Test func decimals() {
    var values = [0, 1, 9, 10, 11, 99, 100, 12345, Int.max, Int.min, Int.min + 1, -1, -9, -10, -99, -100]
    var power = 1
    while power <= Int.max / 10 {
      power *= 10
      values += [power, power - 1, power + 1, -power, 1 - power]
    }
    for value in values {
      var buffer = ByteBuffer(capacity: 64)
      buffer.append(decimal: value)
      #expect(buffer.text == "\(value)")
    }
  }

  @Test func strings() throws {
    let text =
      String(String.UnicodeScalarView((0..<0x200).compactMap { Unicode.Scalar($0) })) + "한😀\u{2028}\u{10FFFF}"
    var buffer = ByteBuffer()
    buffer.append(jsonString: text)
    #expect(try JSONValue.parse(buffer.bytes).string == text)
    #expect(buffer.bytes.allSatisfy { $0 >= 0x20 })
    var short = ByteBuffer()
    short.append(jsonString: "\"\\\n\r\t\u{1}\u{1F}/\u{7F}")
    #expect(short.text == #""\"\\\n\r\t\u0001\u001f/"# + "\u{7F}\"")
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func base64(text: String, wanted: String) {
    var buffer = ByteBuffer()
    Array(text.utf8).withUnsafeBufferPointer { buffer.append(base64: $0) }
    #expect(buffer.text == wanted)
  }

  @Test func base64OfEveryByte() {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    for byte in UInt8.min...UInt8.max {
      var buffer = ByteBuffer()
      [byte, 0, byte].withUnsafeBufferPointer { buffer.append(base64: $0) }
      #expect(
        Array(buffer.bytes) == [
          letters[Int(byte >> 2)], letters[Int(byte & 3) << 4], letters[Int(byte >> 6)],
          letters[Int(byte & 63)],
        ])
    }
  }

  @Test func growsAndKeeps() {
    var buffer = ByteBuffer(capacity: 0)
    var wanted: [UInt8] = []
    for index in 0..<1000 {
      let part = Array(repeating: UInt8(truncatingIfNeeded: index), count: index % 7)
      buffer.append(part)
      buffer.append(UInt8(truncatingIfNeeded: index))
      wanted += part + [UInt8(truncatingIfNeeded: index)]
    }
    #expect(Array(buffer.bytes) == wanted)
    buffer.truncate(to: 10)
    #expect(Array(buffer.bytes) == Array(wanted[..<10]))
    buffer.removeAll()
    let isEmpty = buffer.isEmpty
    #expect(isEmpty)
    try? buffer.append(upTo: 5) { (target: UnsafeMutablePointer<UInt8>) throws(JSONFault) -> Int in
      target[0] = 0x41
      return 1
    }
    #expect(buffer.text == "A")
  }
}
