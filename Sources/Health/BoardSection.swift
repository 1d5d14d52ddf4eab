import Board
import Pages
import Plumbing

/// The watched symbols as a table: price, the day by minute, shares archived of shares reported, the last record.
/// Symbols in trouble come first.
struct BoardSection {
  private let facts: BoardFacts
  private let wall: Milliseconds
  private let words: BoardWords
  private let shared: Shared?

  init(_ facts: BoardFacts, at wall: Milliseconds, korean: Bool) {
    self.facts = facts
    self.wall = wall
    words = .of(korean: korean)
    shared = Self.shared(facts.board.symbols)
  }

  /// How bad a symbol's day is, the worst first.
  enum Trouble: Int, Comparable {
    case notObserved, lossy, interrupted, silent, none

    static func < (one: Trouble, other: Trouble) -> Bool { one.rawValue < other.rawValue }
  }

  /// The trouble of a symbol.
  static func trouble(_ symbol: BoardSymbol) -> Trouble {
    if symbol.gapSince != nil { return .notObserved }
    if symbol.missedTrades > 0 || symbol.missedShares > 0 || symbol.losses.count > 0 { return .lossy }
    if symbol.gaps.count > 0 { return .interrupted }
    return symbol.lastRecord == nil ? .silent : .none
  }

  /// The table, with what its colours mean.
  var html: String {
    let rows = zip(facts.board.symbols, facts.bands).map { (open($0, $1), $1) }.enumerated()
      .sorted { one, other in
        let (first, second) = (Self.trouble(one.element.0), Self.trouble(other.element.0))
        return first == second ? one.offset < other.offset : first < second
      }
      .map { row($0.element.0, $0.element.1) }
    let more =
      facts.board.more > 0 ? "<p class=\"more\">\(words.more(facts.board.more))</p>" : ""
    return """
      \(together)\(DayLegend.html(korean: words.isKorean))
      <table class="board"><thead><tr><th scope="col">\(words.symbol)</th><th scope="col" class="n">\(words.price)</th>\
      <th scope="col" class="s h"><span class="sr">\(words.day)</span>\(PageStyle.hours(facts.axis))</th>\
      <th scope="col" class="n">\(words.archived)</th><th scope="col">\(words.last)</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table>\(more)
      """
  }

  /// What keeps many symbols from being observed is said once above them; each says only since when.
  private static let many = 4

  /// A reason that many symbols share, how many they are, and since when the first of them is not observed.
  private typealias Shared = (reason: String, count: Int, since: Int64)

  private static func shared(_ symbols: [BoardSymbol]) -> Shared? {
    var all: [String: (count: Int, since: Int64)] = [:]
    for case (let reason?, let since?) in symbols.map({ ($0.gap, $0.gapSince) }) {
      let known = all[reason] ?? (0, since)
      all[reason] = (known.count + 1, min(known.since, since))
    }
    return all.max { $0.value.count < $1.value.count }
      .flatMap { $0.value.count >= many ? ($0.key, $0.value.count, $0.value.since) : nil }
  }

  private var together: String {
    shared.map {
      let said = words.notObserved($0.count, wall - Milliseconds($0.since), $0.reason)
      return "<p class=\"together\">\(said.htmlPrintable)</p>\n"
    } ?? ""
  }

  /// What counts of a symbol's gaps: the hours shown without those in which its venue is closed.
  private func open(_ symbol: BoardSymbol, _ bands: [DayBand]) -> BoardSymbol {
    var symbol = symbol
    var gaps = MinuteSet()
    let closed = bands.filter { $0.kind == .closed }.map {
      $0.columns.lowerBound + facts.axis.first..<$0.columns.upperBound + facts.axis.first
    }
    let shown = facts.axis.first..<facts.axis.first + facts.axis.columns
    for gap in symbol.gaps.ranges.map({ $0.clamped(to: shown) }) {
      for part in closed.reduce([gap], { parts, hole in parts.flatMap { $0.without(hole) } }) {
        gaps.insert(part)
      }
    }
    symbol.gaps = gaps
    return symbol
  }

