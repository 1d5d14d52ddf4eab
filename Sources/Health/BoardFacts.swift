import Board
import Market
import Pages
import Plumbing

/// The watched symbols' day, as kis-fetch wrote it down, with the hours of their venues.
public struct BoardFacts: Equatable, Sendable {
  /// Symbols, their minutes and what is missing.
  public let board: Board
  /// The hours that are shown: those of trading, or the whole day when something was recorded at others.
  let axis: DayAxis
  /// Hours without trading, for each symbol: closed times and call auctions.
  let bands: [[DayBand]]

  /// kis-fetch writes the file every few seconds; one that is older than this says that kis-fetch does not observe.
  static let patience = Milliseconds.minutes(1)

  /// Columns in which every symbol's venue is closed.
  var closed: [Range<Int>] {
    let all = bands.map { $0.filter { $0.kind == .closed }.map(\.columns) }
    guard let first = all.first else { return [] }
    return all.dropFirst().reduce(first) { common, other in
      common.flatMap { one in other.map { one.clamped(to: $0) }.filter { !$0.isEmpty } }
    }
  }

  /// The largest file that is read: `Board.most` symbols of a busy day are a fifth of it.
  static let limit = 8 << 20

  /// A board, with the hours that `calendar` knows for the day of `wall`.
  public init(_ board: Board, _ calendar: MarketCalendar, at wall: Milliseconds) {
    self.board = board
    let day = KST.day(ofDate: board.date).map(KST.midnight(ofDay:)) ?? wall
    let (early, late) = (DayAxis.trading.first, DayAxis.trading.first + DayAxis.trading.columns)
    let isOdd = ([board.records] + board.symbols.map(\.records)).contains { records in
      records.prefix(early).contains { $0 > 0 } || records.dropFirst(late).contains { $0 > 0 }
    }
    let axis = isOdd ? DayAxis.whole : .trading
    self.axis = axis
    var known: [String: [DayBand]] = [:]
    bands = board.symbols.map { symbol in
      let venue = Venue(rawValue: symbol.venue) ?? .overseas
      let listing = Listing(product: symbol.product, symbol: symbol.symbol) ?? .other
      let key = "\(venue) \(listing)"
      if let bands = known[key] { return bands }
      let bands = DayBand.hours(calendar.sessions(ofDay: day, venue, listing), listing, axis)
      known[key] = bands
      return bands
    }
  }

  /// Reads `board.json` in the stages' folder. Nil where there is none, or none of this version.
  static func read(in folder: String, _ calendar: MarketCalendar, at wall: Milliseconds) -> BoardFacts? {
    SmallFile.text("\(folder)/\(Board.fileName)", limit: limit).flatMap { Board(json: Array($0.utf8)) }
      .map { BoardFacts($0, calendar, at: wall) }
  }
}
