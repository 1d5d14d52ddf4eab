import Market
import Plumbing

/// What is to be expected of the venues that are watched.
public struct MarketFacts: Equatable, Sendable {
  /// What they do now.
  public var sessions: [Venue: Session] = [:]
  /// Why nothing is expected whatever they do: `by --market`, `after --until`; also `weekend`, `holiday`,
  /// `outside trading hours`, where all of them are closed.
  public var closure: String?
  /// When the regular session of today ends.
  public var close = Milliseconds.max

  /// Continuous trading everywhere since a time.
  public static func open(since: Milliseconds) -> MarketFacts {
    let session = Session(.regular, start: since, end: .max)
    return MarketFacts(sessions: Dictionary(uniqueKeysWithValues: Venue.allCases.map { ($0, session) }))
  }

  /// Nothing is expected, and why.
  public static func closed(_ why: String) -> MarketFacts { MarketFacts(closure: why) }

  /// What the calendar says of `venues` now.
  public static func by(_ calendar: MarketCalendar, _ venues: Set<Venue>, at wall: Milliseconds)
    -> MarketFacts
  {
    let sessions = Dictionary(
      uniqueKeysWithValues: venues.map { ($0, calendar.session(at: wall, $0)) })
    var facts = MarketFacts(sessions: sessions, close: calendar.close(of: wall))
    if sessions.values.allSatisfy({ $0.phase == .closed }) {
      switch calendar.day(at: wall) {
      case .weekend: facts.closure = "weekend"
      case .holiday: facts.closure = "holiday"
      case .trading: facts.closure = "outside trading hours"
      }
    } else if sessions.values.allSatisfy({ !$0.isSure }) {
      facts.closure = "perhaps a holiday"
    }
    return facts
  }

  /// What a feed is to deliver from a venue now.
  ///
  /// - Parameter hours: those of what is watched there. Derivatives are due only while shares trade continuously, as they
  ///   surely do then too; of what trades at hours that are not known nothing is.
  func expectation(_ kind: FeedKind, _ venue: Venue, _ hours: Listing = .stock) -> Expectation {
    guard closure == nil, let session = sessions[venue], session.isSure else { return .nothing }
    switch hours {
    case .stock, .fund: return kind.expectation(in: session.phase)
    case .derivative: return session.phase == .regular ? kind.expectation(in: .regular) : .nothing
    case .other: return .nothing
    }
  }

  /// Whether a pipeline that ended in order at `ended` is missed: before the regular session is
  /// over, or when it ended before that. Who stops it later has seen the day.
  func misses(pipelineEndedAt ended: Milliseconds) -> Bool {
    guard closure == nil else { return false }
    return sessions.values.contains { session in
      guard session.isSure else { return false }
      return switch session.phase {
      case .pre, .regular, .closing: true
      case .after: ended < close
      case .closed, .opening, .pause: false
      }
    }
  }

  /// Whether trades are printed anywhere now.
  var isContinuous: Bool { closure == nil && sessions.values.contains { $0.isSure && $0.phase.isContinuous } }

  /// For a person: `closed (weekend)`, `regular session`, `KRX closing auction, NXT pause`.
  func words(korean: Bool) -> String {
    if let closure { return korean ? "휴장 (\(Self.korean(closure)))" : "closed (\(closure))" }
    let phases = Set(sessions.values.map(\.phase))
    if phases.count == 1, let phase = phases.first { return Self.words(phase, korean: korean) }
    return Venue.allCases.compactMap { venue in
      sessions[venue].map { "\(venue.rawValue) \(Self.words($0.phase, korean: korean))" }
    }.joined(separator: ", ")
  }

  private static func words(_ phase: Phase, korean: Bool) -> String {
    switch phase {
    case .closed: korean ? "장 마감" : "closed"
    case .pre: korean ? "프리마켓" : "pre-market"
    case .opening: korean ? "시가 단일가 (체결 없음)" : "opening auction (no trades)"
    case .regular: korean ? "정규장" : "regular session"
    case .closing: korean ? "종가 단일가 (체결 없음)" : "closing auction (no trades)"
    case .pause: korean ? "장 중간 휴지" : "pause between sessions"
    case .after: korean ? "애프터마켓" : "after-market"
    }
  }

  private static func korean(_ closure: String) -> String {
    switch closure {
    case "weekend": "주말"
    case "holiday": "휴일"
    case "outside trading hours": "거래 시간 외"
    case "perhaps a holiday": "휴장 여부 미확인"
    case "after --until": "--until 이후"
    default: closure
    }
  }
}
