import Plumbing

/// What a venue does at a time of the day.
public enum Phase: String, CaseIterable, Sendable {
  /// Nothing: night, weekend, holiday.
  case closed
  /// Continuous trading before the exchange opens (NXT).
  case pre
  /// The call auction before the open: orders come in, nothing is printed until its end.
  case opening
  /// Continuous trading.
  case regular
  /// The call auction before the close: nothing is printed until its end.
  case closing
  /// Between two sessions: a late print may come, none is due.
  case pause
  /// Continuous trading after the close.
  case after

  /// Whether trades are printed one by one.
  public var isContinuous: Bool { self == .pre || self == .regular || self == .after }

  /// The value of a snapshot's `session`, in the words of MARKET_CLS_CODE as far as it has them; both call auctions
  /// have its word, `pre` and `closing`.
  public var label: String {
    switch self {
    case .pre, .opening: "pre"
    case .closed, .regular, .closing, .pause, .after: rawValue
    }
  }
}

/// One phase of one day.
public struct Session: Equatable, Sendable {
  /// What the venue does.
  public let phase: Phase
  /// When it began; for a closed venue at the earliest this midnight.
  public let start: Milliseconds
  /// When it ends; for a closed venue at the latest the next midnight.
  public let end: Milliseconds
  /// False on a day of which it is not known whether the market opens: what comes is observed, nothing is missed.
  public let isSure: Bool

  /// A session.
  public init(_ phase: Phase, start: Milliseconds, end: Milliseconds, isSure: Bool = true) {
    self.phase = phase
    self.start = start
    self.end = end
    self.isSure = isSure
  }

  /// The value of a snapshot's `session`; nil where it is not known.
  public var label: String? { isSure || phase == .closed ? phase.label : nil }
}

/// What a feed delivers while it is observed.
public enum Expectation: Sendable {
  /// Nothing is due; what comes is taken.
  case nothing
  /// Records, at the pace of what is watched.
  case byPace
  /// An answer to every question.
  case always
}

/// The kinds of feeds that differ in when records are due.
public enum FeedKind: String, CaseIterable, Sendable {
  /// Real-time trades.
  case trades
  /// Real-time order books.
  case book
  /// Real-time expected prices of call auctions.
  case expected
  /// Whatever is asked for over REST.
  case polled

  /// The kind of the feed of this name; nil for one that the table does not have.
  public init?(feed name: String) {
    switch name {
    case "price", "multi": self = .polled
    default: self.init(rawValue: name)
    }
  }

  /// Feed × session: trades print nothing in call auctions, books and expected prices do, REST always answers.
  public func expectation(in phase: Phase) -> Expectation { Self.table[self]?[phase] ?? .nothing }

  private static let table: [FeedKind: [Phase: Expectation]] = [
    .trades: [.pre: .byPace, .regular: .byPace, .after: .byPace],
    .book: [.pre: .byPace, .opening: .byPace, .regular: .byPace, .closing: .byPace, .after: .byPace],
    .expected: [.opening: .byPace, .closing: .byPace],
    .polled: [
      .pre: .always, .opening: .always, .regular: .always, .closing: .always, .pause: .always,
      .after: .always,
    ],
  ]
}
