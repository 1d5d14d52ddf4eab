import JSONBytes
import Testing

/// One text, given to the scanner and to the parser.
enum Verdict {
  /// The scanner's verdict: nil where it takes the text, else its words.
  static func scan(_ bytes: [UInt8], shift: Int = 0) -> String? {
    var scanner = JSONScanner(Shape([.member("a", 0)]))
    return scan(bytes, shift: shift, with: &scanner)
  }

  /// `shift` moves the text against the alignment of words.
  static func scan(_ bytes: [UInt8], shift: Int = 0, with scanner: inout JSONScanner) -> String? {
    let padded =
      Array(repeating: 0x22, count: shift) + bytes + [0x0A]
      + Array(repeating: 0xFF, count: JSONScanner.padding)
    return padded.withUnsafeBufferPointer { buffer -> String? in
      guard let start = buffer.baseAddress else { return "no text" }
      return scanner.scan(start + shift, count: bytes.count) ? nil : scanner.fault(count: bytes.count)
    }
  }

  /// The parser's verdict, with the scanner's depth.
  static func parse(_ bytes: [UInt8]) -> String? {
    do {
      _ = try JSONValue.parse(bytes, maxDepth: JSONScanner.maxDepth)
      return nil
    } catch {
      return "\(error.what) at \(error.offset)"
    }
  }

  /// Whether both take `value` inside an object; an expectation fails where they differ.
  static func takes(_ value: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) -> Bool {
    let text = Array(#"{"a":"#.utf8) + value + [0x7D]
    let scanned = scan(text)
    let parsed = parse(text)
    #expect(
      (scanned == nil) == (parsed == nil),
      "\(String(decoding: value, as: UTF8.self)): \(scanned ?? "ok"), \(parsed ?? "ok")",
      sourceLocation: sourceLocation)
    return scanned == nil
  }
}

/// Every rule of RFC 8259, taken and broken.
struct JSONCorpusTests {
  static let good = [
    "0", "-0", "1", "-1", "10", "9007199254740993", "0.0", "0.5", "-0.5", "1.25e10", "1E5", "1e+5", "1e-5",
    "0e0", "-0e-0",
    "12345678", "123456789", "1234567890123456", "12345678901234567", "0.1234567890123456789",
    "1e0000000000000001",
    "true", "false", "null", "[]", "{}", "[ ]", "{ }", "[1]", "[1,2]", "[[],{}]", #"{"b":{"c":[]}}"#,
    #"{"":0}"#, #"{"a":1,"a":2}"#, #"{"b" : 1 , "c" : [ 1 , 2 ] }"#, "\t1\r", " \t\r1 \t\r",
    #""""#, #""a""#, #"" ""#, #""\"\\\/\b\f\n\r\t""#, #""\u0000\u001f\uFFFF\ufffe""#, #""\ud83d\ude00""#,
    #""\uDBFF\uDFFF""#,
    #""\uD800\uDC00x""#, #""\\u0000""#, #""\\\"""#, "\"\u{7F}\"", "\"é\"", "\"한글\"", "\"😀\"", "\"\u{FEFF}\"",
    "\"\u{2028}\"",
    "\"\u{10FFFF}\"", "\"\u{FFFF}\"", "\"\u{E000}\"", "\"\u{D7FF}\"", #""/""#, #""//""#, #""null""#,
  ]

