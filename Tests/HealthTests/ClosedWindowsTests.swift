import Foundation
import Plumbing
import TestSupport
import Testing

@testable import Health

/// Closed windows that nobody compresses are named; those that are worked on, or that nobody wants compressed, are not.
@Suite struct ClosedWindowsTests {
  private func facts(_ compresses: Bool?, windows: Int, age: Milliseconds, isWorkedOn: Bool = false)
    -> HealthFacts
  {
    var facts = HealthRulesTests.healthy()
    facts.pipeline.pid = 7
    facts.pipeline.changed = facts.wall - .hours(8)
    facts.pipeline.compresses = compresses
    facts.closedWindows.count = windows
    facts.closedWindows.oldest = facts.wall - age
    facts.closedWindows.isWorkedOn = isWorkedOn
    return facts
  }

  @Test func whatIsBehindIsNamed() throws {
    func warnings(_ facts: HealthFacts) -> [String] { HealthReport(facts).warnings.map(\.name) }
    #expect(warnings(facts(true, windows: 2, age: .minutes(11))) == ["compression"])
    #expect(warnings(facts(true, windows: 1, age: .hours(7), isWorkedOn: true)) == ["compression"])
    #expect(warnings(facts(true, windows: 1, age: .minutes(9))) == [])
    #expect(warnings(facts(true, windows: 1, age: .hours(5), isWorkedOn: true)) == [])
    #expect(warnings(facts(true, windows: 0, age: .hours(50))) == [])
    #expect(warnings(facts(false, windows: 9, age: .hours(50))) == [])
    #expect(warnings(facts(nil, windows: 9, age: .hours(50))) == [])
    // Friday's window waits since Monday's start.
    var started = facts(true, windows: 1, age: .hours(60))
    started.pipeline.changed = started.wall - .minutes(3)
    #expect(warnings(started) == [])
    let report = HealthReport(facts(true, windows: 2, age: .minutes(11)))
    let check = try #require(report.warnings.first)
    #expect(report.isHealthy && check.detail == "closed windows not compressed after 11 minutes: 2")
    #expect(check.fix.contains("observer seal --compress"))
  }

  @Test func theFolderTells() throws {
    let archive = try Tool.temporaryFolder("windows")
    let files = FileManager.default
    try files.createDirectory(atPath: archive + "/.run", withIntermediateDirectories: true)
    for name in [
      "observer_20260730_0900.jsonl.zst", "observer_20260730_1000.jsonl", "observer_20260730_1100.jsonl",
      "observer_20260730_1100.jsonl.zst.tmp", "observer_20260730_1200.jsonl", "observer.jsonl",
      "other_20260730_0900.jsonl",
    ] { try Data("{}\n".utf8).write(to: URL(fileURLWithPath: archive + "/" + name)) }
    try files.createSymbolicLink(
      atPath: archive + "/observer_20260730_0800.jsonl", withDestinationPath: "/etc/passwd")
    #expect(ClosedWindows.look(archive, "observer").count == 2)
    let lock = archive + "/.run/compress.lock"
    try Data().write(to: URL(fileURLWithPath: lock))
    #expect(!ClosedWindows.look(archive, "observer").isWorkedOn)
    let holder = try Tool.start("flock", [lock, "sleep", "60"])
    defer { holder.signal(SIGKILL) }
    #expect(Tool.waitUntil { ClosedWindows.look(archive, "observer").isWorkedOn })
    #expect(ClosedWindows.look(archive + "/none", "observer").count == 0)
  }
}
