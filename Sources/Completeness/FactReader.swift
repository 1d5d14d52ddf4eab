import Contract
import JSONBytes
import Plumbing

/// Makes facts of lines. It knows nothing of the lines that other readers read, so that several can be at work; what
/// depends on the order of lines is for `Audit`, which takes their facts in that order.
public struct FactReader: ~Copyable {
  private var line = AuditLine()
  private var table = SubjectIndex()

  /// A reader that has read nothing.
  public init() {}

  /// Adds what a line says to `facts`. `text[count]` is a line feed; `number` is the line's in its input, from 1.
  public mutating func take(
    _ text: UnsafePointer<UInt8>, count: Int, number: Int, to facts: inout AuditFacts
  ) {
    guard line.read(text, count: count) else {
      return facts.refuse(number, line.fault(count: count))
    }
    guard let time = line.capture, line[.context] != nil else {
      return takeOther(text, count, number, &facts)
    }
    if line[.event] != nil { return takeEvent(text, count, time, &facts) }
    // Other system lines are about the pipeline, not about a symbol.
    if line.text(.source).elementsEqual("system".utf8) { return }
    if isTrade {
      let tradeTime = line.tradeTime
      let day = line.businessDay ?? day(tradeTime ?? time)
      let place = subject(day, isTrade: true, &facts)
      facts.facts.append(trade(place, time, tradeTime))
    } else {
      let place = subject(day(time), isTrade: false, &facts)
      facts.facts.append(quote(place, time))
    }
  }

  /// Whether the line is of the trades feed. Archives from before 2026-11-26 do not name the feed.
  private var isTrade: Bool {
    let feed = line.text(.feed)
    return feed.isEmpty ? line[.size] != nil : feed.elementsEqual("trades".utf8)
  }

  /// The day, since 1970-01-01, that a moment of the line's session belongs to.
  private func day(_ milliseconds: Int64) -> Int {
    let over = SessionDay.hoursOver(product: line.text(.product), market: line.text(.market))
    let local = milliseconds &+ (KST.offset - over).count
    let day = local / Milliseconds.day.count
    return Int(local % Milliseconds.day.count < 0 ? day - 1 : day)
  }

  /// The place of what the line is about.
  private mutating func subject(_ day: Int, isTrade: Bool, _ facts: inout AuditFacts) -> Int32 {
    let words = SubjectIndex.Words(
      product: line.text(.product), market: line.text(.market), symbol: line.text(.symbol),
      feed: line.text(.feed))
    var isNew = false
    let place = table.place(day, words, isNew: &isNew)
    if isNew { facts.subjects.append((key(day, words, isTrade: isTrade), name)) }
    return Int32(truncatingIfNeeded: place)
  }

  /// What the line calls its subject; empty where it does not.
  private var name: String {
    guard let value = line[.name], value.count <= 512 else { return "" }
    return (try? JSONValue.parse(value))?.string ?? ""
  }

  private func key(_ day: Int, _ words: SubjectIndex.Words, isTrade: Bool) -> SubjectKey {
    func text(_ bytes: UnsafeBufferPointer<UInt8>, else other: String) -> String {
      guard bytes.contains(UInt8(ascii: "\\")) else {
        return bytes.isEmpty ? other : String(decoding: bytes, as: UTF8.self)
      }
      let quoted = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
      return (try? JSONValue.parse(quoted))?.string ?? String(decoding: bytes, as: UTF8.self)
    }
    let feed = isTrade ? "trades" : line[.bids] != nil ? "book" : "price"
    return SubjectKey(
      day: day, product: text(words.product, else: "stock"), market: text(words.market, else: "KRX"),
      symbol: text(words.symbol, else: ""), feed: text(words.feed, else: feed))
  }