  private func row(_ symbol: BoardSymbol, _ bands: [DayBand]) -> String {
    let trouble = Self.trouble(symbol)
    let kind = trouble == .notObserved ? "mark out" : trouble < .silent ? "mark lossy" : "fine"
    let venue = symbol.venue == "KRX" ? "" : " \(symbol.venue)"
    let name = symbol.name.map { "<b>\($0.htmlPrintable)</b>" } ?? ""
    let code = "\(symbol.symbol)\(venue)".htmlPrintable
    return
      "<tr class=\"\(kind)\"><th scope=\"row\">\(name.isEmpty ? "<b>\(code)</b>" : "\(name)<span>\(code)</span>")</th>"
      + "<td class=\"n\">\(price(symbol))</td><td class=\"s\">\(picture(symbol, bands))</td>"
      + "<td class=\"n\">\(archived(symbol))</td><td class=\"m\">\(last(symbol))</td></tr>"
  }

  private func price(_ symbol: BoardSymbol) -> String {
    guard let text = symbol.price else { return "–" }
    var cell = "<b>\(Self.grouped(decimal: text).htmlEscaped)</b>"
    if let change = symbol.change, change.isFinite, abs(change) < 100 {
      let (mark, kind) = change > 0 ? ("▲", "up") : change < 0 ? ("▼", "dn") : ("", "even")
      cell += "<span class=\"\(kind)\">\(mark) \(Self.hundredths(abs(change) * 100)) %</span>"
    }
    return cell
  }

  private func archived(_ symbol: BoardSymbol) -> String {
    guard symbol.coverage != nil else {
      return symbol.trades > 0 ? "<span>\(words.trades(symbol.trades))</span>" : "–"
    }
    return
      "<b>\(Percent.kept(symbol.shares, of: symbol.reported))</b><span>\(words.trades(symbol.trades))</span>"
  }

  private func last(_ symbol: BoardSymbol) -> String {
    if let since = symbol.gapSince, symbol.gap != shared?.reason {
      return words.notObserved(wall - Milliseconds(since), symbol.gap).htmlPrintable
    }
    var notes: [String] = []
    if symbol.missedTrades > 0 { notes.append(words.missing(symbol.missedTrades)) }
    if symbol.gaps.count > 0 { notes.append(words.gap(minutes: symbol.gaps.count)) }
    return (symbol.lastRecord.map { words.ago(wall - Milliseconds($0)) } ?? words.never)
      + (notes.isEmpty ? "" : "<span>\(notes.joined(separator: ", "))</span>")
  }

  private func picture(_ symbol: BoardSymbol, _ bands: [DayBand]) -> String {
    var day = DayPicture(facts.axis)
    day.records = (0..<facts.axis.columns).map { column in
      let minute = facts.axis.first + column
      return minute < symbol.records.count ? Int(symbol.records[minute]) : 0
    }
    day.prices = symbol.prices.enumerated().compactMap { slot, price in
      guard price.isFinite else { return nil }
      return facts.axis.column(minute: slot * BoardSymbol.priceStep).map { ($0, price) }
    }
    day.now = facts.axis.column(minute: (wall - KST.midnight(before: wall)) / .minutes(1))
    day.bands = bands
    day.bands += symbol.gaps.ranges.compactMap { band(.gap, $0) }
    day.bands += symbol.losses.ranges.compactMap { band(.loss, $0) }
    if let open = openGap(symbol) { day.bands.append(open) }
    let name = (symbol.name ?? symbol.symbol).printable
    return day.svg(
      label:
        "\(name): \(words.trades(symbol.trades)), \(words.missing(symbol.missedTrades)), \(words.gap(minutes: symbol.gaps.count))"
    )
  }

  private func band(_ kind: DayBand.Kind, _ minutes: Range<Int>) -> DayBand? {
    facts.axis.columns(from: minutes.lowerBound, to: minutes.upperBound).map { DayBand(kind, $0) }
  }

  /// The gap that is not over, up to this minute.
  private func openGap(_ symbol: BoardSymbol) -> DayBand? {
    guard let since = symbol.gapSince else { return nil }
    let midnight = KST.midnight(before: wall)
    let begin = max(.zero, Milliseconds(since) - midnight) / .minutes(1)
    return band(.gap, begin..<max(begin, (wall - midnight) / .minutes(1)) + 1)
  }

  // MARK: - Numbers

  /// `277,750.5` of `277750.5`; what is no plain number stays as it is.
  static func grouped(decimal text: String) -> String {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = Int64(parts[0]) else { return text }
    return parts.count == 2 ? "\(whole.grouped).\(parts[1])" : whole.grouped
  }

  /// `1.37`, rounded.
  static func hundredths(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    return "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst())"
  }
}
