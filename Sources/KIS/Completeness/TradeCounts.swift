import Completeness
import Plumbing

/// What was verified and what is missing on one channel, since the start of the process. All but the recent ones only grow.
public struct TradeCounts: Sendable {
  /// Trades whose totals rose by them and nothing else.
  public internal(set) var verified: Int64 = 0
  /// Shares of all trades that came, each once.
  public internal(set) var shares: Int64 = 0
  /// Trades and shares that are missing, by cause (`LossCause`); of one that takes back, those that are not.
  var missedTrades = [Int64](repeating: 0, count: LossCause.allCases.count)
  var missedShares = [Int64](repeating: 0, count: LossCause.allCases.count)
  /// Records that came again.
  public internal(set) var duplicates: Int64 = 0
  /// Records after which the totals were lower.
  public internal(set) var reversals: Int64 = 0
  /// Records of which nothing can be said.
  public internal(set) var unverifiable: Int64 = 0
  /// Trades and shares of the last five to ten minutes, and what of them is missing.
  public private(set) var recent = Recent()

  /// The last minutes.
  public struct Recent: Sendable {
    /// Half of the time looked back upon.
    static let half: Milliseconds = .minutes(5)

    private var since: Milliseconds?
    private var shares: (Int64, Int64) = (0, 0)
    private var missed: (Int64, Int64) = (0, 0)
    private var sharesThen: Int64 = 0

    /// Shares that are missing.
    public var missedShares: Int64 { missed.0.plus(missed.1) }
    /// Shares that came, by the count of all at this moment.
    func shares(now: Int64) -> Int64 { shares.1.plus(now.minus(sharesThen)) }

    mutating func miss(_ count: Int64) { missed.0.add(count) }

    /// Forgets what is too old at `time`; `now` is the count of all shares.
    mutating func turn(_ time: Milliseconds, now: Int64) {
      guard let begun = since else { return since = time }
      guard time - begun >= Self.half else { return }
      let isOld = time - begun >= Self.half * 2
      shares.1 = isOld ? 0 : now.minus(sharesThen)
      missed = (0, isOld ? 0 : missed.0)
      sharesThen = now
      since = time
    }
  }

  /// Shares that came in the last minutes.
  public var recentShares: Int64 { recent.shares(now: shares) }

  /// Trades that are missing by a cause; of one that takes back, those that are not.
  public func missedTrades(by cause: LossCause) -> Int64 { missedTrades[cause.place] }
  /// Shares of these.
  public func missedShares(by cause: LossCause) -> Int64 { missedShares[cause.place] }

  /// Trades that are missing.
  public var missing: Loss {
    var sum = Loss(trades: 0, shares: 0, value: nil)
    for cause in LossCause.allCases {
      let loss = Loss(trades: missedTrades[cause.place], shares: missedShares[cause.place], value: nil)
      if cause.takesBack { sum -= loss } else { sum += loss }
    }
    return sum
  }

  /// Adds a loss; one that is less than nothing takes back. What an outage cost is told by the outage: it is not among the
  /// recent ones.
  mutating func miss(_ loss: Loss, _ cause: LossCause) {
    missedTrades[cause.place].add(Int64(clamping: loss.trades.magnitude))
    missedShares[cause.place].add(Int64(clamping: loss.shares.magnitude))
    if cause != .gap { recent.miss(loss.shares) }
  }

  /// Adds what another channel counted; the recent ones are not added.
  mutating func add(_ other: TradeCounts) {
    verified += other.verified
    shares.add(other.shares)
    duplicates += other.duplicates
    reversals += other.reversals
    unverifiable += other.unverifiable
    for place in missedTrades.indices {
      missedTrades[place].add(other.missedTrades[place])
      missedShares[place].add(other.missedShares[place])
    }
  }

  /// Forgets minutes that are over at `time`.
  mutating func turn(_ time: Milliseconds) { recent.turn(time, now: shares) }
}

extension LossCause {
  /// Its place in a table.
  var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
