import Foundation
import TestSupport
import Testing

/// What goes wrong before the stages run, how a pipeline ends, and who started it: all through `scripts/observer`.
struct HealthStartTests {
  private func observer(
    _ bench: HealthBench, _ words: [String], _ extra: [String: String] = [:]
  ) throws -> Outcome {
    try Tool.run("observer", words + ["--dir", bench.archive], env: bench.environment.merging(extra) { $1 })
  }

  private func start(
    _ bench: HealthBench, _ options: [String], _ extra: [String: String] = [:]
  ) throws -> Outcome {
    try observer(bench, ["start", "--time-scale", "0.05"] + options, extra)
  }

  struct Failure: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let options: [String]
    var environment: [String: String] = [:]
    let status: Int32
    let first: String
    let words: String
  }

  /// FOLDER in an option or a variable is the bench's own.
  static let failures = [
    Failure(
      testDescription: "no watchlist", options: ["--watchlist", "FOLDER/none"], status: 78, first: "pipeline",
      words: "/none"),
    Failure(
      testDescription: "empty watchlist", options: ["--watchlist", "/dev/null"], status: 78,
      first: "watchlist", words: "names no symbol"),
    Failure(
      testDescription: "a watchlist without a symbol", options: ["--watchlist", "FOLDER/ready.json"],
      status: 78, first: "watchlist", words: "names no symbol"),
    Failure(
      testDescription: "logs nowhere", options: [], environment: ["OBSERVER_LOG_DIR": "/proc/none"],
      status: 73,
      first: "pipeline", words: "set OBSERVER_LOG_DIR"),
    Failure(
      testDescription: "configuration broken", options: [],
      environment: ["OBSERVER_CONFIG_FILE": "/proc/self/cmdline"], status: 78, first: "pipeline",
      words: "/proc/self/cmdline"),
    Failure(
      testDescription: "a log that cannot be written", options: [],
      environment: ["OBSERVER_LOG_DIR": "FOLDER/logs"],
      status: 73, first: "pipeline", words: "cannot write"),
    Failure(
      testDescription: "pipes nowhere", options: [], environment: ["TMPDIR": "/proc/none"], status: 73,
      first: "pipeline", words: "TMPDIR"),
    Failure(
      testDescription: "no such feed", options: ["--feed", "tradez"], status: 64, first: "kis-fetch",
      words: "tradez"),
    Failure(
      testDescription: "no such option", options: ["--bogus"], status: 64, first: "kis-fetch",
      words: "--bogus"),
    Failure(
      testDescription: "no such window", options: ["--rotate", "soon"], status: 64, first: "jsonl-sink",
      words: "soon"),
    Failure(
      testDescription: "credentials refused", options: [], environment: ["KIS_APP_SECRET": "wrong"],
      status: 77, first: "credentials", words: "refuses the credentials"),
  ]

  @Test(arguments: failures)
  func startSaysWhyItFailed(failure: Failure) throws {
    let bench = try HealthBench()
    try bench.simulate()
    func placed(_ text: String) -> String { text.replacingOccurrences(of: "FOLDER", with: bench.folder) }
    let options = ["--watchlist", bench.folder + "/watchlist"] + failure.options.map(placed)
    let guardLog = bench.folder + "/logs/snap-guard.log"  // a folder where the file should be
    try FileManager.default.createDirectory(atPath: guardLog, withIntermediateDirectories: true)
    // A pipeline has run there before: what is wrong now is for the doctor to name.
    try FileManager.default.createDirectory(
      atPath: bench.archive + "/.run", withIntermediateDirectories: true)
    let outcome = try start(bench, options, failure.environment.mapValues(placed))
    #expect(outcome.status == failure.status, "\(outcome.errText)")
    #expect(outcome.errText.contains(failure.words), "\(outcome.errText)")
    let seen = try bench.check()
    #expect(seen.status == 1 && seen.first == failure.first, "\(seen.line)")
    #expect(seen.line.contains(failure.words), "\(seen.line)")
    _ = try observer(bench, ["stop"])
    // Mended, it runs.
    #expect(try start(bench, ["--watchlist", bench.folder + "/watchlist"]).status == 0)
    #expect(try bench.named("none", within: 20) != nil)
    _ = try observer(bench, ["stop"])
  }

  /// What start and the doctor say is the cause that kis-fetch left, not a line of its log.
  @Test func untilHasPassed() throws {
    let bench = try HealthBench()
    try bench.simulate()
    let outcome = try start(bench, ["--watchlist", bench.folder + "/watchlist", "--until", "00:00"])
    #expect(
      outcome.status == 0 && outcome.errText.contains("it has ended already: Nothing to do"),
      "\(outcome.errText)")
    let state = try String(contentsOfFile: bench.archive + "/.run/observer.pid", encoding: .utf8)
    #expect(state.hasPrefix("status 0 until-passed\n"), "\(state)")
    #expect(try bench.check(["--market", "closed"]).status == 0)
  }

  /// `--until` has ended it: at night that is as it should be, in trading hours it is not.
  @Test func quietNight() throws {
    let bench = try HealthBench()
    try bench.simulate()
    try bench.run([:], ["--feed", "trades", "--duration", "1"])
    #expect(bench.waitForEnd() == 0)
    let night = try bench.check(["--market", "closed"])
    #expect(night.status == 0 && night.line.contains("ended in order"), "\(night.line)")
    try bench.expectNamed("pipeline", "ended while the market is open")
    try bench.run()
    #expect(try bench.named("none", within: 20) != nil)
  }

  /// Its stages end in order then, and nobody starts them again. Doctor and restart know where the metrics are, which
  /// only the start was told.
  @Test func supervisorKilled() throws {
    let bench = try HealthBench()
    try bench.simulate()
    let metrics = bench.folder + "/metrics"
    try FileManager.default.createDirectory(atPath: metrics, withIntermediateDirectories: true)
    let started = try start(
      bench, ["--watchlist", bench.folder + "/watchlist"], ["OBSERVER_METRICS_DIR": metrics])
    #expect(started.status == 0, "\(started.errText)")
    #expect(try bench.named("none", within: 20) != nil)
    // In the background polling rests while the market is closed; a word of the operator's goes first.
    let words = try String(
      contentsOfFile: "/proc/\(try #require(bench.pid(of: "kis-fetch", in: metrics)))/cmdline",
      encoding: .utf8)
    #expect(words.hasSuffix("\0--hours\0market\0"), "\(words)")
    kill(try #require(bench.pid(of: "pipeline", ending: "lock")), SIGKILL)
    #expect(
      Tool.waitUntil(10) {
        bench.pid(of: "jsonl-sink", in: metrics) == nil && bench.pid(of: "observer") == nil
      })
    #expect(try bench.check(["--market", "closed"]).first == "pipeline")
    #expect(try observer(bench, ["restart"]).status == 0)
    #expect(try bench.named("none", within: 20) != nil)
    #expect(bench.pid(of: "kis-fetch", in: metrics) != nil && bench.pid(of: "kis-fetch") == nil)
    #expect(
      try bench.check(env: bench.environment.merging(["OBSERVER_METRICS_DIR": "/none"]) { $1 }).first
        == "none")
    #expect(try observer(bench, ["stop"]).status == 0)
  }

  /// Where a restart would fail for want of credentials, what runs is left alone.
  @Test(arguments: ["KIS_APP_KEY", "KIS_APP_SECRET"])
  func restartWithoutCredentialsStopsNothing(missing: String) throws {
    let bench = try HealthBench()
    try bench.runAndWaitUntilHealthy([:], ["--feed", "trades"])
    let outcome = try observer(bench, ["restart"], [missing: ""])
    #expect(outcome.status == 77 && outcome.errText.contains("nothing was stopped"), "\(outcome.errText)")
    let without = try observer(bench, ["restart", "--watchlist", "-"])
    #expect(without.status == 64 && without.errText.contains("nothing was stopped"), "\(without.errText)")
    let listless = try observer(bench, ["restart", "--watchlist", "/none"])
    #expect(listless.status == 78 && listless.errText.contains("nothing was stopped"), "\(listless.errText)")
    #expect(try bench.check().first == "none")
  }

  @Test func scriptKilled() throws {
    let bench = try HealthBench()
    try bench.runAndWaitUntilHealthy()
    kill(try #require(bench.pid(of: "observer")), SIGKILL)
    _ = bench.waitForEnd()
    try bench.expectNamed("pipeline", "the script killed")
    #expect(try bench.check(["--market", "closed"]).first == "pipeline")
    try bench.run()
    #expect(try bench.named("none", within: 20) != nil)
  }

  /// One pipeline an archive, whoever starts the second; and `restart` takes over with the same options.
  @Test func startBesideAPipelineOfTheForeground() throws {
    let bench = try HealthBench()
    try bench.runAndWaitUntilHealthy([:], ["--feed", "trades"])
    let first = try #require(bench.pid(of: "observer"))
    let second = try start(bench, ["--watchlist", bench.folder + "/watchlist"])
    #expect(
      second.status == 75 && second.errText.contains("in the foreground, pid \(first)"), "\(second.errText)")
    let third = try observer(bench, ["run", "--watchlist", bench.folder + "/watchlist"])
    #expect(third.status == 75 && third.errText.contains("pid \(first)"), "\(third.errText)")
    #expect(try bench.check().first == "none")
    let restarted = try observer(bench, ["restart"])
    #expect(restarted.status == 0, "\(restarted.errText)")
    #expect(bench.waitForEnd() == 0)
    #expect(try bench.named("none", within: 20) != nil)
    let words = try String(contentsOfFile: bench.archive + "/.run/pipeline.args", encoding: .utf8)
    // The default of start is none of the words that are kept.
    #expect(words.split(separator: "\0").suffix(2) == ["--feed", "trades"])
    #expect(try observer(bench, ["stop"]).status == 0)
    #expect(try bench.check(["--market", "closed"]).first == "none")
  }

  @Test(arguments: [("service observer", "systemctl"), ("container", "docker compose -p observer")])
  func whatAServiceManagerKeepsIsLeftToIt(keeper: String, words: String) throws {
    let bench = try HealthBench()
    try bench.runAndWaitUntilHealthy(["OBSERVER_STARTED_BY": keeper], ["--feed", "trades"])
    // In a container every shell has the image's variable.
    for (verb, variable) in [("stop", ""), ("restart", ""), ("restart", keeper)] {
      let outcome = try observer(bench, [verb], ["OBSERVER_STARTED_BY": variable])
      let advice = "\(words) \(verb) observer"
      #expect(outcome.status == 75 && outcome.errText.contains(advice), "\(outcome.errText)")
    }
    kill(try #require(bench.pid(of: "jsonl-sink")), SIGKILL)
    _ = bench.waitForEnd()
    #expect(try bench.check().line.contains(words))
  }
}
