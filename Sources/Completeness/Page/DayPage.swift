import Market
import Pages
import Plumbing

/// The page of one day: its condition on top, then a row for each symbol, losses and gaps as a list, the time from trade to
/// capture, what was rejected, and layouts. Everything is in it, nothing comes from elsewhere, and no script is needed.
public struct DayPage {
  private let day: DayLine
  private let rows: [DayPageRow]
  private let others: [SubjectLine]
  private let events: DayPageEvents
  private let titles: SymbolTitles
  /// Refused lines that name no time.
  private let undated: Int64
  private let calendar: MarketCalendar
  private let say: ReportLanguage

  /// The page of the audit's day: the one it was asked for, else the last one. `names` gives symbols a name; those in the
  /// archive come first. `now`: epoch milliseconds.
  public init(_ audit: Audit, names: [String: String], _ say: ReportLanguage, now: Int64) {
    let report = audit.report(now: now)
    let wanted = audit.only ?? audit.strips?.day ?? report.days.last?.day ?? Self.today(now)
    day =
      report.days.first { $0.day == wanted } ?? DayLine(wanted, [], audit.calendar, now: now)
    calendar = audit.calendar
    undated = audit.rejects[-1]?.total ?? 0
    self.say = say
    let facts = Facts(audit, day, names: names)
    let lines = day.lines.filter { $0.audit.records > 0 || !$0.audit.gaps.isEmpty }
    let bySymbol = Dictionary(grouping: lines) { Facts.Symbol($0.audit.key) }
    let main = Set(bySymbol.values.compactMap { Self.main($0)?.place })
    titles = facts.titles
    rows = lines.filter { main.contains($0.place) }.map(facts.row)
      .sorted {
        ($1.doubtfulShares, $1.gapMilliseconds, $0.title) < ($0.doubtfulShares, $0.gapMilliseconds, $1.title)
      }
    others = lines.filter { !main.contains($0.place) }
    events = facts.events(lines)
  }

  /// The feed that tells most of a symbol: its trades, else the one with most records.
  private static func main(_ lines: [SubjectLine]) -> SubjectLine? {
    lines.first(where: \.isTrades) ?? lines.max { $0.audit.records < $1.audit.records }
  }

  private static func today(_ now: Int64) -> Int {
    (KST.midnight(before: Milliseconds(now)) + KST.offset) / .day
  }

  /// The whole page.
  public var html: String {
    let title = say.title(of: day.day)
    let word = say.word(day.condition)
    return """
      <!doctype html>
      <html lang="\(say.code)"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(SubjectKey.date(day.day)) · \(word) · Observer</title><style>
      \(PageStyle.base)
      \(Self.style)
      </style></head>
      <body><main><h1>\(title) <span class="cond \(day.condition.rawValue)">\(day.condition.mark) \(word)</span></h1>
      <p class="sum">\(summary)</p>
      \(DayPageReasons(day, titles, say).html)\(table)<div class="two"><section aria-labelledby="events"><h2 id="events">\
      \(say("Losses and gaps", "누락과 공백"))</h2>\(events.html(say))</section>
      <section aria-labelledby="capture"><h2 id="capture">\(say("Trade to capture", "체결에서 수집까지"))</h2>\(capture)</section></div>
      \(feeds)</main>
      <footer>\(footer)</footer></body></html>

      """
  }

  // MARK: - Top

  private var trades: [SubjectLine] { day.lines.filter { $0.isTrades && $0.sums.records > 0 } }

