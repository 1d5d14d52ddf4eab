import Foundation
import TestSupport
import Testing

@testable import Plumbing

/// One secret of the exchange's form, and every way in which a text may hold it.
struct SecretMaskTests {
  static let secret = "Qz7/kP2+mVx9Lr4TnB8wYc1JdHs6Gf3E=AuXo5iZt0Rq+Nv/aKlMpWbCyDgFhSj=="

  static let patterns = patterns(of: [secret])

  static func patterns(of secrets: [String]) -> SecretPatterns {
    secrets.reduce(into: SecretPatterns()) { $0.add(Array($1.utf8)) }
  }

  static func shown(_ text: String, _ secrets: [String]? = nil) -> String {
    let patterns = secrets.map(patterns) ?? patterns
    let bytes = Array(text.utf8)
    var left: [UInt8] = []
    var at = 0
    for range in bytes.withUnsafeBufferPointer({ patterns.ranges(in: $0) }) {
      left += bytes[at..<range.lowerBound] + [0x2A]
      at = range.upperBound
    }
    return String(decoding: left + bytes[at...], as: UTF8.self)
  }

  static func spelled(_ form: (UInt8) -> String) -> String { secret.utf8.map(form).joined() }

  static func hexadecimal(_ byte: UInt8, _ digits: Int) -> String {
    String(repeating: "0", count: digits - String(byte, radix: 16).count) + String(byte, radix: 16)
  }

  static let forms: [(name: String, text: String)] = [
    ("plain", secret),
    ("upper case", secret.uppercased()),
    ("JSON escapes", spelled { "\\u" + hexadecimal($0, 4) }),
    ("JSON slashes", secret.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\/")),
    ("percent", spelled { "%" + hexadecimal($0, 2) }),
    ("percent, upper case", spelled { "%" + hexadecimal($0, 2).uppercased() }),
    ("entities", spelled { "&#\($0);" }),
    ("hexadecimal entities", spelled { "&#x" + hexadecimal($0, 2) + ";" }),
    ("bytes", spelled { "\\x" + hexadecimal($0, 2) }),
    ("hexadecimal", spelled { hexadecimal($0, 2) }),
    ("spaces", secret.map(String.init).joined(separator: " ")),
    ("lines", String(secret.prefix(30)) + "\r\n   " + secret.dropFirst(30)),
    ("escaped lines", String(secret.prefix(30)) + "\\r\\n" + secret.dropFirst(30)),
    ("hidden letters", secret.map(String.init).joined(separator: "\u{200B}")),
    ("URL form", secret.map { $0 == "+" ? "-" : $0 == "/" ? "_" : String($0) }.joined()),
  ]

  @Test(arguments: forms) func whole(form: (name: String, text: String)) {
    #expect(Self.shown("key " + form.text + " refused") == "key * refused", "\(form.name)")
  }

  /// As in an Authorization header, at each of the three places in a group.
  @Test(arguments: ["", "a", "ab", "abc"]) func base64(before: String) {
    let encoded = Data((before + Self.secret + "tail").utf8).base64EncodedString()
    let shown = Self.shown("Basic \(encoded).")
    #expect(shown.utf8.count < 24 && shown.contains("*"), "\(shown)")
  }

  @Test func everyPart() {
    for length in 12...Self.secret.count {
      for start in 0...Self.secret.count - length {
        let part = Self.secret.dropFirst(start).prefix(length)
        #expect(Self.shown("<\(part)>") == "<*>")
      }
    }
    #expect(
      Self.shown("<\(Self.secret.prefix(11))>").contains(Self.secret.prefix(11)), "eleven signs prove nothing"
    )
  }

