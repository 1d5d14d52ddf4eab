import Plumbing

/// What is known of `holidays.jsonl`.
public struct CalendarFacts: Equatable, Sendable {
  /// The file that is used; the place where one is looked for last when there is none.
  public var path = "config/holidays.jsonl"
  /// Whether it can be read.
  public var isThere = false
  /// Midnight of the last day that it is about.
  public var last: Milliseconds?
  /// Lines that say nothing, from 1.
  public var faults: [Int] = []

  /// Nothing known.
  public init() {}
}

/// Whether the market's days are known: a warning, for the pipeline works without.
extension HealthRules {
  /// Days before its end at which the file is to be continued.
  static let calendarNotice = 30

  static let calendar: Rule = { facts in
    guard facts.configFailure == nil, facts.directoryFailure == nil else {
      return [.unknown("calendar", "the configuration is not known", "설정을 알 수 없습니다")]
    }
    let file = facts.calendar
    let fix =
      "tail -n 3 \(quoted(file.path))  # add the coming holidays in this form, by the exchange's notice"
    guard file.isThere else {
      return [
        .warning(
          "calendar", "there is no \(file.path): only weekends are known, holidays will look like faults",
          "\(file.path) 파일이 없습니다: 주말만 알 수 있고 휴일은 장애로 보입니다",
          fix: "ls -l \(quoted(file.path))  # put the project's config/holidays.jsonl there")
      ]
    }
    if let first = file.faults.first {
      return [
        .warning(
          "calendar",
          "\(file.path):\(first) says nothing (\(file.faults.count) such lines): no date, or no hours",
          "\(file.path) 의 \(first)번째 줄을 이해할 수 없습니다 (모두 \(file.faults.count)줄)",
          fix: "sed -n \(first)p \(quoted(file.path))  # mend the line")
      ]
    }
    let midnight = KST.midnight(before: facts.wall)
    let left = file.last.map { ($0 - midnight) / .day } ?? -1
    let end = file.last.map { String(KST($0).iso.prefix(10)) } ?? "its beginning"
    if left < calendarNotice {
      let isOver = left < 0
      return [
        .warning(
          "calendar",
          isOver
            ? "\(file.path) has ended with \(end): holidays since then are not known"
            : "\(file.path) ends with \(end), in \(left) days: add the next year's holidays",
          isOver
            ? "\(file.path) 이 \(end) 로 끝났습니다: 그 뒤의 휴일을 알 수 없습니다"
            : "\(file.path) 이 \(left)일 뒤 \(end) 로 끝납니다: 다음 해 휴일을 추가하십시오", fix: fix)
      ]
    }
    return [.good("calendar", "\(file.path), until \(end)", "\(file.path), \(end) 까지")]
  }
}
