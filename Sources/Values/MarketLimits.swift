import Plumbing

/// The limits of the rules. At a limit nothing is said; times say from when on.
public struct MarketLimits: Sendable {
  /// `SPREAD`: percent of the mean of bid and ask.
  public var spreadPercent = Amount(10)
  /// `DAY_LIMIT` of shares: percent of the close before.
  public var dayFlagPercent = Amount(30)
  /// The same, for a block.
  public var dayBlockPercent = Amount(50)
  /// `DAY_LIMIT` of ETF and ETN, some of which are leveraged.
  public var fundDayFlagPercent = Amount(60)
  /// The same, for a block.
  public var fundDayBlockPercent = Amount(100)
  /// `STEP`: percent of the trade before; what is within it is the same level.
  public var stepFlagPercent = Amount(5)
  /// The same, for a block.
  public var stepBlockPercent = Amount(10)
  /// `TIME_BACK`: from so much on.
  public var timeBackIgnore = Amount(1)
  /// The same, for a block.
  public var timeBackBlock = Amount(10)
  /// `FUTURE`: more than so much.
  public var future = Amount(5)
  /// `VOLUME_BURST`: times the mean of the day.
  public var burstTimes = Amount(10)
  /// From how many trades on a mean says something.
  public var burstTrades = Amount(20)
  /// `STALE`: from so much on.
  public var stale = Amount(60)
  /// And so many trades.
  public var staleTrades = Amount(10)

  /// The limits of the contract.
  public init() {}

  /// Whether a time is so far ahead of another one that it cannot be.
  @inline(__always)
  func isFuture(_ time: Milliseconds, at other: Milliseconds) -> Bool {
    (time - other).count > future.asMilliseconds
  }

  /// Of a first day (KIS.md: −40 % to +300 % of the reference price), percent.
  static let firstDayFall = Amount(40)
  static let firstDayRise = Amount(300)
}

extension Amount {
  /// Seconds as milliseconds, the rest cut off.
  @inline(__always) var asMilliseconds: Int64 { millionths / 1000 }

  /// Whether this limit, a percentage of `base` (above zero), is below `part`.
  @inline(__always)
  func isExceeded(by part: Int128, of base: Int128) -> Bool { part * 100_000_000 > wide * base }
}
