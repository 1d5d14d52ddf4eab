import JSONBytes
import Testing

/// UTF-8, against Swift's own decoder.
struct UTF8Tests {
  private func isValid(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

  private func check(_ sequence: [UInt8], _ prefix: Int, _ scanner: inout JSONScanner) {
    let wanted = isValid(sequence)
    let text = Array(#"{"a":""#.utf8) + Array(repeating: 0x78, count: prefix) + sequence + Array(#""}"#.utf8)
    let got = Verdict.scan(text, with: &scanner)
    if wanted {
      #expect(got == nil, "\(sequence)")
    } else {
      #expect(got?.hasPrefix("invalid UTF-8 at byte ") == true, "\(sequence): \(got ?? "taken")")
    }
    #expect(
      (sequence.withUnsafeBufferPointer { UTF8Check.firstInvalid(in: $0) } == nil) == wanted, "\(sequence)")
  }

  private static let tails: [UInt8] = [0x00, 0x22, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]

  /// Every lead byte with every second byte, and with every interesting tail after it.
  @Test func sequencesOfUpToFour() {
    var scanner = JSONScanner(Shape([.member("a", 0)]))
    for lead in UInt8(0x80)...0xFF {
      check([lead], Int(lead) % 9, &scanner)
      for second in UInt8.min...UInt8.max
      where second != 0x0A && second != 0x22 && second != 0x5C && second >= 0x20 {
        check([lead, second], Int(second) % 9, &scanner)
      }
      for second in UInt8(0x80)...0xBF {
        for third in [UInt8(0x80), 0x9F, 0xBF] { check([lead, second, third], Int(second) % 9, &scanner) }
        check([lead, second, 0x80, 0xBF], Int(second) % 9, &scanner)
      }
      for second in Self.tails where second >= 0x80 {
        for third in Self.tails where third >= 0x80 {
          for fourth in Self.tails where fourth >= 0x80 { check([lead, second, third, fourth], 3, &scanner) }
        }
      }
    }
  }

  /// Two sequences of three bytes are looked at in one step: each beside a good one, on either side.
  @Test func pairsOfThree() {
    var scanner = JSONScanner(Shape([.member("a", 0)]))
    let good: [UInt8] = [0xEA, 0xB0, 0x80]
    for lead in UInt8(0xDF)...0xF1 {
      for second in UInt8(0x7F)...0xC0 {
        for third in [UInt8(0x7F), 0x80, 0x9F, 0xA0, 0xBF, 0xC0] {
          check(good + [lead, second, third], Int(second) % 9, &scanner)
          check([lead, second, third] + good, Int(third) % 9, &scanner)
        }
      }
    }
  }

  /// Every scalar, in steps, and all the borders.
  @Test func scalars() {
    var scanner = JSONScanner(Shape([.member("a", 0)]))
    var values = Array(stride(from: UInt32(0x80), through: 0x10FFFF, by: 97))
    values += [
      0x7F, 0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xCFFF, 0xD000, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x3FFFF,
      0x40000, 0xFFFFF, 0x100000, 0x10FFFF,
    ]
    for value in values {
      guard let scalar = Unicode.Scalar(value) else { continue }
      check(Array(String(scalar).utf8), Int(value % 11), &scanner)
    }
  }

  /// Cut at every place: the byte that starts the cut sequence is named.
  @Test func cutSequences() {
    for character in ["é", "한", "😀"] {
      let bytes = Array(character.utf8)
      for count in 1..<bytes.count {
        for tail in [Array(#""}"#.utf8), [0x78], []] {
          let text = Array(#"{"a":"xx"#.utf8) + bytes[..<count] + tail
          #expect(Verdict.scan(text) == "invalid UTF-8 at byte 8", "\(text)")
        }
      }
    }
  }
}
