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
      return scanner.scan(start + shift, count: bytes.count) ? nil : scanner.fault(count: bytes.count).text
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
