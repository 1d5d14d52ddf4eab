import Completeness

/// The watched symbols of a day as the live page shows them: kis-fetch writes it to `.run/board.json` every few seconds,
/// observer-health reads it. Bounded by the watchlist, and by `most`.
public struct Board: Equatable, Sendable {
  /// Symbols that are kept; of more the count is said.
  public static let most = 200
  /// The file, beside the stages' metrics.
  public static let fileName = "board.json"

  /// The day, `2026-11-26` in Korean time.
  public var date: String
  /// When it was written, epoch milliseconds.
  public var written: Int64 = 0
  /// The symbols, in the watchlist's order.
  public var symbols: [BoardSymbol] = []
  /// Symbols beyond `most`, which are watched and not shown.
  public var more = 0
  /// Snapshots of all symbols and feeds by minute of the day, gap records not among them.
  public var records: [Int32] = []
  /// Minutes in which no symbol could be observed, or kis-fetch did not run.
  public var outages = MinuteSet()
  /// From the trade, as the exchange's whole seconds tell it, to the capture: at most a trade a second.
  public var capture = CaptureTimes()
  /// Whether KIS was asked for names today and refused: it is not asked again on this day.
  public var namesRefused = false

  /// An empty day.
  public init(date: String) { self.date = date }

  /// Within how many milliseconds of the trade half of them, and 99 of 100, were captured; nil: no trade came.
  public var captured: (half: Int64, most: Int64)? {
    guard let half = capture.quantile(0.5), let most = capture.quantile(0.99) else { return nil }
    return (half, most)
  }

  /// Notes snapshots that were written in a minute of the day (0 to 1439).
  public mutating func note(records count: Int, minute: Int) {
    guard count > 0, (0..<1440).contains(minute) else { return }
    while records.count <= minute { records.append(0) }
    records[minute] = Int32(clamping: Int(records[minute]) + count)
  }
}
