import Market

/// Where an order is matched.
public typealias Venue = Market.Venue

extension Venue {
  /// `FID_COND_MRKT_DIV_CODE` of the REST calls: `J`, `NX`, `UN`.
  public var divisionCode: String {
    switch self {
    case .krx: "J"
    case .nxt: "NX"
    case .unified: "UN"
    }
  }
}

/// One real-time channel of KIS: what is sent, and from which venue.
public struct Channel: Hashable, Sendable, CustomStringConvertible {
  /// What a record tells.
  public enum Kind: Hashable, Sendable, CaseIterable {
    /// One trade.
    case trades
    /// The order book, ten levels a side.
    case book
  }

  /// What a record tells.
  public let kind: Kind
  /// Where it comes from.
  public let venue: Venue

  /// All six channels.
  public static let all = Kind.allCases.flatMap { kind in Venue.allCases.map { Channel(kind, $0) } }

  /// Names a channel.
  public init(_ kind: Kind, _ venue: Venue) {
    self.kind = kind
    self.venue = venue
  }

  /// The channel with this TR id, or nil.
  public init?(transactionID: String) {
    guard let match = Self.all.first(where: { $0.transactionID == transactionID }) else { return nil }
    self = match
  }

  /// The TR id: `H0STCNT0`, `H0STASP0`, `H0NXCNT0`, `H0NXASP0`, `H0UNCNT0`, `H0UNASP0`.
  public var transactionID: String {
    let market =
      switch venue {
      case .krx: "ST"
      case .nxt: "NX"
      case .unified: "UN"
      }
    return "H0\(market)\(kind == .trades ? "CNT" : "ASP")0"
  }

  /// The TR id.
  public var description: String { transactionID }

  /// 0...5, for tables.
  var index: Int { (kind == .trades ? 0 : 3) + (venue == .krx ? 0 : venue == .nxt ? 1 : 2) }

  /// As `init(transactionID:)`, from the eight bytes of a frame, read as one little-endian word.
  @inline(__always)
  init?(word: UInt64) {
    let market: Venue
    switch UInt16(truncatingIfNeeded: word >> 16) {
    case 0x5453: market = .krx
    case 0x584E: market = .nxt
    case 0x4E55: market = .unified
    default: return nil
    }
    switch word & 0xFFFF_FFFF_0000_FFFF {
    case 0x3054_4E43_0000_3048: self.init(.trades, market)
    case 0x3050_5341_0000_3048: self.init(.book, market)
    default: return nil
    }
  }

  /// The smallest record this program understands; a shorter one has lost fields it reads by position.
  var minimumStride: Int { kind == .trades ? 46 : 59 }

  /// Fields of the newest layout known (KIS notice 2026-09-09 and workbook 2026-09-11).
  var newestStride: Int {
    switch (kind, venue) {
    case (.trades, _): 47
    case (.book, .krx): 63
    case (.book, .nxt): 62
    case (.book, .unified): 66
    }
  }

  /// Whether records of this length have been described or seen, with the known prefix in its place.
  func isKnown(stride: Int) -> Bool {
    switch (kind, venue) {
    case (.trades, _): stride == 46 || stride == 47
    case (.book, .krx): stride == 59 || stride == 62 || stride == 63
    case (.book, .nxt): stride == 59 || stride == 62
    case (.book, .unified): stride == 59 || stride == 66
    }
  }
}
