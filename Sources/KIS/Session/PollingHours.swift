import Market

/// When what is polled can change at all. Pure: the time is a parameter.
public struct PollingHours: Sendable {
  /// When polled feeds are asked.
  public enum Mode: String, Sendable {
    /// Around the clock.
    case all
    /// Only while their venue is not closed.
    case market
  }

  /// The last prints of a session are polled for so long after its end, milliseconds.
  public static let late: Int64 = 60_000

  /// The days and hours.
  public let calendar: MarketCalendar
  private let mode: Mode
  private var closed: Set<MarketPlace> = []
  private var opened: Set<MarketPlace> = []
  private var next = Int64.min
  private var looked = Int64.min

  /// Hours by `calendar`.
  public init(_ mode: Mode, _ calendar: MarketCalendar) {
    self.mode = mode
    self.calendar = calendar
  }

  /// When to look again, epoch milliseconds: when something opens or closes, but once a minute at least, for the wall
  /// clock may be set. Nil where hours play no part.
  public var wake: Int64? { mode == .market ? next : nil }

  /// Whether it is time to look at the clock.
  public func isDue(at wall: Int64) -> Bool { mode == .market && (wall >= next || wall < looked) }

  /// Looks at the clock, epoch milliseconds. True when venues have opened or closed since the last look.
  public mutating func look(at wall: Int64) -> Bool {
    guard isDue(at: wall) else { return false }
    looked = wall
    next = wall + 60_000
    let before = closed
    closed = []
    for place in MarketPlace.all {
      let session = calendar.session(at: wall, place.venue, place.listing)
      next = min(next, session.end)
      let earlier = calendar.session(at: wall - Self.late, place.venue, place.listing)
      if session.phase == .closed && earlier.phase == .closed { closed.insert(place) }
    }
    opened = before.subtracting(closed)
    return closed != before
  }

  /// Whether it is asked for now, as of the last look.
  public func polls(_ instrument: Instrument) -> Bool {
    closed.isEmpty || polls(MarketPlace(instrument))
  }

  /// Whether what trades there is asked for now, as of the last look.
  public func polls(_ place: MarketPlace) -> Bool { !closed.contains(place) }

  /// Whether its venue has opened at the last look that changed something.
  public func hasOpened(_ instrument: Instrument) -> Bool {
    opened.contains(MarketPlace(instrument))
  }

  /// When the first of `places` opens, epoch milliseconds; nil when no opening is known.
  public func opening(of places: some Sequence<MarketPlace>, after wall: Int64) -> Int64? {
    places.compactMap { calendar.opening(after: wall, $0.venue, $0.listing) }.min()
  }

  /// The value of a snapshot's `session`; nil where it is not known.
  public func session(of instrument: Instrument, at wall: Int64) -> String? {
    calendar.session(at: wall, instrument.venue, instrument.listing).label
  }
}