  private func trade(_ place: Int32, _ time: Int64, _ tradeTime: Int64?) -> AuditFact {
    let sells = line.whole(.sells)
    let buys = line.whole(.buys)
    let totals = line.whole(.volume).map { shares in
      TradeTotals(
        shares: shares, value: line.whole(.value), sided: sells.flatMap { sells in buys.map { sells + $0 } })
    }
    return AuditFact(
      kind: .trade, subject: place, layout: layout, time: time, tradeTime: tradeTime,
      price: line.decimal(.price), size: line.whole(.size) ?? 0, isSided: !line.text(.side).isEmpty,
      totals: totals, isCrossed: false, isOutsideLimits: false, changeRate: line.decimal(.changeRate),
      flags: line.flags)
  }

  private func quote(_ place: Int32, _ time: Int64) -> AuditFact {
    let price = line.decimal(.price)
    var isCrossed = false
    if let bid = line.decimal(.bid), let ask = line.decimal(.ask), bid.mantissa > 0, ask.mantissa > 0 {
      isCrossed = ask <= bid
    }
    var isOutside = false
    if let price, price.mantissa > 0, let low = line.decimal(.lowerLimit),
      let high = line.decimal(.upperLimit), high.mantissa > 0
    {
      isOutside = price < low || high < price
    }
    return AuditFact(
      kind: .quote, subject: place, layout: layout, time: time, tradeTime: nil, price: price, size: 0,
      isSided: false, totals: nil, isCrossed: isCrossed, isOutsideLimits: isOutside,
      changeRate: line.decimal(.changeRate), flags: line.flags)
  }

  private var layout: Int32 {
    line[.raw] == nil ? -1 : Int32(truncatingIfNeeded: line.members(of: .raw))
  }
}

// MARK: - Rare lines

extension FactReader {
  /// A gap; other events are not about a symbol's data.
  @inline(never)
  private mutating func takeEvent(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ time: Int64, _ facts: inout AuditFacts
  ) {
    guard line.text(.event).elementsEqual("gap".utf8),
      let whole = try? JSONValue.parse(
        UnsafeBufferPointer(start: text, count: count), maxDepth: JSONScanner.maxRecordDepth)
    else { return }
    let state = whole.snapshot[.observation]?[.state]
    func moment(_ name: MemberName) -> Int64? {
      guard let text = state?[name]?.string else { return nil }
      return Array(text.utf8).withUnsafeBufferPointer { ISOTime.read($0)?.count }
    }
    func number(_ name: MemberName) -> Decimal? {
      guard case .number(let text)? = state?[name]?.kind else { return nil }
      return Array(text.utf8).withUnsafeBufferPointer { Decimal($0) }
    }
    var missed: Loss?
    if let shares = number(.missedVolume)?.whole {
      missed = Loss(
        trades: number(.missedTrades)?.whole ?? 0, shares: shares, value: number(.missedValue)?.whole)
    }
    let place = subject(day(time), isTrade: isTrade, &facts)
    let gap = GapFact(
      subject: place, time: time, reason: String((state?[.reason]?.string ?? "").prefix(64)),
      id: String((state?[.gapID]?.string ?? "").prefix(64)), from: moment(.from), to: moment(.to),
      milliseconds: number(.seconds)?.milliseconds ?? 0,
      missed: missed, isFinal: state?[.isFinal]?.kind != .bool(false))
    facts.rare.append((facts.facts.count, .gap(gap)))
  }

  /// What an earlier audit said of a day is taken for it, and what a filter refused is counted; any other object is a bad
  /// line.
  @inline(never)
  private func takeOther(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ number: Int, _ facts: inout AuditFacts
  ) {
    if let whole = try? JSONValue.parse(
      UnsafeBufferPointer(start: text, count: count), maxDepth: JSONScanner.maxRecordDepth)
    {
      if let audit = whole["audit"]?.string {
        if audit == "day", let day = KnownDay(whole) { facts.rare.append((facts.facts.count, .day(day))) }
        return
      }
      if let reject = RejectFact(whole) { return facts.rare.append((facts.facts.count, .reject(reject))) }
    }
    facts.refuse(number, "neither a snapshot nor a record: meta.timestamp_ms or context is missing")
  }
}
