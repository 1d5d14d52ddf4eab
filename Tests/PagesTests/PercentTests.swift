import Pages
import Testing

/// What is missing is never rounded away.
@Suite struct PercentTests {
  @Test(arguments: [
    (100, 100, "100\u{A0}%"), (101, 100, "100\u{A0}%"), (9_999_999, 10_000_000, "99.999\u{A0}%"),
    (1, 2, "50.0\u{A0}%"), (0, 5, "0.0\u{A0}%"), (-3, 5, "0.0\u{A0}%"), (9993, 10_000, "99.93\u{A0}%"),
    (9_999_999_999_999_999, 10_000_000_000_000_000, "99.999\u{A0}%"), (0, 0, "–"),
  ])
  func whatIsKeptIsRoundedDown(_ part: Int64, _ whole: Int64, _ text: String) {
    #expect(Percent.kept(part, of: whole) == text)
  }

  @Test(arguments: [
    (0, 5, "0.00 %"), (1, 10_000_000, "0.01 %"), (57, 10_000, "0.57 %"), (5, 5, "100.00 %"), (0, 0, "-"),
  ])
  func whatIsMissingIsRoundedUp(_ part: Int64, _ whole: Int64, _ text: String) {
    #expect(Percent.missing(part, of: whole) == text)
  }

  @Test func textFromOutsideIsSpelledOut() { #expect("<\u{1B}>".htmlPrintable == "&lt;\\x1b&gt;") }
}
