import Board
import KIS
import Plumbing

/// Keeps the board of the day: what the live page shows of the watched symbols.
///
/// Trades are not noted one by one: every few seconds the ledger is asked how far it is, and what it grew by belongs to
/// this minute. So a tick costs nothing here. Answers of polled feeds and gaps are noted as they come.
struct BoardKeeper {
  /// What tells a symbol from the others in the file.
  private struct Key: Hashable {
    let symbol: String, product: String, venue: String

    init(_ symbol: BoardSymbol) {
      (self.symbol, product, venue) = (symbol.symbol, symbol.product, symbol.venue)
    }

    init(_ instrument: Instrument) {
      (symbol, product, venue) = (instrument.symbol, instrument.product.rawValue, instrument.market)
    }
  }

  private(set) var board: Board
  private var rows: [Instrument: Int] = [:]
  /// What the board counted before this process began, for symbols that it watches again.
  private var base: [Key: BoardSymbol] = [:]
  private var open: [Subject: (reason: GapReason, from: Milliseconds)] = [:]
  private var snapshots = 0
  /// Gaps of symbols that are not listed as yet.
  private var waiting: [GapRecord] = []
  private static let mostWaiting = 1000
  /// Between two samples of the time to capture: more than a second, for trades have whole seconds, and samples a second apart
  /// would all be of one moment in theirs.
  private static let sampling: Nanoseconds = .milliseconds(1037)
  /// Before another record is looked at, where one was no trade.
  private static let soon: Nanoseconds = .milliseconds(100)
  /// When a time to capture is next sampled, monotonic.
  private(set) var captureDue: Nanoseconds = .zero

  /// Goes on from the board that the process before left on this day; one that is not `kept` samples nothing.
  init(_ text: [UInt8]?, at now: Milliseconds, isKept: Bool = true) {
    if !isKept { captureDue = .max }
    board = Board(date: Self.date(now))
    guard let text, let old = Board(json: text), old.date == board.date else { return }
    board = old
    // From its last word to this one nobody observed.
    if now > Milliseconds(old.written) {
      let gap = Self.minutes(Milliseconds(old.written), now)
      board.outages.insert(gap)
      for index in board.symbols.indices { board.symbols[index].gaps.insert(gap) }
    }
    for index in board.symbols.indices {
      (board.symbols[index].gap, board.symbols[index].gapSince) = (nil, nil)
      base[Key(board.symbols[index])] = board.symbols[index]
    }
  }

  /// Lists the symbols that are watched now, the first `Board.most` of them, and begins a new day at midnight.
  mutating func list(_ watchlist: Watchlist, at now: Milliseconds) {
    var names: [Instrument: String] = [:]
    if board.date != Self.date(now) {
      // Names last longer than a day.
      names = rows.compactMapValues { board.symbols[$0].name }
      board = Board(date: Self.date(now))
      (rows, base) = ([:], [:])
    }
    var symbols: [BoardSymbol] = []
    var places: [Instrument: Int] = [:]
    for case let instrument? in watchlist.slots {
      if symbols.count == Board.most { break }
      places[instrument] = symbols.count
      var symbol =
        rows[instrument].map { board.symbols[$0] } ?? base[Key(instrument)]
        ?? BoardSymbol(
          symbol: instrument.symbol, product: instrument.product.rawValue, venue: instrument.market)
      if let name = watchlist.note(of: instrument).name { symbol.name = name }
      symbol.name = symbol.name ?? names[instrument]
      symbols.append(symbol)
    }
    board.symbols = symbols
    rows = places
    board.more = max(0, watchlist.count - symbols.count)
    for gap in waiting { mark(gap) }
    waiting = []
    board.written = now.count
  }

  /// The symbols, with their places.
  var instruments: [Instrument: Int] { rows }

  /// Notes how far the trades of a symbol are.
  mutating func note(_ state: TradeState, _ instrument: Instrument, at now: Milliseconds) {
    guard let row = rows[instrument] else { return }
    let before = base[Key(instrument)]
    var symbol = board.symbols[row]
    let minute = Self.minute(now)
    let trades = state.trades.plus(before?.trades ?? 0)
    symbol.note(records: Int(clamping: trades.minus(symbol.trades)), minute: minute)
    symbol.trades = max(symbol.trades, trades)
    symbol.shares = state.shares.plus(before?.shares ?? 0)
    symbol.missedTrades = state.missedTrades.plus(before?.missedTrades ?? 0)
    symbol.missedShares = state.missedShares.plus(before?.missedShares ?? 0)
    if symbol.startedAt == nil { symbol.startedAt = state.before }
    symbol.reported = max(0, (state.total ?? 0).minus(symbol.startedAt ?? 0))
    symbol.lastRecord = max(symbol.lastRecord ?? 0, state.seen.count)
    symbol.note(price: state.price, minute: Self.minute(state.seen))
    if symbol.previousClose == nil { symbol.previousClose = state.previousClose }
    board.symbols[row] = symbol
  }

