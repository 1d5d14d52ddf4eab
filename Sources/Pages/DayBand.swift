/// Minutes of a day that are not plain trading, or not whole: drawn below and above the records.
public struct DayBand: Equatable, Sendable {
  /// Kinds, in the order in which they are drawn: a later one covers an earlier one.
  public enum Kind: String, CaseIterable, Sendable {
    /// The venue is closed.
    case closed = "c"
    /// A call auction: orders are collected, nothing trades.
    case auction = "a"
    /// Observation was interrupted.
    case gap = "g"
    /// Trades are missing though observation went on.
    case loss = "l"
  }

  /// Its kind.
  public let kind: Kind
  /// Its columns on the picture's `DayAxis`.
  public let columns: Range<Int>

  /// Makes a band.
  public init(_ kind: Kind, _ columns: Range<Int>) {
    self.kind = kind
    self.columns = columns
  }
}
