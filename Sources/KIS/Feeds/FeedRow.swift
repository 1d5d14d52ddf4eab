import Market

/// One channel of KIS: a row of the feed table.
public struct FeedRow: Sendable {
  /// What a channel cannot do.
  struct Limits: OptionSet {
    let rawValue: UInt8
    /// The servers for virtual trading do not serve it.
    static let realOnly = Limits(rawValue: 1)
    /// The exchange wants a paid subscription: without it registration answers OPSP0009 `mci send failed`.
    static let paid = Limits(rawValue: 2)
    /// No REST call stands in when the registrations are full.
    static let noStandIn = Limits(rawValue: 4)
  }

  /// The TR id: eight characters.
  public let transactionID: String
  /// What is observed.
  public let product: Product
  /// How.
  public let feed: Feed
  /// Where.
  public let venue: Venue
  /// A key of the right form.
  public let example: String
  /// The form of its keys.
  let key: KeyForm
  /// Exchanges that stand in its keys (overseas shares); empty: any.
  let exchanges: [String]
  let limits: Limits
  private let makeLayouts: @Sendable () -> [FeedLayout]

  init(
    _ transactionID: String, _ product: Product, _ feed: Feed, _ venue: Venue, _ key: KeyForm,
    _ example: String, _ limits: Limits = [], exchanges: [String] = [],
    layouts: @escaping @Sendable () -> [FeedLayout]
  ) {
    self.transactionID = transactionID
    self.product = product
    self.feed = feed
    self.venue = venue
    self.key = key
    self.example = example
    self.limits = limits
    self.exchanges = exchanges
    makeLayouts = layouts
  }

  /// The newest layout, then those of another order, each shorter than the one before. They are made anew each time: a run
  /// sees a few channels of fifty.
  var layouts: [FeedLayout] { makeLayouts() }
  /// Names of the columns as far as they are known, in the exchange's spelling.
  public var columnNames: [String] { layouts[0].columns.names }
  /// The smallest record that this program understands.
  var minimum: Int { layouts[layouts.count - 1].minimum }
  /// Only the servers for real trading serve it.
  public var isRealOnly: Bool { limits.contains(.realOnly) }
  /// Its exchange wants a paid subscription.
  public var isPaid: Bool { limits.contains(.paid) }
  /// A REST call stands in for a registration without room.
  public var hasStandIn: Bool { !limits.contains(.noStandIn) }

  /// What to add when the server cannot take a registration for a moment; empty where that needs no explanation.
  public var postponed: String {
    isPaid
      ? "; \(feed.rawValue) of \(product.rawValue) may need a paid subscription of its exchange (CME, SGX)"
      : ""
  }

  /// Whether it serves a product.
  func serves(_ other: Product) -> Bool { product == other || product == other.base }

  /// Whether this can be one of its keys.
  public func takes(_ symbol: String) -> Bool {
    key.holds(symbol) && (exchanges.isEmpty || exchanges.contains(String(symbol.dropFirst().prefix(3))))
  }
}
