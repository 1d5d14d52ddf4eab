import Market
import Plumbing

/// When what is polled can change at all. Pure: the time is a parameter.
public struct PollingHours: Sendable {
  /// When polled feeds are asked.
  public enum Mode: String, Sendable {
    /// Around the clock.
    case all
    /// Only while their venue is not closed.
    case market
  }

  /// The last prints of a session are polled for so long after its end.
  public static let late: Milliseconds = .minutes(1)

  /// The days and hours.
  public let calendar: MarketCalendar
  private let mode: Mode
  private var closed: Set<MarketPlace> = []
  private var opened: Set<MarketPlace> = []
  private var next = Milliseconds.min
  private var looked = Milliseconds.min

  /// Hours by `calendar`.
  public init(_ mode: Mode, _ calendar: MarketCalendar) {
    self.mode = mode
    self.calendar = calendar
  }

  /// When to look again: when something opens or closes, but once a minute at least, for the wall
  /// clock may be set. Nil where hours play no part.
  public var wake: Milliseconds? { mode == .market ? next : nil }

  /// Whether it is time to look at the clock.
  public func isDue(at wall: Milliseconds) -> Bool { mode == .market && (wall >= next || wall < looked) }

  /// Looks at the clock. True when venues have opened or closed since the last look.
  public mutating func look(at wall: Milliseconds) -> Bool {
    guard isDue(at: wall) else { return false }
    looked = wall
    next = wall + .minutes(1)
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

  /// When the first of `places` opens; nil when no opening is known.
  public func opening(of places: some Sequence<MarketPlace>, after wall: Milliseconds) -> Milliseconds? {
    places.compactMap { calendar.opening(after: wall, $0.venue, $0.listing) }.min()
  }

  /// The value of a snapshot's `session`; nil where it is not known.
  public func session(of instrument: Instrument, at wall: Milliseconds) -> String? {
    calendar.session(at: wall, instrument.venue, instrument.listing).label
  }
}
