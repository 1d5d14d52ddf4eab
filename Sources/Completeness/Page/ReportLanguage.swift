import Pages
import Plumbing

/// The language of a page: what is said stands in both, side by side, where it is said. Symbols, times and the words of
/// the archive are the same in each.
public struct ReportLanguage: Sendable {
  let isKorean: Bool

  /// Korean, or else English.
  public init(korean: Bool) { isKorean = korean }

  /// The attribute of the page.
  var code: String { isKorean ? "ko" : "en" }

  /// One of two texts.
  func callAsFunction(_ english: String, _ korean: String) -> String { isKorean ? korean : english }

  /// A condition in a word.
  func word(_ condition: DayCondition) -> String {
    switch condition {
    case .available: self("available", "온전함")
    case .degraded: self("degraded", "일부 누락")
    case .missing: self("missing", "데이터 없음")
    case .pending: self("pending", "진행 중")
    case .closed: self("closed", "휴장")
    }
  }

  /// Why something was not observed.
  func word(gap reason: String) -> String { GapWords.text(reason, korean: isKorean) }

  /// `005930 trades: not observed for 12 min 3 s (connection lost)`.
  func gap(_ who: String, _ feed: String, _ span: String, _ reason: String) -> String {
    "\(who) \(feed): "
      + self(
        "not observed for \(span) (\(word(gap: reason)))",
        "\(span) 동안 관측하지 못했습니다 (\(word(gap: reason)))")
  }

  /// `1 trade`, `2 trades`, `2건`.
  func trades(_ count: Int64) -> String {
    self("\(count.grouped) trade\(count == 1 ? "" : "s")", "체결 \(count.grouped)건")
  }

  /// `1 share`, `120 shares`, `120주`.
  func shares(_ count: Int64) -> String {
    self("\(count.grouped) share\(count == 1 ? "" : "s")", "\(count.grouped)주")
  }

  /// `12 s`, `4 min 51 s`, `2 h 5 min`.
  func span(milliseconds: Int64) -> String {
    let seconds = max(0, milliseconds) / 1000
    let (minutes, hours) = (seconds / 60, seconds / 3600)
    if hours > 0 { return self("\(hours) h \(minutes % 60) min", "\(hours)시간 \(minutes % 60)분") }
    if minutes > 0 { return self("\(minutes) min \(seconds % 60) s", "\(minutes)분 \(seconds % 60)초") }
    return self("\(seconds) s", "\(seconds)초")
  }

  /// `Wed 2026-11-25`.
  func title(of day: Int) -> String {
    let weekday = KST.weekday(ofDay: day)
    let english = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][weekday]
    let korean = ["일", "월", "화", "수", "목", "금", "토"][weekday]
    return self("\(english) \(SubjectKey.date(day))", "\(SubjectKey.date(day)) (\(korean))")
  }
}

extension DayCondition {
  /// A sign beside its word, for those who see no colours.
  var mark: String {
    switch self {
    case .available: "✓"
    case .degraded: "!"
    case .missing: "×"
    case .pending: "…"
    case .closed: "–"
    }
  }
}

extension DayReason {
  /// One line for people, in their language, with the name of the symbol where there is one.
  func text(_ say: ReportLanguage, _ titles: SymbolTitles) -> String {
    func share(_ part: Int64, _ whole: Int64) -> String {
      Percent.missing(part, of: whole).replacing(" ", with: "\u{A0}")
    }
    return switch self {
    case .missedTrades(let symbol, let market, let shares, let total):
      titles.title(symbol, market)
        + say(
          ": \(shares.grouped) of \(total.grouped) shares are missing (\(share(shares, total)))",
          ": \(total.grouped)주 중 \(shares.grouped)주가 없습니다 (\(share(shares, total)))")
    case .unverifiable(let symbol, let market, let records):
      titles.title(symbol, market)
        + say(
          ": \(records.grouped) records do not fit their running totals, or have none",
          ": 레코드 \(records.grouped)건이 누적치와 맞지 않거나 누적치가 없습니다")
    case .unproven(let channel):
      channel
        + say(
          ": the running totals are not proven on this channel", ": 이 채널의 누적치는 아직 검증되지 않았습니다")
    case .lateStart(let symbol, let market, let shares, let total):
      titles.title(symbol, market)
        + say(
          ": \(shares.grouped) of \(total.grouped) shares were traded before the first record"
            + " (\(share(shares, total)))",
          ": 첫 레코드 이전에 \(total.grouped)주 중 \(shares.grouped)주가 체결되었습니다 (\(share(shares, total)))")
    case .earlyEnd(let market, let last, let close):
      market
        + say(
          ": no record after \(last), though trading went on until \(close)",
          ": 거래는 \(close)까지 이어졌지만 \(last) 이후 레코드가 없습니다")
    case .criticalGap(let symbol, let market, let feed, let reason, let seconds):
      say.gap(titles.title(symbol, market), feed, say.span(milliseconds: seconds.times(1000)), reason)
    }
  }
}

extension Decimal {
  /// `277,750.5`.
  var grouped: String {
    let parts = text.split(separator: ".", maxSplits: 1)
    let whole = Int64(parts[0]) ?? 0
    return (mantissa < 0 && whole == 0 ? "-" : "") + whole.grouped + (parts.count > 1 ? "." + parts[1] : "")
  }
}

extension Decimal {
  /// `1.50`: two digits after the point, whatever the exchange sent; of more the first two.
  var hundredths: String {
    if scale >= 2 { return Decimal(mantissa / Self.power(scale - 2), scale: 2).text }
    let (value, overflow) = mantissa.multipliedReportingOverflow(by: Self.power(2 - scale))
    return overflow ? text : Decimal(value, scale: 2).text
  }
}

extension Int64 {
  /// `10:14:02`, Korean time, of epoch milliseconds.
  var clock: String { String(KST(Milliseconds(self)).iso.dropFirst(11).prefix(8)) }
}
