import Market
import Pages
import Plumbing
import Values

/// One symbol on the page of a day: the feed that tells most of it, its minutes, gaps and losses.
struct DayPageRow {
  let line: SubjectLine
  let name: String
  /// Name or symbol, for a sentence.
  let title: String
  let strip: MinuteStrip
  let gaps: [GapFact]
  let change: Decimal?

  private var key: SubjectKey { line.audit.key }

  /// Time that was not observed.
  var gapMilliseconds: Int64 { gaps.sum(\.milliseconds) }

  /// Shares that are missing, or seem to be where the totals are not proven yet.
  var doubtfulShares: Int64 { line.standing == .learning ? line.sums.missed.shares : line.missed.shares }

  func html(_ axis: DayAxis, _ calendar: MarketCalendar, _ say: ReportLanguage) -> String {
    let kind = !line.reasons.isEmpty ? "mark bad" : line.missed.shares > 0 || !gaps.isEmpty ? "warn" : "ok"
    return """
      <tr class="\(kind)"><th scope="row"><b>\((name.isEmpty ? key.symbol : name).htmlPrintable)</b><span>\(under)</span></th>\
      <td class="n">\(price)</td><td class="s">\(picture(axis, calendar).svg(label: label(say)))</td>\
      <td class="n">\(coverage(say))</td><td class="m">\(missing(say).htmlEscaped)</td></tr>

      """
  }

  /// What it is, where its name alone does not say so.
  private var under: String {
    let symbol = name.isEmpty ? [] : [key.symbol.printable]
    let product = key.product == "stock" ? [] : [key.product.printable]
    let feed = line.isTrades ? [] : [key.feed.printable]
    return (symbol + [key.market.printable] + product + feed).joined(separator: " · ").htmlEscaped
  }

  private var price: String {
    guard let close = line.audit.prices.close else { return "–" }
    var text = "<b>\(close.grouped)</b>"
    if let change {
      let (kind, sign) = change.mantissa > 0 ? ("up", "▲") : change.mantissa < 0 ? ("dn", "▼") : ("", "–")
      text +=
        "<span class=\"\(kind)\">\(sign) \(Decimal(abs(change.mantissa), scale: change.scale).hundredths) %</span>"
    }
    return text
  }

  private func coverage(_ say: ReportLanguage) -> String {
    let expected = line.expected
    guard line.isTrades, expected > 0 else {
      return
        "–<span>\(say("\(line.audit.records.grouped) records", "레코드 \(line.audit.records.grouped)건"))</span>"
    }
    let archived = line.sums.archivedShares
    let shown = archived == expected ? archived.grouped : "\(archived.grouped) / \(expected.grouped)"
    return "<b>\(Percent.kept(archived, of: expected))</b><span>\(shown)</span>"
  }

  private func missing(_ say: ReportLanguage) -> String {
    var parts: [String] = []
    let missed = line.missed
    if missed.shares > 0 { parts += ["\(say.trades(missed.trades)) · \(say.shares(missed.shares))"] }
    if line.isTrades, line.standing == .learning, line.sums.missed.shares > 0 {
      parts.append(say("suspected: ", "의심: ") + say.shares(line.sums.missed.shares))
    }
    if line.unverifiable > 0 {
      parts.append(say("\(line.unverifiable.grouped) not verifiable", "검증 불가 \(line.unverifiable.grouped)건"))
    }
    if !line.sums.isStartProven, line.sums.beforeStart > 0 {
      parts.append(say.shares(line.sums.beforeStart) + say(" before the start", " 시작 전"))
    }
    if gapMilliseconds > 0 { parts.append(say("gap ", "공백 ") + say.span(milliseconds: gapMilliseconds)) }
    parts += flagged
    return parts.isEmpty ? "–" : parts.joined(separator: "; ")
  }

  /// What the market rules said of its records; of gaps and of the first trades the page says enough already.
  private var flagged: [String] {
    line.audit.flags.named.filter { $0.flag != .warmingUp && $0.flag != .gap && $0.flag != .afterGap }
      .map { "\($0.flag.text) \($0.count.grouped)" }
  }

  /// What the picture shows, in words.
  private func label(_ say: ReportLanguage) -> String {
    var text = title + ": "
    if line.audit.records > 0 {
      let (first, last) = (line.audit.first.clock.prefix(5), line.audit.last.clock.prefix(5))
      text += say("records from \(first) to \(last)", "레코드 \(first)–\(last)")
    } else {
      text += say("no records", "레코드 없음")
    }
    if let low = line.audit.prices.low, let high = line.audit.prices.high {
      text += say(", price \(low.grouped) to \(high.grouped)", ", 가격 \(low.grouped)–\(high.grouped)")
    }
    if line.missed.shares > 0 { text += say(", missing: ", ", 누락: ") + say.shares(line.missed.shares) }
    if gapMilliseconds > 0 { text += say(", gaps: ", ", 공백: ") + say.span(milliseconds: gapMilliseconds) }
    return text
  }

  private func picture(_ axis: DayAxis, _ calendar: MarketCalendar) -> DayPicture {
    var picture = DayPicture(axis)
    picture.records = strip.records[axis.minutes].map { Int($0) }
    picture.volumes = Array(strip.shares[axis.minutes])
    picture.prices = axis.minutes.filter { strip.prices[$0] > 0 }.map { ($0 - axis.first, strip.prices[$0]) }
    picture.seam = seam > 0 ? axis.column(minute: seam) : nil
    picture.bands =
      hours(axis, calendar) + gaps.flatMap { bands(axis, $0) }
      + (line.standing == .trusted ? losses(axis) : [])
    return picture
  }

  private var midnight: Milliseconds { KST.midnight(ofDay: Int(key.day)) }

  /// The minute of the clock at which the day begins: midnight, or later where a session goes over midnight. As pictures go
  /// by the clock, what is left of it came after all that is right of it.
  private var seam: Int {
    SessionDay.hoursOver(product: key.product.utf8, market: key.market.utf8) / .minutes(1)
  }

  /// A gap by the clock: in two pieces where it goes over midnight, as the records do.
  private func bands(_ axis: DayAxis, _ gap: GapFact) -> [DayBand] {
    let to = gap.to ?? gap.time
    let from = gap.from ?? to - gap.milliseconds
    let begin = max(seam, (Milliseconds(from) - midnight) / .minutes(1))
    let end = min(seam + 1440, max((Milliseconds(to + 59_999) - midnight) / .minutes(1), begin + 1))
    return [0, 1440].compactMap { passed in
      let (low, high) = (max(0, begin - passed), min(1440, end - passed))
      return low < high ? axis.columns(from: low, to: high).map { DayBand(.gap, $0) } : nil
    }
  }

  /// A minute with a loss is three columns wide: it is to be seen on a telephone too.
  private func losses(_ axis: DayAxis) -> [DayBand] {
    axis.minutes.filter { strip.missed[$0] > 0 }.map { minute in
      let column = minute - axis.first
      return DayBand(.loss, max(0, column - 1)..<min(axis.columns, column + 2))
    }
  }

  /// Closed hours and call auctions of its venue; nothing where these are not known.
  private func hours(_ axis: DayAxis, _ calendar: MarketCalendar) -> [DayBand] {
    guard let listing = Listing(product: key.product, symbol: key.symbol),
      let venue = Venue(rawValue: key.market), listing != .other
    else { return [] }
    return DayBand.hours(calendar.sessions(ofDay: midnight, venue, listing), listing, axis)
  }
}

extension DayAxis {
  /// The minutes of the day that are shown.
  var minutes: Range<Int> { first..<first + columns }
}
