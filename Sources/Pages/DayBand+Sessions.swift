import Market
import Plumbing

extension DayBand {
  /// What of a day's sessions is not trading: closed hours and call auctions. Contracts trade in the pauses of shares.
  public static func hours(_ sessions: [Session], _ listing: Listing, _ axis: DayAxis) -> [DayBand] {
    sessions.compactMap { session in
      let kind: Kind
      switch session.phase {
      case .closed: kind = .closed
      case .opening, .closing: kind = .auction
      case .pause where session.isSure && listing.hasShareHours: kind = .closed
      case .pre, .regular, .pause, .after: return nil
      }
      let midnight = KST.midnight(before: session.start)
      return axis.columns(
        from: (session.start - midnight) / .minutes(1),
        to: (session.end - midnight + .milliseconds(59_999)) / .minutes(1)
      ).map { DayBand(kind, $0) }
    }
  }
}
