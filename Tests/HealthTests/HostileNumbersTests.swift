import Foundation
import TestSupport
import Plumbing
import Testing

@testable import Health

/// Numbers in metrics and times of files that no stage of ours writes, but another program can.
struct HostileNumbersTests {
  static let numbers = [
    "nan", "NaN", "-nan", "inf", "+Inf", "-inf", "1e19", "-1e30", "1e308", "-1.7e308", "9.3e18", "-9.3e18",
    "9223372036854775807", "-9223372036854775808", "18446744073709551616", "9007199254740993",
    "-9007199254740993",
    "4.9e15", "-4.9e15", "5e-324", "-0.0", "0x1p1023", "-1", "0.5",
  ]

  /// The healthy pipeline's numbers as text, with `change` made to each value.
  private static func facts(_ change: (_ key: String, _ value: String) -> String) -> HealthFacts {
    var facts = HealthRulesTests.healthy()
    func read(_ sample: Sample?) -> Sample {
      Sample(
        text: (sample?.values ?? [:]).map { key, value in
          let name = key.replacing("{", with: "{stage=\"x\",").replacing("=", with: "=\"").replacing(
            "}", with: "\"}")
          return "\(name) \(change(key, "\(value)"))\n"
        }.joined())
    }
    for index in facts.stages.indices {
      facts.stages[index].now = read(facts.stages[index].now)
      facts.stages[index].before = read(facts.stages[index].before)
    }
    return facts
  }

  /// Everything that is made of facts.
  private static func show(_ facts: HealthFacts) {
    var site = HealthSite(korean: true)
    for minute in 0..<2 {
      var later = facts
      later.wall += .minutes(minute)
      site.update(later, metrics: [])
    }
    for path in ["/", "/status", "/metrics"] {
      let request = HTTPRequest.parse(Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)) { _ in
        true
      }
      guard case .request(let asked) = request else { continue }
      #expect(!site.answer(asked).bytes(isHead: false, keepsAlive: false).isEmpty)
    }
    #expect(!HealthReport(facts).table(korean: false).isEmpty)
  }

  @Test(arguments: numbers) func anyNumberInAnyPlace(number: String) {
    for key in Set(HealthRulesTests.healthy().stages.flatMap { ($0.now?.values ?? [:]).keys }) {
      Self.show(Self.facts { $0 == key ? number : $1 })
    }
  }

  @Test(arguments: numbers, ["nan", "1e19", "-1e30", "1"]) func allPlacesAtOnce(now: String, before: String) {
    var facts = Self.facts { _, _ in now }
    let older = Self.facts { _, _ in before }
    for index in facts.stages.indices { facts.stages[index].before = older.stages[index].before }
    for wasOpen in [true, false] {
      if !wasOpen { facts.market = .closed("weekend") }
      Self.show(facts)
    }
  }

  /// A file's time can be any 64-bit number of seconds.
  @Test(arguments: [Int64.max, .min, 1 << 62, -(1 << 40), 0]) func anyTimeOfAFile(seconds: Int64) throws {
    let folder = try Tool.temporaryFolder("health-time")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["observer.jsonl", "life"] {
      try "status 0\n".write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
      var times = [
        timespec(tv_sec: Int(seconds), tv_nsec: 0), timespec(tv_sec: Int(seconds), tv_nsec: 999_999_999),
      ]
      utimensat(AT_FDCWD, "\(folder)/\(name)", &times, 0)
    }
    var facts = HealthRulesTests.healthy()
    facts.archive = ArchiveReader.newest(folder, "observer")
    let life = LifeFile(folder + "/life")
    facts.pipeline.changed = life.changed
    facts.pipeline.until = 900
    facts.pipeline.end = life.end
    Self.show(facts)
    _ = facts.pipeline.isDone(at: facts.wall)
  }

  @Test func whatIsNoNumberOfAStageIsNotTaken() {
    let text = "a 1\nb nan\nc inf\nd 1e19\ne -1e30\nf 9007199254740992\n"
    #expect(Sample(text: text).values == ["a": 1, "f": 9_007_199_254_740_992])
  }
}