  @Test(arguments: good) func isTaken(value: String) { #expect(Verdict.takes(Array(value.utf8))) }

  static let bad = [
    "", "-", "+1", "01", "-01", "00", "0x1", "1.", ".5", "-.5", "1.e5", "1e", "1e+", "1e-", "1ee5", "1.2.3",
    "1e5.5", "1 2", "--1", "1-", "1_000",
    "1,000", "0b1", "1f", "1d", "1L", "٣", "１", "inf", "nan", "NAN", "+Infinity", "-NaN", "--Infinity",
    "Infinit", "Infinityx", "NaNN",
    "tru", "truee", "True", "TRUE", "fals", "nul", "nulL", "none", "undefined", "t", "n", "f", "N", "I",
    "[", "]", "[1", "[1,", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1}", "(1)", "[1;2]",
    "{", "}", #"{"b""#, #"{"b":"#, #"{"b":1"#, #"{"b":1,"#, #"{"b":1,}"#, #"{,"b":1}"#, #"{"b",1}"#,
    #"{"b"}"#, #"{"b"::1}"#, #"{"b":1:2}"#, #"{b:1}"#,
    "{'b':1}", "{1:1}", "{null:1}", #"{"b":1 "c":2}"#, #"{"b":1]"#, "{[]:1}", #"{"b"1}"#,
    #"""#, #""a"#, #""\"#, #""\""#, #""\x41""#, #""\a""#, #""\'""#, #""\0""#, #""\U0041""#, #""\u""#,
    #""\u0""#, #""\u00""#, #""\u004""#, #""\u004g""#,
    #""\u 041""#, #""\u+041""#, #""\u-041""#, #""\u00４1""#, #""\ud800""#, #""\udc00""#, #""\ud800x""#,
    #""\ud800\n""#, #""\ud800\u0041""#, #""\ud800\ud800""#,
    #""\udc00\ud800""#, #""\ud83d \ude00""#, #""\ud83d\\ude00""#, #""\ud83d\u""#, #""\ud83d\ude0""#, "'a'",
    "`a`", "“a”", #""a" "b""#, #""a""b""#,
    "\"\t\"", "\"\r\"", "\"\u{0}\"", "\"\u{1F}\"", "\u{0B}1", "\u{0C}1", "\u{A0}1", "\u{FEFF}1", "\u{3000}1",
    "\u{2028}1", "1\u{0}", "\u{0}",
    "/**/1", "1//", "1#", "<!-- -->1", "@", "#", "$", "*", "\\", "\\u0031",
  ]