  /// Notes how long a trade took from the exchange to here; nil: the record at hand is none, and another one is looked
  /// at soon.
  mutating func note(capture: Milliseconds?, at now: Nanoseconds) {
    captureDue = now + (capture == nil ? Self.soon : Self.sampling)
    if let capture { board.capture.add(capture.count) }
  }

  /// Notes an answer of a polled feed.
  mutating func note(_ quote: PolledQuote, _ instrument: Instrument, at now: Milliseconds) {
    guard let row = rows[instrument] else { return }
    board.symbols[row].note(records: 1, minute: Self.minute(now))
    board.symbols[row].note(price: quote.price, minute: Self.minute(now))
    board.symbols[row].lastRecord = now.count
    if let close = quote.previousClose { board.symbols[row].previousClose = close }
    if board.symbols[row].name == nil { board.symbols[row].name = quote.name }
  }

  /// Whether a symbol is shown without a name.
  func isNameless(_ instrument: Instrument) -> Bool {
    rows[instrument].map { board.symbols[$0].name == nil } ?? false
  }

  /// Notes what KIS calls a symbol.
  mutating func note(name: String, _ instrument: Instrument) {
    if isNameless(instrument), let row = rows[instrument] { board.symbols[row].name = name }
  }

  /// Notes that KIS does not tell names today.
  mutating func refuseNames() { board.namesRefused = true }

  /// Notes a gap, as it is told.
  mutating func note(_ gap: GapRecord) {
    if gap.reason != .missedTrades { open[gap.subject] = gap.isFinal ? nil : (gap.reason, gap.from) }
    if rows[gap.subject.instrument] != nil {
      mark(gap)
    } else if waiting.count < Self.mostWaiting {
      waiting.append(gap)
    }
  }

  private mutating func mark(_ gap: GapRecord) {
    guard let row = rows[gap.subject.instrument] else { return }
    let minutes = Self.minutes(gap.from, gap.to)
    if gap.reason == .missedTrades {
      board.symbols[row].losses.insert(minutes)
    } else {
      board.symbols[row].gaps.insert(minutes)
    }
  }

  /// Notes what is not observed now, and how many snapshots were written in all.
  mutating func note(snapshots count: Int, at now: Milliseconds) {
    board.note(records: count - snapshots, minute: Self.minute(now))
    snapshots = count
    for index in board.symbols.indices {
      (board.symbols[index].gap, board.symbols[index].gapSince) = (nil, nil)
    }
    for (subject, gap) in open.sorted(by: { $0.value.from < $1.value.from }) {
      guard let row = rows[subject.instrument], board.symbols[row].gapSince == nil else { continue }
      (board.symbols[row].gap, board.symbols[row].gapSince) = (gap.reason.rawValue, gap.from.count)
    }
    if !board.symbols.isEmpty, board.symbols.allSatisfy({ $0.gapSince != nil }),
      let since = board.symbols.compactMap(\.gapSince).max()
    {
      board.outages.insert(Self.minutes(Milliseconds(since), now))
    }
  }

  // MARK: - Minutes

  private static func date(_ now: Milliseconds) -> String { String(KST(now).iso.prefix(10)) }

  private static func minute(_ time: Milliseconds) -> Int {
    (time - KST.midnight(before: time)) / .minutes(1)
  }

  /// The minutes of the day of `to` from one time to another, at least one.
  private static func minutes(_ from: Milliseconds, _ to: Milliseconds) -> Range<Int> {
    let midnight = KST.midnight(before: to)
    let first = max(.zero, min(from, to) - midnight) / .minutes(1)
    return first..<(to - midnight) / .minutes(1) + 1
  }
}

/// What an answer of a polled feed says of a symbol, as far as the board shows it.
struct PolledQuote {
  let price: String
  var previousClose: Double?
  var name: String?
}
