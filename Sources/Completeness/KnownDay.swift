import JSONBytes
import Plumbing

/// What an earlier audit said of a day: its line `{"audit":"day",…}`, read again.
struct KnownDay: Sendable {
  /// Days since 1970-01-01, KST.
  let day: Int
  let condition: DayCondition
  /// The first reason, in words.
  let reason: String

  /// Reads a line; nil when it does not say a date and a condition.
  init?(_ line: JSONValue) {
    guard let numbers = line["date"]?.string?.numbers(like: "0000-00-00"),
      KST.isDate(year: numbers[0], month: numbers[1], day: numbers[2]),
      let condition = line["condition"]?.string.flatMap({ DayCondition(rawValue: $0) })
    else { return nil }
    day = KST.days(year: numbers[0], month: numbers[1], day: numbers[2])
    self.condition = condition
    reason = line["reasons"]?.elements?.first?["text"]?.string ?? ""
  }
}
