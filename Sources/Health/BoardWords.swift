import Pages
import Plumbing

/// What the table of symbols says, in the reader's language.
struct BoardWords: Sendable {
  let title, symbol, price, day, archived, last: String
  let gap: String
  let never, more: String
  let isKorean: Bool

  static func of(korean: Bool) -> BoardWords { korean ? Self.korean : english }

  /// `3 s ago`.
  func ago(_ age: Milliseconds) -> String {
    isKorean ? "\(span(age)) 전" : "\(span(age)) ago"
  }

  /// `61 s`, `30 min`, `5 h`.
  private func span(_ age: Milliseconds) -> String {
    let seconds = max(.zero, age).wholeSeconds
    let (number, english, korean) =
      seconds < 120
      ? (seconds, " s", "초") : seconds < 7200 ? (seconds / 60, " min", "분") : (seconds / 3600, " h", "시간")
    return "\(number)\(isKorean ? korean : english)"
  }

  /// `1,234 trades`.
  func trades(_ count: Int64) -> String {
    isKorean ? "체결 \(count.grouped)건" : "\(count.grouped) \(count == 1 ? "trade" : "trades")"
  }

  /// `3 trades missing`.
  func missing(_ count: Int64) -> String { isKorean ? "\(trades(count)) 누락" : "\(trades(count)) missing" }

  /// `gap 5 min`.
  func gap(minutes: Int) -> String { isKorean ? "\(gap) \(minutes)분" : "\(gap) \(minutes) min" }

  /// `not observed for 61 s: connection lost`, by the word of the gap's reason.
  func notObserved(_ age: Milliseconds, _ reason: String?) -> String {
    let why = reason.map { GapWords.text($0, korean: isKorean) } ?? gap
    return isKorean ? "\(span(age)) 동안 관측 못 함: \(why)" : "not observed for \(span(age)): \(why)"
  }

  /// `12 symbols are not observed for 61 s: connection lost`.
  func notObserved(_ count: Int, _ age: Milliseconds, _ reason: String) -> String {
    isKorean
      ? "종목 \(count)개를 \(notObserved(age, reason))" : "\(count) symbols are \(notObserved(age, reason))"
  }

  /// `3 more symbols are watched and not shown here`.
  func more(_ count: Int) -> String { isKorean ? "종목 \(count.grouped)개\(more)" : "\(count.grouped) \(more)" }

  static let english = BoardWords(
    title: "Symbols", symbol: "Symbol", price: "Last", day: "The day by minute", archived: "Shares archived",
    last: "Last record", gap: "gap", never: "nothing yet today",
    more: "more symbols are watched and not shown here",
    isKorean: false)

  static let korean = BoardWords(
    title: "종목", symbol: "종목", price: "현재가", day: "분별 하루", archived: "수집 주식", last: "마지막 레코드",
    gap: "공백", never: "오늘은 아직 없음",
    more: "를 더 감시하지만 여기에는 표시하지 않습니다",
    isKorean: true)
}
