import Plumbing

/// Sessions that go on after midnight in Korea belong to the day on which they began.
public enum SessionDay {
  /// How long after a Korean midnight a moment still belongs to the day before. `market` is `context.market`.
  ///
  /// Night futures and options trade from 18:00 to 06:00. In the east of America midnight is 13:00 or 14:00 in Korea.
  public static func hoursOver(product: some Collection<UInt8>, market: some Collection<UInt8>)
    -> Milliseconds
  {
    if product.first == UInt8(ascii: "n"), product.starts(with: "night-".utf8) { return .hours(12) }
    if product.first == UInt8(ascii: "o"), product.elementsEqual("overseas-stock".utf8),
      america.contains(where: { market.elementsEqual($0.utf8) })
    {
      return .hours(14)
    }
    return .zero
  }

  /// How long after a Korean midnight the last session of its day has ended: at 20:00, the after-market; futures abroad
  /// trade around the clock, nights until 06:00, and New York until 10:00.
  static func end(product: String, market: String) -> Milliseconds {
    switch hoursOver(product: product.utf8, market: market.utf8) {
    case .zero: product == "overseas-derivative" ? .hours(24) : usualEnd
    case .hours(12): .hours(30)
    default: .hours(34)
    }
  }

  /// The end of a day of shares in Korea: what comes later is a late print.
  static let usualEnd = Milliseconds.hours(20)

  private static let america = ["NAS", "NYS", "AMS"]
}
