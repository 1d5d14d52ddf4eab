import Testing

@testable import Fetch

/// What `--speed` takes: a factor, or max.
@Suite struct SpeedTests {
  @Test(
    arguments: [("1", 1), ("0.5", 0.5), ("0.001", 0.001), ("1000000", 1_000_000), ("max", nil)]
      as [(String, Double?)])
  func isTaken(_ text: String, _ factor: Double?) throws {
    #expect(try #require(FetchOptions.Speed(text)).factor == factor)
  }

  @Test(arguments: ["0", "-1", "nan", "inf", "fast", "", "1000001", "0.0009", "MAX"])
  func isRefused(_ text: String) { #expect(FetchOptions.Speed(text) == nil) }
}