  @Test func severalAtOnce() {
    let other = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    #expect(
      Self.shown("\(Self.secret)\(other) and \(other)/\(Self.secret)", [Self.secret, other]) == "* and */*")
  }

  @Test func digitsAreData() {
    let key = "00000000-0000-4000-8000-00000000000a"
    let frame = "0|H0STCNT0|001|005930^100000000000000000000^0^0^0^0^0^0^000000000000000000000000000"
    #expect(Self.shown(frame, [key]) == frame)
    #expect(Self.shown("key \(key).", [key]) == "key *.")
    #expect(Self.shown("pin 1234567890123456.", ["1234567890123456"]) == "pin *.")
    #expect(Self.shown("pin 123456789012345.", ["1234567890123456"]) == "pin 123456789012345.")
  }

  @Test func shortWordsStay() {
    #expect(Self.shown("the secret word", ["secret"]) == "the secret word")
    #expect(Self.shown("the password99 here", ["password99"]) == "the * here")
  }

  /// A text is called clean only if it is, and what the exchange sends is called so.
  @Test func clean() {
    let patterns = Self.patterns(of: [Self.secret, "00000000-0000-4000-8000-00000000000a"])
    func isClean(_ text: String, of patterns: SecretPatterns) -> Bool {
      var text = text
      return text.withUTF8(patterns.isClean)
    }
    let frame = "0|H0STCNT0|001|005930^100000^00000000-0000-4000-8000-00000000000^KRX^12.5^-3"
    #expect(isClean(frame, of: patterns) && isClean(frame, of: SecretPatterns()))
    for text in ["a b", "a\\u0041", "%41", "&#65;", "삼성"] { #expect(!isClean(text, of: patterns), "\(text)") }
    #expect(!isClean("pin^1234567890123456^", of: Self.patterns(of: ["1234567890123456"])))
    for length in 12...Self.secret.count {
      for start in 0...Self.secret.count - length {
        let part = Self.secret.dropFirst(start).prefix(length)
        #expect(!isClean("0|H0STCNT0|001|1234567890123456789^\(part)^1234567890123456789", of: patterns))
      }
    }
    var generator = SeededGenerator(seed: 12)
    let signs = Array("Qz7/kP2+0123456789^^")
    var cleanOnes = 0
    for _ in 0..<5_000 {
      let noise = String(
        (0..<Int.random(in: 0...60, using: &generator)).map { _ in
          signs.randomElement(using: &generator) ?? "^"
        })
      let at = Int.random(in: 0...Self.secret.count, using: &generator)
      let part = Self.secret.dropFirst(at).prefix(Int.random(in: 0...20, using: &generator))
      let text = noise + part + frame.prefix(Int.random(in: 0...40, using: &generator))
      let bytes = Array(text.utf8)
      let hasNone = bytes.withUnsafeBufferPointer { patterns.ranges(in: $0).isEmpty }
      #expect(isClean(text, of: patterns) == hasNone, "\(text)")
      if hasNone { cleanOnes += 1 }
    }
    #expect(cleanOnes > 500 && cleanOnes < 4_500)
  }

  /// No text traps, and what has no secret in it comes back as it is.
  @Test func anyText() {
    var generator = SeededGenerator(seed: 11)
    let signs = Array("\\u0041%4&#x2b;Qz7/kP2+mVx9 \"{}^|\u{202E}".utf8)
    for _ in 0..<5_000 {
      let text = String(
        decoding: (0..<Int.random(in: 0...40, using: &generator)).map { _ in
          signs[Int.random(in: 0..<signs.count, using: &generator)]
        }, as: UTF8.self)
      _ = Self.shown(text)
      #expect(Self.shown(text, []) == text)
    }
  }
}

@Test func maskedAndPrintable() {
  let secret = "Process-wide-Secret-0123456789"
  SecretMask.register(secret)
  SecretMask.register("x")
  #expect(SecretMask.mask("no secret, x") == "no secret, x")
  #expect(SecretMask.mask("refused: \(secret)!") == "refused: ********!")
  #expect("\(secret)\u{1B}[31m \"run\"".quoted() == #""********\x1b[31m \"run\"""#)
  #expect(String(repeating: "a", count: 300).quoted(limit: 5) == "\"aaaaa…\"")
}

@Test(arguments: [
  ("plain", "plain"), ("가나다 삼성전자", "가나다 삼성전자"), ("a\nb\tc", "a\\nb\\tc"),
  ("\u{1B}[2J\u{7}\u{7F}", "\\x1b[2J\\x07\\x7f"),
  ("\u{85}\u{9B}31m", "\\u0085\\u009b31m"), ("a\u{2028}b\u{2029}", "a\\u2028b\\u2029"),
  ("\u{202E}txt\u{202C} \u{2066}x\u{2069}\u{200F}", "\\u202etxt\\u202c \\u2066x\\u2069\\u200f"),
  ("\u{FEFF}a\u{200B}b\u{E0041}", "\\ufeffa\\u200bb\\u{e0041}"), ("\r\n", "\\x0d\\n"),
])
func printableText(text: String, shown: String) {
  #expect(text.printable == shown)
}

/// Those that come with every registration are forgotten after a while, and take no other with them.
@Test func passingSecretsAreBounded() {
  func text(_ number: Int) -> String { "passing-\(number * 7_919 + 1_000_003)-kuvwxyz" }
  func isMasked(_ secret: String) -> Bool {
    let bytes = Array("iv=\(secret);".utf8)
    return bytes.withUnsafeBufferPointer { SecretMask.masked($0) }.map {
      !String(decoding: $0, as: UTF8.self).contains(secret)
    }
      ?? false
  }
  SecretMask.register("lasting-0123456789-abcdefg")
  for number in 0..<1000 { SecretMask.register(passing: text(number)) }
  #expect(isMasked(text(999)) && isMasked(text(990)) && isMasked("lasting-0123456789-abcdefg"))
  // An iv is hexadecimal: it must not make each number of the exchange a suspect.
  var patterns = SecretPatterns()
  #expect(!patterns.seeksDigits)
  patterns.add(Array("4060f9fcb7b4e2ef".utf8), encoded: false)
  #expect(!patterns.seeksDigits)
  patterns.add(Array("4060f9fcb7b4e2ef".utf8))
  #expect(patterns.seeksDigits)
  SecretMask.register(passing: "short")
  #expect(!isMasked("short"))
  SecretMask.register(passing: String(repeating: "0123456789abcdefghij", count: 100_000))
  #expect(isMasked("0123456789abcdefghij"))
}