  private var summary: String {
    let proven = trades.filter { $0.standing == .trusted }
    let expected = proven.sum(\.expected)
    let archived = proven.sum(\.sums.archivedShares)
    var text = ""
    if expected > 0 {
      let share = Percent.kept(archived, of: expected)
      text += say(
        "<b>\(share) of the shares that the exchange reported are in the archive</b> (\(archived.grouped) of \(expected.grouped)). ",
        "<b>거래소가 집계한 주식의 \(share)가 아카이브에 있습니다</b> (\(expected.grouped)주 중 \(archived.grouped)주). ")
    } else {
      text += unproven
    }
    if !trades.isEmpty {
      let verified = trades.sum(\.sums.verified)
      text += say(
        "\(verified.grouped) trades verified one by one.", "체결 \(verified.grouped)건을 하나씩 확인했습니다.")
      let missed = (trades.sum(\.missed.trades), trades.sum(\.missed.shares))
      text +=
        missed.1 > 0
        ? say(" Missing: ", " 누락: ") + say.trades(missed.0) + ", " + say.shares(missed.1) + "."
        : expected > 0 ? say(" No trade is missing.", " 누락된 체결은 없습니다.") : suspected
    } else {
      let records = day.lines.reduce(0) { $0 + $1.audit.records }
      text +=
        records > 0
        ? say(
          "\(records.grouped) records, no trades among them: nothing to verify.",
          "레코드 \(records.grouped)건, 체결은 없어 확인할 것이 없습니다.")
        : day.condition == .missing
          ? say("<b>No records, though the exchange was open.</b>", "<b>장이 열렸는데 레코드가 없습니다.</b>")
          : say("No records.", "레코드가 없습니다.")
    }
    return text + " " + rejected
  }

  /// Why nothing is claimed of the trades that are here.
  private var unproven: String {
    let standings = Set(trades.map(\.standing))
    var text = ""
    if standings.contains(.learning) {
      text += say(
        "<b>The exchange's running totals are not proven yet</b>: too few trades came in one frame. ",
        "<b>거래소 누적치가 아직 검증되지 않았습니다</b>: 한 프레임에 함께 온 체결이 너무 적습니다. ")
    }
    if standings.contains(.unfit) {
      text += say(
        "<b>Records contradict the running totals</b>: nothing can be claimed. ",
        "<b>레코드가 누적치와 맞지 않습니다</b>: 누락 여부를 말할 수 없습니다. ")
    }
    return text
  }

  /// What seems to be missing where the totals are not proven: a doubt, and never "nothing is missing".
  private var suspected: String {
    let shares = rows.sum(\.doubtfulShares)
    return shares > 0 ? say(" Suspected: ", " 의심: ") + say.shares(shares) + say(" missing.", " 누락.") : ""
  }

  private var rejected: String {
    day.rejects.total == 0
      ? say("Nothing was rejected.", "거부된 줄은 없습니다.")
      : say("Rejected: \(day.rejects.total.grouped).", "거부된 줄: \(day.rejects.total.grouped)건.")
  }

  // MARK: - Symbols

  /// The hours of shares, unless most of what is here came at other hours.
  private var axis: DayAxis {
    let (shown, all) = rows.reduce(into: (0, 0)) { sums, row in
      sums.0 += row.strip.records[DayAxis.trading.minutes].reduce(0) { $0 + Int($1) }
      sums.1 += row.strip.records.reduce(0) { $0 + Int($1) }
    }
    return shown * 2 < all ? .whole : .trading
  }

  private var table: String {
    guard !rows.isEmpty else { return "" }
    return """
      \(DayLegend.html(korean: say.isKorean))
      <table class="days"><thead><tr><th scope="col">\(say("Symbol", "종목"))</th><th scope="col" class="n">\(say("Close", "종가"))</th>\
      <th scope="col" class="h"><span class="sr">\(say("Minutes of the day", "분 단위"))</span>\(PageStyle.hours(axis))</th>\
      <th scope="col" class="n">\(say("Shares archived", "수집 주식"))</th><th scope="col" class="m">\(say("Missing", "누락"))</th></tr></thead>
      <tbody>
      \(rows.map { $0.html(axis, calendar, say) }.joined())</tbody></table>

      """
  }

  // MARK: - Below

