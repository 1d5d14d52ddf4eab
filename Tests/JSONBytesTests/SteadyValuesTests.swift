import TestSupport
import Testing

@testable import JSONBytes

/// Values that stay the same from line to line are compared with the text around them; what is told of a line may not
/// depend on it.
struct SteadyValuesTests {
  private static func scanner() -> JSONScanner {
    JSONScanner(
      Shape([.member("a", 0, [.member("b", 1), .member("c", 2)]), .member("d", 3), .member("e", 4)]))
  }

  /// All that a scanner says of a text, by one that has seen others or by one that has not.
  private static func said(_ text: String, _ scanner: inout JSONScanner) -> String {
    let fault = Verdict.scan(Array(text.utf8), with: &scanner)
    let places = (0...4).map { slot -> String in
      guard scanner.count(of: slot) > 0 else { return "-" }
      let place = scanner.place(of: slot)
      let isObject = Array(text.utf8)[Int(place.start)] == UInt8(ascii: "{")
      return
        "\(scanner.count(of: slot)) \(place.name) \(place.start) \(place.end) \(isObject ? place.members : 0)"
    }
    if let fault { return "\(fault)" }
    return "\(places) \(scanner.start) \(scanner.end) \(scanner.nonFinite) \(scanner.hasDuplicates)"
  }

  /// `[…]` is a value: what it is on line n.
  private static func line(_ number: Int, _ generator: inout SeededGenerator) -> String {
    let rare = number / 100 % 3 == 0 ? "\"steady\"" : "\"steady 삼성\""
    let price = "\(number * 7 % 1000).\(number % 10)"
    let object = #"{"b":\#(number % 2 == 0 ? "1" : "23"),"x":"for ever and ever","c":\#(rare)}"#
    let text = #"{"d":null,"a":\#(object),"e":\#(price),"f":[true,-0.5,\#(number)],"g":"\#(number / 1000)"}"#
    switch Int.random(in: 0..<40, using: &generator) {
    case 0: return text.replacing("null", with: "NaN")
    case 1: return text.replacing("for ever", with: "for\u{1}ever")
    case 2: return String(text.prefix(Int.random(in: 0...text.utf8.count / 2, using: &generator)))
    case 3: return text.replacing("ever and", with: "ever \\u00 and")
    case 4: return #"{"d":1,"d":2}"#
    case 5: return text.replacing("-0.5", with: "-0.5e999")
    case 6: return text + " "
    default: return text
    }
  }

  @Test func tellsTheSame() {
    var generator = SeededGenerator(seed: 5)
    var warm = Self.scanner()
    var joined = 0
    for number in 0..<4_000 {
      let text = Self.line(number, &generator)
      var cold = Self.scanner()
      let expected = Self.said(text, &cold)
      let told = Self.said(text, &warm)
      #expect(told == expected, "line \(number): \(text)")
      if warm.coarse[0].count > 0 && warm.coarse[0].count < warm.skeletons[0].count { joined += 1 }
    }
    #expect(joined > 3_000, "values that stay were found in \(joined) lines only")
  }

  @Test func aValueThatChangedIsNotSteady() {
    var scanner = Self.scanner()
    func scan(_ first: String, _ second: String, times: Int) {
      for number in 0..<times {
        #expect(
          Verdict.scan(Array(#"{"a":"\#(first)","d":"\#(second)","e":\#(number)}"#.utf8), with: &scanner)
            == nil)
      }
    }
    scan("one", "two", times: 40)
    #expect(scanner.skeletons[0].count == 4 && scanner.coarse[0].count == 2)
    scan("one", "zwei", times: 40)
    #expect(scanner.coarse[0].count == 3)
    scan("eins", "two", times: 40)
    #expect(scanner.coarse[0].count == 0, "nothing is left that stays")
  }
}
