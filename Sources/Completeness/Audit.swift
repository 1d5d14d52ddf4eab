import JSONBytes
import Market
import Plumbing

/// Goes through an archive's lines once and keeps, for every feed of every symbol and day, what was archived, what the
/// exchange reported and what is missing. Memory grows with symbols and days, not with lines.
public struct Audit: ~Copyable {
  let calendar: MarketCalendar
  private var line = AuditLine()
  private var table = SubjectTable()
  private var channels = SubjectTable()
  private(set) var subjects: [SubjectAudit] = []
  private(set) var trust: [ChannelTrust] = []
  /// The subject of the line before, and the capture time of its trade: two trades of a symbol that were captured in one
  /// moment came in one frame.
  private var frame: (subject: Int, time: Int64) = (-1, 0)
  /// Lines that are no snapshot and no record.
  public private(set) var malformed: Int64 = 0

  /// An audit that asks `calendar` for sessions.
  public init(calendar: MarketCalendar) { self.calendar = calendar }

  /// Takes a line; `text[count]` is a line feed.
  public mutating func take(_ text: UnsafePointer<UInt8>, count: Int) {
    guard line.read(text, count: count), let time = line.capture, line[.context] != nil else {
      malformed += 1
      return
    }
    if line.text(.event).elementsEqual("gap".utf8) { return noteGap(time) }
    // Other system lines are about the pipeline, not about a symbol.
    if line.text(.source).elementsEqual("system".utf8) { return }
    let feed = Feed(line)
    let tradeTime = feed == .trades ? line.tradeTime : nil
    let day = Self.day(tradeTime ?? time)
    let place = subject(day, feed)
    subjects[place].note(time: time, calendar)
    switch feed {
    case .trades: noteTrade(place, day, time, tradeTime)
    case .quotes: noteQuote(place)
    }
    if line[.raw] != nil { subjects[place].noteLayout(line.members(of: .raw)) }
  }

  /// Counts a line that could not even be read.
  public mutating func refuse() { malformed += 1 }

  /// What kinds of lines differ in how they are judged.
  private enum Feed {
    /// One trade a line.
    case trades
    /// Anything else: a state at a moment.
    case quotes

    init(_ line: borrowing AuditLine) {
      let name = line.text(.feed)
      let isTrade = name.isEmpty ? line[.size] != nil : name.elementsEqual("trades".utf8)
      self = isTrade ? .trades : .quotes
    }
  }

  private static func day(_ milliseconds: Int64) -> Int {
    Int((KST.midnight(before: milliseconds) + KST.offsetMilliseconds) / KST.dayMilliseconds)
  }

  /// The place of what the line is about.
  private mutating func subject(_ day: Int, _ kind: Feed) -> Int {
    let words = SubjectTable.Words(
      product: line.text(.product), market: line.text(.market), symbol: line.text(.symbol),
      feed: line.text(.feed))
    var isNew = false
    let place = table.place(day, words, isNew: &isNew)
    guard isNew else { return place }
    func text(_ bytes: UnsafeBufferPointer<UInt8>, else other: String) -> String {
      bytes.isEmpty ? other : String(decoding: bytes, as: UTF8.self)
    }
    // Archives from before 2026-11-26 do not name product and feed.
    let feed = kind == .trades ? "trades" : line[.bids] != nil ? "book" : "price"
    let key = SubjectKey(
      day: day, product: text(words.product, else: "stock"), market: text(words.market, else: "KRX"),
      symbol: text(words.symbol, else: ""), feed: text(words.feed, else: feed))
    let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var isNewChannel = false
    let channel = channels.place(
      day,
      SubjectTable.Words(product: words.product, market: words.market, symbol: nothing, feed: words.feed),
      isNew: &isNewChannel)
    if isNewChannel { trust.append(ChannelTrust()) }
    subjects.append(SubjectAudit(key, channel: channel))
    return place
  }

  private mutating func noteTrade(_ place: Int, _ day: Int, _ time: Int64, _ tradeTime: Int64?) {
    let side = line.text(.side)
    let price = line.decimal(.price)
    let size = line.whole(.size) ?? 0
    let sells = line.whole(.sells)
    let buys = line.whole(.buys)
    let totals = line.whole(.volume).map { shares in
      TradeTotals(
        shares: shares, value: line.whole(.value), sided: sells.flatMap { sells in buys.map { sells + $0 } })
    }
    let trade = Trade(
      day: day, price: price, size: size, isSided: !side.isEmpty, totals: totals)
    let verdict = subjects[place].ledger.judge(trade)
    if frame == (place, time) { trust[subjects[place].channel].note(verdict) }
    frame = (place, time)
    guard verdict != .duplicate, verdict != .reversal else { return }
    if let price { subjects[place].prices.add(price, size: size) }
    if let tradeTime { subjects[place].captureTimes.add(time - tradeTime) }
  }

  private mutating func noteQuote(_ place: Int) {
    if let bid = line.decimal(.bid), let ask = line.decimal(.ask), ask <= bid { subjects[place].crossed += 1 }
    if let limit = line.decimal(.upperLimit) { subjects[place].upperLimit = limit }
    if let limit = line.decimal(.lowerLimit) { subjects[place].lowerLimit = limit }
  }

  /// A gap counts once, at its end; one without a mark is from before gaps had one.
  private mutating func noteGap(_ time: Int64) {
    if let final = line[.final], !final.elementsEqual("true".utf8) { return }
    let feed = Feed(line)
    let place = subject(Self.day(time), feed)
    let reason = String(decoding: line.text(.reason).prefix(64), as: UTF8.self)
    let seconds = line.decimal(.seconds) ?? Decimal(0)
    let milliseconds = seconds.milliseconds
    guard subjects[place].gaps[reason] != nil || subjects[place].gaps.count < 32 else { return }
    subjects[place].gaps[reason, default: SubjectAudit.Gaps()].add(milliseconds)
  }
}

extension SubjectAudit.Gaps {
  /// From how long on a gap is CRITICAL, milliseconds (DESIGN 3).
  static let criticalFrom: Int64 = 300_000

  mutating func add(_ length: Int64) {
    count += 1
    milliseconds += length
    if length >= Self.criticalFrom { critical += 1 }
  }
}

extension Decimal {
  /// Thousandths, rounded down.
  var milliseconds: Int64 {
    scale <= 3 ? mantissa &* Decimal.power(3 - scale) : mantissa / Decimal.power(scale - 3)
  }
}