  private var capture: String {
    var times = CaptureTimes()
    for line in trades { times.add(line.audit.captureTimes) }
    guard let half = times.quantile(0.5), let most = times.quantile(0.99) else {
      return "<p>\(say("No trades.", "체결이 없습니다."))</p>"
    }
    let words = "p50 \(half.grouped) ms · p99 \(most.grouped) ms"
    return "\(CapturePicture(times).svg(label: words))<p class=\"dim\">\(words) "
      + say("(the exchange's times are whole seconds)", "(거래소 시각은 초 단위입니다)") + "</p>"
  }

  /// Feeds beside the one in the table above, layouts of all, and rejects, for those who look closer.
  private var feeds: String {
    guard !day.lines.isEmpty else { return "" }
    let body = others.map { line in
      let key = line.audit.key
      let silence = line.audit.longestSilence.map { say.span(milliseconds: $0) } ?? "–"
      let gap = line.audit.gaps.values.sum(\.milliseconds)
      return
        "<tr><th scope=\"row\">\(key.symbol.htmlPrintable)</th><td>\(key.market.htmlPrintable)"
        + " \(key.feed.htmlPrintable)</td><td class=\"n\">\(line.audit.records.grouped)</td>"
        + "<td class=\"n\">\(silence)</td><td class=\"n\">\(gap > 0 ? say.span(milliseconds: gap) : "–")</td>"
        + "<td class=\"n\">\(line.audit.crossed.grouped)</td></tr>"
    }
    let table =
      body.isEmpty
      ? ""
      : """
      <table class="feeds"><thead><tr><th scope="col">\(say("Symbol", "종목"))</th><th scope="col">\(say("Feed", "피드"))</th>\
      <th scope="col" class="n">\(say("Records", "레코드"))</th><th scope="col" class="n">\(say("Longest silence", "최장 침묵"))</th>\
      <th scope="col" class="n">\(say("Gaps", "공백"))</th><th scope="col" class="n">\(say("Crossed", "역전 호가"))</th></tr></thead>
      <tbody>\(body.joined(separator: "\n"))</tbody></table>
      """
    let summary = say("Other feeds, layouts and rejects", "다른 피드, 레이아웃, 거부된 줄")
    return "<details><summary>\(summary)</summary>\(table)<p>\(layouts)</p><p>\(rejects)</p></details>"
  }

  private var layouts: String {
    var counts: [String: [Int32: Int64]] = [:]
    for line in day.lines {
      let key = line.audit.key
      for layout in line.audit.layouts.counts {
        counts["\(key.product) \(key.market) \(key.feed)", default: [:]][layout.members, default: 0] +=
          layout.records
      }
    }
    let texts = counts.sorted { $0.key < $1.key }.map { channel in
      let fields = channel.value.sorted { $0.key < $1.key }.map {
        say("\($0.key) fields × \($0.value.grouped)", "필드 \($0.key)개 × \($0.value.grouped)")
      }
      return channel.key.htmlPrintable + ": " + fields.joined(separator: ", ")
    }
    return "<b>\(say("Layouts", "레이아웃"))</b> "
      + (texts.isEmpty ? say("not recorded", "기록되지 않음") : texts.joined(separator: "; "))
  }

  private var rejects: String {
    let texts = day.rejects.counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      "\($0.key.htmlPrintable) × \($0.value.grouped)"
    }
    let others = undated > 0 ? [say("without a time × \(undated.grouped)", "시각 없음 × \(undated.grouped)")] : []
    return "<b>\(say("Rejects", "거부된 줄"))</b> "
      + ((texts + others).isEmpty ? say("none", "없음") : (texts + others).joined(separator: "; "))
  }

  private var footer: String {
    say(
      "Observer \(Version.number). Facts of the archive only; what is missing is measured by the exchange's running totals.",
      "Observer \(Version.number). 아카이브의 사실만 보여 주며, 누락은 거래소 누적치로 측정합니다.")
  }
}
