import Foundation
import TestSupport

/// What the market does, second by second, written from the exchange's rules (KIS.md 0, 0.1, 2.3): it does not know
/// the calendar of the program. Times are seconds from midnight.
struct MarketModel {
  /// A day of the market.
  enum Day: String, CaseIterable {
    case regular, opening10, exam, unconfirmedOpen, unconfirmedClosed, unknownHoliday, weekend, holiday,
      yearEnd

    /// Whether anything trades.
    var isOpen: Bool {
      switch self {
      case .regular, .opening10, .exam, .unconfirmedOpen: true
      case .unconfirmedClosed, .unknownHoliday, .weekend, .holiday, .yearEnd: false
      }
    }
    /// KRX's regular session.
    var session: (open: Double, close: Double) {
      switch self {
      case .opening10: (36_000, 55_800)
      case .exam: (36_000, 59_400)
      default: (32_400, 55_800)
      }
    }
  }

  /// What somebody watches.
  enum List: String, CaseIterable {
    case liquid, moderate, illiquid, burst, volatile, etf, nxt, unified, book, tradesAndBook, rest, restNXT

    var symbols: Int {
      switch self {
      case .liquid, .tradesAndBook: 40
      case .moderate, .etf: 12
      case .illiquid, .burst, .volatile: 1
      case .nxt, .unified, .book, .rest, .restNXT: 20
      }
    }
    /// Trades a second of all symbols together, at the day's mean.
    var rate: Double {
      switch self {
      case .liquid, .tradesAndBook: 12
      case .moderate: 0.1
      case .illiquid: 0.0006
      case .burst: 0.0003
      case .volatile: 3
      case .etf: 4
      case .nxt: 2
      case .unified: 6
      case .book: 15
      case .rest, .restNXT: 0
      }
    }
    var isPolled: Bool { self == .rest || self == .restNXT }
    /// Whether its silence can be told from a dead one: it has a pace.
    var isDense: Bool {
      switch self {
      case .liquid, .volatile, .etf, .nxt, .unified, .book, .tradesAndBook: true
      case .moderate, .illiquid, .burst, .rest, .restNXT: false
      }
    }
  }

  let day: Day
  let list: List
  private var generator: SeededGenerator
  private var mood = 0.0
  private var moodUntil = -1.0
  private var haltUntil = -1.0
  private var lateClose: Double

  init(_ day: Day, _ list: List, seed: UInt64) {
    self.day = day
    self.list = list
    generator = SeededGenerator(seed: seed)
    // The closing auction ends at random within half a minute.
    lateClose = Double.random(in: 0...30, using: &generator)
  }

  /// Where trades are printed one by one at `second`: on KRX, on NXT.
  func trading(_ second: Double) -> (krx: Bool, nxt: Bool) {
    guard day.isOpen else { return (false, false) }
    let (open, close) = day.session
    // Not in the call auctions; the after-market from 16:00 on, half an hour after the close. ETFs have none.
    let krx =
      second >= open && second < close - 600
      || second >= close + 1800 && second < 72_000 && list != .etf
    // Pre-market only where KRX opens at nine; half a minute behind KRX; not in its closing auction.
    let nxt =
      day.session.open == 32_400 && second >= 28_800 && second < 31_800
      || second >= open + 30 && second < close - 600 || second >= close + 600 && second < 72_000
    return (krx, nxt)
  }

  /// Trades and books that come in the `step` seconds from `second` on.
  mutating func records(_ second: Double, step: Double) -> (trades: Int, books: Int) {
    let open = trading(second)
    let isTrading =
      switch list {
      case .nxt: open.nxt
      case .unified: open.krx || open.nxt
      case .rest, .restNXT: false
      default: open.krx
      }
    var trades = 0
    if isTrading, !isHalted(second) { trades = count(list.rate * intensity(second) * step) }
    let (opens, closes) = (day.session.open, day.session.close + lateClose)
    if day.isOpen, list != .nxt, !list.isPolled {
      // The prints that end the call auctions, one a symbol; the first minute of a small share, and then nothing.
      if (opens..<opens + step).contains(second) || (closes - step..<closes).contains(second) {
        trades += list == .illiquid ? 0 : list.symbols
      }
      if list == .burst, (opens..<opens + 60).contains(second) { trades += 4 }
    }
    guard list == .book || list == .tradesAndBook else { return (trades, 0) }
    let isAuction =
      day.isOpen
      && (second >= opens - 1800 && second < opens
        || second >= day.session.close - 600 && second < day.session.close)
    let books = isTrading || isAuction ? count(15 * intensity(second) * step) : 0
    return (list == .book ? 0 : trades, books)
  }

  /// A volatility interruption: one symbol in a call auction of its own for two minutes and up to half a minute more.
  private mutating func isHalted(_ second: Double) -> Bool {
    guard list == .volatile else { return false }
    if second > haltUntil, Double.random(in: 0...1, using: &generator) < 0.0008 {
      haltUntil = second + 120 + Double.random(in: 0...30, using: &generator)
    }
    return second < haltUntil
  }

  /// Much at the open and the close, less at noon, ever less in the evening; quiet and lively quarters of an hour.
  private mutating func intensity(_ second: Double) -> Double {
    if second >= moodUntil {
      moodUntil = second + Double.random(in: 60...900, using: &generator)
      mood = Double.random(in: -0.7...0.7, using: &generator)
    }
    let (open, close) = day.session
    let shape: Double
    if second >= close {
      shape = exp(-(second - close) / 4800)
    } else if second < open {
      shape = 0.3
    } else {
      shape = 0.5 + 3 * exp(-(second - open) / 1200) + exp((second - close) / 1200)
    }
    return shape * exp(mood)
  }

  /// A number with this mean; small shares trade in clusters.
  private mutating func count(_ mean: Double) -> Int {
    if mean > 30 {
      let spread = Double.random(in: -1.7...1.7, using: &generator)
      return max(0, Int(mean + spread * mean.squareRoot()))
    }
    var (product, events, limit) = (1.0, -1, exp(-mean))
    repeat {
      product *= Double.random(in: 0..<1, using: &generator)
      events += 1
    } while product > limit
    limit = 0
    guard list == .illiquid || list == .burst || list == .moderate else { return events }
    return (0..<events).reduce(0) { sum, _ in sum + Int.random(in: 1...6, using: &generator) }
  }
}
