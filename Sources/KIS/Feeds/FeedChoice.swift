/// Which feeds of an instrument are observed, and why others are not. Pure.
public struct FeedChoice: Sendable {
  /// What is observed.
  public private(set) var feeds: [Feed] = []
  /// Why each of the others is not, with the way out.
  public private(set) var reasons: [String] = []

  /// - Parameters:
  ///   - asked: what the line asks for, or what is asked of all.
  ///   - profile: what the servers at hand do.
  public init(_ instrument: Instrument, _ asked: [Feed], _ profile: Profile) {
    let isKRX = instrument.venue == .krx
    for feed in asked {
      let name = "\(instrument.product.rawValue) has no feed \(feed.rawValue)"
      if feed.isPolled {
        if !FeedTable.isPolled(instrument.product) {
          reasons.append("\(name): no REST call serves it; kis-fetch --list-feeds shows what it has")
        } else if !isKRX && !profile.servesOtherVenues {
          reasons.append(
            "venue \(instrument.venue.rawValue) is not served by --env \(profile.environment) over REST")
        } else {
          feeds.append(feed)
        }
      } else if let channel = Channel(of: instrument, feed) {
        if channel.row.isRealOnly && profile.environment == .virtual {
          reasons.append("\(channel) (\(feed.rawValue) of \(instrument.market)) is served by --env real only")
        } else {
          feeds.append(feed)
        }
      } else {
        reasons.append(
          "\(name) at \(instrument.market) for this key; kis-fetch --list-feeds shows what it has")
      }
    }
  }
}
