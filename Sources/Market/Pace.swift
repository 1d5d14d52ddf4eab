import Glibc

/// How densely the records of one feed come in one session: what silence of it is plausible.
///
/// Time is seen in steps of a few seconds, each with a record or without. So a burst counts once, and what is asked is
/// how long this very list may be silent, today, in this session: yesterday's pace says nothing on a holiday that the
/// calendar does not know.
public struct Pace: Equatable, Sendable {
  /// Seconds that it was watched in this session.
  public var watched = 0.0
  /// Of these, seconds in steps that held a record.
  public var busy = 0.0
  /// Minutes that held a record: appearances at least a minute apart, so that a burst is one or two.
  public var minutes = 0.0
  /// Records in this session.
  public var records = 0.0
  /// The longest silence that a record ended, seconds.
  public var longest = 0.0
  /// Seconds without a record until now.
  public var silence = 0.0
  /// Records a second lately, in about a minute before the present silence.
  public var rate = 0.0

  private var minuteEnds = 0.0

  /// Nothing watched yet.
  public init() {}

  /// Adds a step of `seconds` and its number of records.
  public mutating func note(seconds: Double, records count: Int) {
    guard seconds > 0 else { return }
    watched += seconds
    records += Double(count)
    if count > 0 {
      busy += seconds
      if minutes == 0 || watched >= minuteEnds {
        minutes += 1
        minuteEnds = watched + 60
      }
      let span = silence + seconds
      let kept = exp(-span / Self.lately)
      rate = rate * kept + Double(count) / span * (1 - kept)
      longest = max(longest, silence)
      silence = 0
    } else {
      silence += seconds
    }
  }

  /// Unwatched time does not count as silence.
  public mutating func interrupt() { silence = 0 }

  /// Nothing is plausibly less: a volatility interruption keeps one symbol in a call auction for up to two and a half
  /// minutes, seconds.
  static let floor = 180.0
  /// The same where that would have to happen to many symbols at once.
  static let floorOfMany = 60.0
  /// The same of one symbol alone, which may be halted: half an hour for a disclosure, and the call auction after it.
  static let floorOfOne = 2700.0
  /// From how many symbols on.
  static let many = 10.0
  /// How unlikely a silence must be.
  private static let surprise = 13.8  // one in a million
  /// A list is taken to be silent for two hours before it has shown what it is.
  private static let prior = 7200.0
  /// What `rate` is a mean of, seconds.
  private static let lately = 60.0

  /// How long it may be silent, seconds, when `symbols` are watched; nil: for ever, as it has not shown any pace.
  public func plausibleSilence(symbols: Double) -> Double? {
    guard minutes > 0 else { return nil }
    let floor = symbols >= Self.many ? Self.floorOfMany : symbols < 2 ? Self.floorOfOne : Self.floor
    let least = max(floor, 5 * longest)
    let isDense =
      busy >= 0.9 * (watched - silence) && watched - silence >= (symbols >= Self.many ? 600 : 1800)
    if isDense { return least }
    return max(least, (watched - silence + Self.prior) * expm1(Self.surprise / minutes))
  }

  /// How long not even PINGPONG may come, seconds; nil where only the server's own cadence tells.
  ///
  /// Of two symbols or more whose records have come without a pause for a while, which a burst at the opening is not:
  /// the time of forty records.
  public func plausibleDeafness(symbols: Double) -> Double? {
    guard symbols >= 2, rate > 0.2, watched - silence >= 20, busy >= 0.9 * (watched - silence) else {
      return nil
    }
    return max(8, 40 / rate)
  }
}