  @Test(arguments: bad) func isRefused(value: String) { #expect(!Verdict.takes(Array(value.utf8))) }

  /// Texts as a whole.
  @Test(arguments: [
    ("{}", true), (" {} ", true), ("\t{}\r", true), ("{}{}", false), ("{}x", false), ("{},", false),
    ("", false), (" ", false),
    ("\u{FEFF}{}", false), ("{}\u{0}", false), ("{}\u{A0}", false), ("{}//", false),
  ])
  func wholeTexts(text: String, isGood: Bool) {
    #expect((Verdict.scan(Array(text.utf8)) == nil) == isGood)
    #expect((Verdict.parse(Array(text.utf8)) == nil) == isGood)
  }

  /// Every text cut at every place is no JSON, and the fault is its end or something before it.
  @Test func cutAtEveryPlace() {
    let text = Array(
      #"{"a":{"é한😀\n\u00e9\ud83d\ude00":[1,-0.5e+10,true,false,null,"x",{}, [ ] ]},"bcdefghij":1234567890123456789}"#
        .utf8)
    #expect(Verdict.scan(text) == nil && Verdict.parse(text) == nil)
    for count in 0..<text.count {
      let cut = Array(text[..<count])
      #expect(Verdict.scan(cut) != nil && Verdict.parse(cut) != nil, "cut at \(count)")
    }
  }

  /// The scanner takes what Python and JavaScript write for what is no number, and counts it.
  @Test(arguments: [
    ("NaN", 1), ("Infinity", 1), ("-Infinity", 1), ("[NaN,1,Infinity]", 2), ("1e308", 0), ("1e309", 1),
    ("-1e309", 1),
    (String(repeating: "9", count: 308), 0), (String(repeating: "9", count: 309), 1), ("1e-400", 0),
    ("0e999", 0),
    (#""NaN""#, 0), ("1.7976931348623157e308", 0), ("1.7976931348623159e308", 1),
    (String(repeating: "9", count: 400) + ".0", 1),
    (String(repeating: "0", count: 1) + "." + String(repeating: "9", count: 400), 0),
    ("-" + String(repeating: "9", count: 309), 1),
  ])
  func nonFiniteNumbers(value: String, count: Int) {
    var scanner = JSONScanner(Shape([]))
    #expect(Verdict.scan(Array(#"{"a":\#(value)}"#.utf8), with: &scanner) == nil)
    #expect(scanner.nonFinite == count)
    // ... and forgets it with the next text.
    #expect(Verdict.scan(Array("{}".utf8), with: &scanner) == nil)
    #expect(scanner.nonFinite == 0)
  }

  @Test func nesting() {
    for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
      for depth in [1, 2, 63, 511, 512, 513, 600] {
        let core = open == "[" ? "" : "{}"
        let inner = depth - (open == "[" ? 1 : 2)
        guard inner >= 0 else { continue }
        let text =
          #"{"a":"# + String(repeating: open, count: inner) + core + String(repeating: close, count: inner)
          + "}"
        let value = open == "[" && inner == 0 ? #"{"a":1}"# : text
        #expect((Verdict.scan(Array(value.utf8)) == nil) == (depth <= 512), "\(open) \(depth)")
        #expect((Verdict.parse(Array(value.utf8)) == nil) == (depth <= 512), "\(open) \(depth)")
      }
    }
    #expect(Verdict.scan(Array(String(repeating: "[", count: 100_000).utf8)) == "nested deeper than 512")
  }
}

/// Strings of every length at every alignment, and every byte at every position.
struct JSONStringTests {
  @Test func everyLengthAtEveryAlignment() {
    var scanner = JSONScanner(Shape([.member("a", 0)]))
    for length in 0...40 {
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
      for length in [1, 7, 8, 9, 16, 17, 24] {
        for position in 0..<length {
          var content = Array(repeating: UInt8(0x78), count: length)
          content[position] = byte
          let text = Array(#"{"a":""#.utf8) + content + Array(#""}"#.utf8)
          let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5C
          let got = Verdict.scan(text, shift: position % 8, with: &scanner)
          if isPlain {
            #expect(got == nil, "byte \(byte) at \(position) of \(length)")
          } else {
            #expect(got == expected(byte, position), "byte \(byte) at \(position) of \(length)")
          }
        }
      }
    }
  }

  private func expected(_ byte: UInt8, _ position: Int) -> String? {
    let at = 6 + position
    switch byte {
    case 0x22: return expectedAfterQuote(position)
    case 0x5C: return "invalid JSON: invalid escape at byte \(at + 1)"
    case 0x80...: return "invalid UTF-8 at byte \(at)"
    default: return "invalid JSON: control character in a string at byte \(at)"
    }
  }

  private func expectedAfterQuote(_ position: Int) -> String {
    "invalid JSON: expected ',' or '}' at byte \(6 + position + 1)"
  }

  /// All 256 bytes where a digit may stand: numbers are read eight bytes at a time as well.
  @Test func everyByteInANumber() {
    for byte in UInt8.min...UInt8.max where byte != 0x0A {
      for position in 1..<18 {
        var digits = Array(repeating: UInt8(0x31), count: 18)
        digits[position] = byte
        let isDigit = byte >= 0x30 && byte <= 0x39
        let isPart = isDigit || byte == 0x2E || byte == 0x65 || byte == 0x45
        let isGood = isPart && (isDigit || position < 17)
        #expect(Verdict.takes(digits) == isGood, "byte \(byte) at \(position)")
      }
    }
  }

  /// Every byte between tokens: four are white space, and the line feed ends the text.
  @Test func everyByteAsSpace() {
    for byte in UInt8.min...UInt8.max where byte != 0x0A {
      let isSpace = byte == 0x20 || byte == 0x09 || byte == 0x0D
      for parts in [
        ["{", "}"], ["{\"a\"", ":1}"], ["{\"a\":", "true}"], ["{\"a\":true", "}"], ["{\"a\":[", "]}"],
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
