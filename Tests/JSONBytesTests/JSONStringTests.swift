import JSONBytes
import Testing

/// Strings of every length at every alignment, and every byte at every position.
struct JSONStringTests {
  @Test func everyLengthAtEveryAlignment() {
    var scanner = JSONScanner(Shape([.member("a", 0)]))
    for length in 0...70 {
      for shift in 0..<8 {
        let content = Array(repeating: UInt8(0x78), count: length)
        let text = Array(#"{"a":""#.utf8) + content + Array(#"","b":1}"#.utf8)
        #expect(Verdict.scan(text, shift: shift, with: &scanner) == nil)
        let place = scanner.place(of: 0)
        #expect(Int(place.start) == 5 && Int(place.end) == 7 + length)
        // The same string as a name.
        let named = Array("{\"".utf8) + content + Array(#"":"a"}"#.utf8)
        #expect(Verdict.scan(named, shift: shift, with: &scanner) == nil)
      }
    }
  }

  /// What a string may hold at any of its places, whatever stands around it: all 256 bytes.
  @Test func everyByteAtEveryPosition() {
    var scanner = JSONScanner(Shape([.member("a", 0)]))
    for byte in UInt8.min...UInt8.max where byte != 0x0A {
      for length in [1, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33] {
        for position in 0..<length {
          var content = Array(repeating: UInt8(0x78), count: length)
          content[position] = byte
          let text = Array(#"{"a":""#.utf8) + content + Array(#""}"#.utf8)
          let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5C
          let got = Verdict.scan(text, shift: position % 8, with: &scanner)
          if isPlain {
            #expect(got == nil, "byte \(byte) at \(position) of \(length)")
          } else {
            #expect(got == expected(byte, position, length), "byte \(byte) at \(position) of \(length)")
          }
        }
      }
    }
  }

  private func expected(_ byte: UInt8, _ position: Int, _ length: Int) -> String {
    let at = 6 + position
    switch byte {
    case 0x22: return "invalid JSON: expected ',' or '}' at byte \(at + 1)"
    // A backslash before the closing quote takes it in.
    case 0x5C where position == length - 1: return "invalid JSON: unexpected end at byte \(length + 8)"
    case 0x5C: return "invalid JSON: invalid escape at byte \(at + 1)"
    case 0x80...: return "invalid UTF-8 at byte \(at)"
    default: return "invalid JSON: control character in a string at byte \(at)"
    }
  }

  /// All 256 bytes where a digit may stand, with and without a sign: numbers are read in blocks as well.
  @Test(arguments: [(8, 1), (15, 1), (16, 1), (17, 1), (18, 1), (33, 1), (15, 2), (16, 2), (17, 2), (18, 2)])
  func everyByteInANumber(_ length: Int, _ from: Int) {
    for byte in UInt8.min...UInt8.max where byte != 0x0A {
      for position in from..<length {
        var digits = Array(repeating: UInt8(0x31), count: length)
        if from == 2 { digits[0] = 0x2D }
        digits[position] = byte
        let isDigit = byte >= 0x30 && byte <= 0x39
        let isPart = isDigit || byte == 0x2E || byte == 0x65 || byte == 0x45
        let isSpace = byte == 0x20 || byte == 0x09 || byte == 0x0D
        let isGood = isPart && (isDigit || position < length - 1) || isSpace && position == length - 1
        #expect(Verdict.takes(digits) == isGood, "byte \(byte) at \(position) of \(length)")
      }
    }
  }

  /// Fractions and exponents at every place around the end of a block.
  @Test(arguments: ["", "-"]) func fractionsAtEveryPlace(_ sign: String) {
    for before in 0...18 {
      for after in 0...18 {
        for tail in ["", "e5", "E-12", "e", "e+", ".1", "-"] {
          let text =
            sign + String(repeating: "7", count: before) + "." + String(repeating: "4", count: after) + tail
          let isNumber = before > 0 && after > 0 && ["", "e5", "E-12"].contains(tail)
          #expect(Verdict.takes(Array(text.utf8)) == isNumber, "\(text)")
        }
      }
    }
  }

  /// Every byte between tokens: four are white space, and the line feed ends the text.
  @Test func everyByteAsSpace() {
    for byte in UInt8.min...UInt8.max where byte != 0x0A {
      let isSpace = byte == 0x20 || byte == 0x09 || byte == 0x0D
      for parts in [
        ["{", "}"], ["{\"a\"", ":1}"], ["{\"a\":", "true}"], ["{\"a\":true", "}"], ["{\"a\":[\"x\"", "]}"],
        ["{\"a\":[{}", ",{}]}"], ["{}", ""],
      ] {
        for count in 1...3 {
          let text = Array(parts[0].utf8) + Array(repeating: byte, count: count) + Array(parts[1].utf8)
          #expect((Verdict.scan(text) == nil) == isSpace, "byte \(byte) between \(parts)")
          #expect((Verdict.parse(text) == nil) == isSpace, "byte \(byte) between \(parts)")
        }
      }
    }
  }
}
