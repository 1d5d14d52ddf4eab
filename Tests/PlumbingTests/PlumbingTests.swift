import Plumbing
import Testing

@Test(arguments: [
  (Int64(0), "1970-01-01T09:00:00.000+09:00"),
  (1_785_371_021_123, "2026-07-30T09:23:41.123+09:00"),
  (1_709_132_399_999, "2024-02-28T23:59:59.999+09:00"),
  (1_709_218_800_000, "2024-03-01T00:00:00.000+09:00"),
  (-1, "1970-01-01T08:59:59.999+09:00"),
  (4_102_412_400_000, "2100-01-01T00:00:00.000+09:00"),
])
func isoTime(milliseconds: Int64, text: String) {
  let time = KST(Milliseconds(milliseconds))
  #expect(time.iso == text)
  #expect(
    KST.time(
      year: time.year, month: time.month, day: time.day, hour: time.hour, minute: time.minute,
      second: time.second, millisecond: time.millisecond
    ).count == milliseconds)
}

@Test(arguments: [
  ("2026-12-25", [2026, 12, 25] as [Int]?), ("0000-00-00", [0, 0, 0]), ("2026-12-2", nil),
  ("2026-12-255", nil),
  ("2026/12-25", nil), ("2026-12-+5", nil), ("202X-12-25", nil), ("", nil), ("２026-12-25", nil),
])
func numbersOfAFixedForm(text: String, expected: [Int]?) {
  #expect(text.numbers(like: "0000-00-00") == expected)
}

@Test func lettersOfAFixedForm() {
  #expect("7 Nov 26".numbers(like: "0 ??? 00") == [7, 26])
  #expect("7 N-v 26".numbers(like: "0 ??? 00") == nil)
}

@Test(arguments: [
  (2024, 2, 29, true), (2023, 2, 29, false), (1900, 2, 29, false), (2000, 2, 29, true), (2026, 4, 30, true),
  (2026, 4, 31, false), (2026, 12, 31, true), (2026, 13, 1, false), (2026, 0, 1, false), (2026, 1, 0, false),
])
func calendarDays(year: Int, month: Int, day: Int, isOne: Bool) {
  #expect(KST.isDate(year: year, month: month, day: day) == isOne)
}

@Test(arguments: [Int64.min, Int64.min + 1, -1, Int64.max - 1, .max])
func anyTimeIsADate(_ milliseconds: Int64) {
  let time = KST(Milliseconds(milliseconds))
  #expect(
    KST.isDate(year: time.year, month: time.month, day: time.day) && time.iso.utf8.count == KST.isoLength)
  let bound: Milliseconds = 31_556_952_000_000_000
  #expect(KST.midnight(before: Milliseconds(milliseconds)).magnitude <= bound + .day)
}

@Test func weekdayAndMidnight() {
  let monday = KST.time(year: 2026, month: 11, day: 23, hour: 15)
  #expect(KST(monday).weekday == 1)
  #expect(KST(KST.midnight(before: monday)).iso == "2026-11-23T00:00:00.000+09:00")
}

@Test(arguments: [
  ("1969-12-31", 3), ("1970-01-01", 4), ("1900-01-01", 1), ("0000-01-01", 6), ("9999-12-31", 5),
  ("2026-11-23", 1),
])
func aDayHasItsWeekday(_ date: String, _ weekday: Int) throws {
  #expect(KST.weekday(ofDay: try #require(KST.day(ofDate: date))) == weekday)
}

@Test(arguments: [
  "2026-02-29", "2026-1-01", "+026-01-01", "9223372036854775807-01-01", "", "2026-13-01", "2026-01-00",
])
func whatIsNoDateIsNoDay(_ text: String) { #expect(KST.day(ofDate: text) == nil) }
