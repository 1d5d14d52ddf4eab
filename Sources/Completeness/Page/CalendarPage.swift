import Pages
import Plumbing

/// The page of a year: a square a day, coloured and marked by its condition, and below it every day that was not whole.
public struct CalendarPage {
  private let days: [DayLine]
  private let linked: Set<Int>
  private let names: [String: String]
  private let say: ReportLanguage

  /// Days shown at most: 53 weeks.
  private static let most = 371

  /// The calendar of the last year up to the last day that the audit has seen. `pages` are the days (since 1970-01-01) that
  /// have a page: they are linked to `DATE.html` beside this one. `names` gives symbols a name. `now`: epoch milliseconds.
  public init(
    _ audit: Audit, pages: Set<Int>, names: [String: String], _ say: ReportLanguage, now: Int64
  ) {
    let all = audit.report(now: now).days
    days = all.suffix(Self.most)
    linked = pages
    self.names = names
    self.say = say
  }

  /// The whole page.
  public var html: String {
    let first = days.first.map { SubjectKey.date($0.day) } ?? ""
    let last = days.last.map { SubjectKey.date($0.day) } ?? ""
    let title = say("Days of the archive", "아카이브 달력")
    return """
      <!doctype html>
      <html lang="\(say.code)"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title) · Observer</title><style>
      \(PageStyle.base)
      \(DayPage.style)
      \(Self.style)
      </style></head>
      <body><main><h1>\(title)</h1><p class="sum">\(first) – \(last): \(counts)</p>
      <div class="year" tabindex="0" role="region" aria-label="\(title)">\(squares)</div>
      \(legend)<section aria-labelledby="odd"><h2 id="odd">\(say("Days to look at", "살펴볼 날"))</h2>\(list)</section></main></body></html>

      """
  }

  private static let conditions: [DayCondition] = [.available, .degraded, .missing, .pending, .closed]

  private var counts: String {
    Self.conditions.compactMap { condition in
      let count = days.count { $0.condition == condition }
      return count > 0 ? "\(say.word(condition)) \(count)" : nil
    }.joined(separator: ", ")
  }

  private var squares: String {
    guard let start = days.first?.day else { return "" }
    // Weeks from Monday on, as columns: 1970-01-01 was a Thursday.
    let monday = start - (KST.weekday(ofDay: start) + 6) % 7
    let weeks = ((days.last?.day ?? start) - monday) / 7 + 1
    let body = days.map { day in
      let (week, weekday) = ((day.day - monday) / 7, (day.day - monday) % 7)
      let title = "\(say.title(of: day.day)): \(say.word(day.condition))"
      let square =
        "<g class=\"day \(day.condition.rawValue)\" transform=\"translate(\(week * 18 + 24) \(weekday * 18 + 16))\">"
        + "<title>\(title)</title><rect width=\"15\" height=\"15\" rx=\"2\"/><text x=\"7.5\" y=\"12\">\(day.condition.isGood ? "" : day.condition.mark)</text></g>"
      return linked.contains(day.day)
        ? "<a href=\"\(SubjectKey.date(day.day)).html\" aria-label=\"\(title)\">\(square)</a>" : square
    }
    return
      "<svg viewBox=\"0 0 \(weeks * 18 + 24) 146\" style=\"width:\(weeks * 18 + 24)px\" role=\"group\" aria-label=\""
      + "\(counts)\">\(months(monday))\(weekdays)\(body.joined(separator: "\n"))</svg>"
  }

  private func months(_ monday: Int) -> String {
    days.filter { SubjectKey.date($0.day).hasSuffix("-01") }.map { day in
      let month = SubjectKey.date(day.day).dropFirst(5).prefix(2)
      return "<text class=\"head\" x=\"\((day.day - monday) / 7 * 18 + 24)\" y=\"10\">\(month)</text>"
    }.joined()
  }

  private var weekdays: String {
    let names = say.isKorean ? ["월", "수", "금"] : ["Mo", "We", "Fr"]
    return zip(names, [0, 2, 4]).map { name, row in
      "<text class=\"head\" x=\"0\" y=\"\(row * 18 + 28)\">\(name)</text>"
    }.joined()
  }

  private var legend: String {
    let keys = Self.conditions.map { "<span><i class=\"\($0.rawValue)\"></i>\(say.word($0))</span>" }
    return "<p class=\"legend keys\" aria-hidden=\"true\">\(keys.joined())</p>\n"
  }

  private var list: String {
    let odd = days.filter { $0.condition == .degraded || $0.condition == .missing }.reversed()
    guard !odd.isEmpty else { return "<p>\(say("None.", "없음."))</p>" }
    let items = odd.map { day in
      let date = say.title(of: day.day)
      let name = linked.contains(day.day) ? "<a href=\"\(SubjectKey.date(day.day)).html\">\(date)</a>" : date
      let titles = SymbolTitles(names: names, days: [day])
      let why = day.reasons.first?.text(say, titles) ?? ""
      let rest = day.more.plus(Int64(day.reasons.count - 1))
      let more = rest > 0 ? say(" (and \(rest) more)", " (외 \(rest)건)") : ""
      return "<li><b>\(name)</b> \(say.word(day.condition))"
        + (why.isEmpty ? "" : " · " + (why + more).htmlPrintable) + "</li>"
    }
    return "<ul class=\"why\">\(items.joined(separator: "\n"))</ul>"
  }

  private static let style = """
    .year{overflow-x:auto;padding:2px;direction:rtl}.year svg{display:block;max-width:none;direction:ltr;margin-right:auto}.day rect{stroke-width:1}.day text,.head{fill:var(--dim);font-size:10px}.day text{text-anchor:middle;font-weight:700;fill:var(--bg)}
    .available rect{fill:var(--ok)}.degraded rect{fill:var(--loss)}.missing rect{fill:var(--gap)}.pending rect{fill:none;stroke:var(--dim)}.pending text{fill:var(--dim)}.closed rect{fill:var(--line)}
    .keys i{display:inline-block;width:12px;height:10px;margin-right:6px;border-radius:2px;print-color-adjust:exact;-webkit-print-color-adjust:exact}i.available{background:var(--ok)}i.degraded{background:var(--loss)}i.missing{background:var(--gap)}i.pending{border:1px solid var(--dim)}i.closed{background:var(--line)}a{color:inherit}
    """
}
