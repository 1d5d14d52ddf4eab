import Testing

@testable import Values

/// Numbers in other spellings than plain decimals, in millionths.
struct NumberSpellingTests {
  @Test(arguments: [
    ("-1e0", -1_000_000), ("0e0", 0), ("-0.0", 0), ("1.5E+2", 150_000_000), ("12e-1", 1_200_000),
    ("1.50000000", 1_500_000), ("-1.0000001", -1_000_001), ("-1e-99", -1),
    ("-1e99", -999_999_999_999_999_999),
    ("-999999999999.9999999", -999_999_999_999_999_999), ("0.30000000000000004", nil), ("1e12", nil),
    ("100000000000e1", nil), ("1e11", 100_000_000_000_000_000), ("0.0000001e1", 1),
    ("0e99999999999999999999", 0),
    ("-1e-99999999999999999999", -1), ("1", 1_000_000), ("\"1e1\"", nil), ("null", nil), ("", nil),
  ])
  func amount(_ text: String, _ millionths: Int64?) {
    var padded = "        " + text
    let amount = padded.withUTF8 { Amount(number: UnsafeBufferPointer(rebasing: $0[8...])) }
    #expect(amount?.millionths == millionths)
  }
}
