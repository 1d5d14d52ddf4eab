import Archive
import Plumbing
import Testing

private func moment(_ day: Int, _ hour: Int, _ minute: Int, _ second: Int, _ millisecond: Int = 0)
  -> Milliseconds
{
  KST.time(
    year: 2026, month: 7, day: day, hour: hour, minute: minute, second: second, millisecond: millisecond)
}

struct WindowCase: Sendable, CustomTestStringConvertible {
  let length: String
  let at: Milliseconds
  let name: String
  let long: Milliseconds
  var testDescription: String { "\(length) \(KST(at).iso)" }
}

private let windowCases: [WindowCase] = [
  .init(
    length: "1h", at: moment(30, 9, 23, 41, 123), name: "observer_20260730_0900.jsonl",
    long: 3_600_000),
  .init(length: "1h", at: moment(30, 9, 0, 0), name: "observer_20260730_0900.jsonl", long: 3_600_000),
  .init(
    length: "1h", at: moment(30, 8, 59, 59, 999), name: "observer_20260730_0800.jsonl",
    long: 3_600_000),
  .init(
    length: "1d", at: moment(30, 0, 0, 0), name: "observer_20260730_0000.jsonl", long: 86_400_000),
  .init(
    length: "1d", at: moment(29, 23, 59, 59, 999), name: "observer_20260729_0000.jsonl",
    long: 86_400_000),
  // 08:59 KST is the evening before in UTC: the day is Korea's all the same.
  .init(
    length: "1d", at: moment(30, 8, 59, 0), name: "observer_20260730_0000.jsonl", long: 86_400_000),
  .init(
    length: "60s", at: moment(30, 9, 23, 59, 999), name: "observer_20260730_0923.jsonl", long: 60_000),
  .init(length: "1m", at: moment(30, 9, 24, 0), name: "observer_20260730_0924.jsonl", long: 60_000),
  .init(length: "90s", at: moment(30, 0, 1, 30), name: "observer_20260730_0001.jsonl", long: 90_000),
  .init(
    length: "30s", at: moment(30, 9, 23, 41), name: "observer_20260730_092330.jsonl", long: 30_000),
  .init(
    length: "59s", at: moment(30, 0, 0, 58, 999), name: "observer_20260730_000000.jsonl", long: 59_000
  ),
  .init(
    length: "59s", at: moment(30, 0, 0, 59), name: "observer_20260730_000059.jsonl", long: 59_000),
  // 86400 = 1464 * 59 + 24: the last window of the day is cut short, and the next day starts afresh.
  .init(
    length: "59s", at: moment(30, 23, 59, 59), name: "observer_20260730_235936.jsonl", long: 24_000),
  .init(length: "59s", at: moment(31, 0, 0, 0), name: "observer_20260731_000000.jsonl", long: 59_000),
  .init(
    length: "7h", at: moment(30, 23, 0, 0), name: "observer_20260730_2100.jsonl", long: 10_800_000),
  .init(
    length: "1500ms", at: moment(30, 0, 0, 1, 500), name: "observer_20260730_000001.jsonl", long: 1500
  ),
  .init(
    length: "3600000", at: moment(30, 10, 0, 0), name: "observer_20260730_1000.jsonl", long: 3_600_000
  ),
]

@Test(arguments: windowCases) func windowAndName(_ item: WindowCase) throws {
  let rotation = try #require(Rotation(text: item.length))
  let window = rotation.window(containing: item.at)
  #expect(window.contains(item.at))
  #expect(window.upperBound - window.lowerBound == item.long)
  #expect(try ArchiveLayout(directory: "d").name(of: window, in: rotation) == item.name)
}

/// Every window of a day follows the one before without a gap, and no two share a name.
@Test(arguments: ["1s", "59s", "61s", "90s", "7h", "1d", "86399s"]) func windowsTileTheDay(_ length: String)
  throws
{
  let rotation = try #require(Rotation(text: length))
  let layout = try ArchiveLayout(directory: "d")
  let end = moment(31, 0, 0, 0)
  var at = moment(30, 0, 0, 0)
  var names = Set<String>()
  var count = 0
  while at < end {
    let window = rotation.window(containing: at)
    #expect(window.lowerBound == at)
    #expect(rotation.window(containing: window.upperBound - 1) == window)
    names.insert(layout.name(of: window, in: rotation))
    count += 1
    at = window.upperBound
  }
  #expect(at == end)
  #expect(names.count == count)
}

@Test(arguments: [
  "", "0s", "999", "999ms", "2d", "25h", "1w", "-1h", "1.5h", "h", "99999999999999999999s", "1 h",
])
func lengthsThatMakeNoSense(_ text: String) { #expect(Rotation(text: text) == nil) }

@Test(arguments: ["", ".hidden", "a/b", "a b", "a\nb", String(repeating: "x", count: 101)])
func baseNamesThatAreNoFileNames(_ name: String) {
  #expect(throws: ToolFailure.self) { try ArchiveLayout(directory: "d", baseName: name) }
}
