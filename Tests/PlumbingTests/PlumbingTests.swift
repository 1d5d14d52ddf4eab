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
  let time = KST(milliseconds: milliseconds)
  #expect(time.iso == text)
  #expect(
    KST.milliseconds(
      year: time.year, month: time.month, day: time.day, hour: time.hour, minute: time.minute,
      second: time.second, millisecond: time.millisecond) == milliseconds)
}

@Test func weekdayAndMidnight() {
  let monday = KST.milliseconds(year: 2026, month: 11, day: 23, hour: 15)
  #expect(KST(milliseconds: monday).weekday == 1)
  #expect(KST(milliseconds: KST.midnight(before: monday)).iso == "2026-11-23T00:00:00.000+09:00")
}
