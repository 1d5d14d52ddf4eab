import Foundation
import TestSupport
import Testing

/// The assembled pipeline: `scripts/observer`, all five stages, against the simulator.
@Suite(.serialized, .waiting) struct ObserverScriptTests {
  /// An `observer run` that has begun to archive.
  private final class Pipeline {
    let simulator: Simulator
    let archive: String
    let process: RunningTool

    init(_ arguments: [String], simulator options: [String] = ["--ticks-per-second", "500"]) throws {
      simulator = try Simulator(options)
      archive = try Tool.temporaryFolder("archive with a space")
      process = try Tool.start(
        "observer",
        ["run", "--dir", archive, "--watchlist", Tool.repository.path + "/config/watchlist.jsonl"]
          + simulator.arguments + arguments,
        env: simulator.environment().merging(["OBSERVER_BIN_DIR": Tool.folder.path]) { $1 })
    }

    deinit {
      process.signal(SIGTERM)
      _ = process.wait(timeout: 20)
      try? FileManager.default.removeItem(atPath: archive)
    }

    var records: [String] {
      let data = FileManager.default.contents(atPath: archive + "/observer.jsonl") ?? Data()
      return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The pid of a stage of this pipeline.
    func pid(of stage: String) throws -> Int32 {
      let outcome = try Tool.run("pgrep", ["-P", String(process.pid), "-f", "/\(stage)( |$)"])
      return try #require(Int32(outcome.lines.first ?? ""), "\(stage) does not run")
    }
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func everythingFetchedIsArchivedWhenStopped(signal: Int32) throws {
    let pipeline = try Pipeline(["--feed", "trades", "--feed", "book", "--feed", "multi"])
    #expect(Tool.waitUntil(20) { pipeline.records.count > 300 })
    pipeline.process.signal(signal)
    let outcome = pipeline.process.wait(timeout: 20)
    #expect(outcome.status == 0, "\(outcome.errText)")
    let finished = try #require(outcome.errText.firstMatch(of: /Finished \| snapshots=(\d+) gaps=(\d+)/))
    let written = (Int(finished.1) ?? 0) + (Int(finished.2) ?? 0)
    let records = pipeline.records
    #expect(records.count == written)
    for record in records {
      let line = try Line(record)
      #expect(line["metadata", "session_id"] as? String == "test-session")
      #expect(line["metadata", "validation", "severity"] as? String == "INFO")
      #expect(line["metadata", "guard", "action"] as? String == "PASS")
    }
    for pattern in [
      "Observer started | session_id=test-session", "Snapshot received | symbol=",
      "Record published | file=\(pipeline.archive)/observer.jsonl",
    ] {
      #expect(outcome.errText.contains(pattern))
    }
    Simulator.expectNoSecret(outcome)
  }

  @Test(arguments: ["snap-validate", "snap-guard", "snap-enrich", "jsonl-sink"])
  func stageThatDiesIsNamedAndEndsThePipeline(stage: String) throws {
    let pipeline = try Pipeline(["--feed", "trades"])
    #expect(Tool.waitUntil(20) { pipeline.records.count > 10 })
    kill(try pipeline.pid(of: stage), SIGKILL)
    let outcome = pipeline.process.wait(timeout: 20)
    #expect(outcome.status == 137)
    #expect(outcome.errText.contains("\(stage) ended with status 137"), "\(outcome.errText)")
  }

  @Test func refusedCredentialsAreTheExitStatus() throws {
    let simulator = try Simulator()
    let archive = try Tool.temporaryFolder("archive")
    let outcome = try Tool.run(
      "observer",
      ["run", "--dir", archive, "--watchlist", "-", "--feed", "price"] + simulator.arguments,
      text: "005930\n",
      env: simulator.environment(secret: "wrong").merging(["OBSERVER_BIN_DIR": Tool.folder.path]) { $1 })
    #expect(outcome.status == 77)
    #expect(outcome.errText.contains("kis-fetch ended with status 77"))
    #expect(!FileManager.default.fileExists(atPath: archive + "/observer.jsonl"))
  }

  /// Who says what records are stamped with, and in what form the log is: as kis-fetch alone has it.
  struct Stamp: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var file: [String] = []
    var environment: [String: String] = [:]
    var options: [String] = []
    let mode: String
    let session: String?
    let isJSON: Bool
  }

  @Test(arguments: [
    Stamp(testDescription: "nobody", mode: "SIM", session: nil, isJSON: false),
    Stamp(
      testDescription: "the credentials file before the configuration",
      file: ["OBSERVER_MODE=PAPER", "OBSERVER_LOG_FORMAT=json", "OBSERVER_LOG_LEVEL=debug"], mode: "PAPER",
      session: nil, isJSON: true),
    Stamp(
      testDescription: "the environment before the credentials file",
      file: ["OBSERVER_MODE=PAPER", "OBSERVER_LOG_FORMAT=json"],
      environment: [
        "OBSERVER_MODE": "MINE", "OBSERVER_LOG_FORMAT": "text", "OBSERVER_LOG_LEVEL": "info",
        "OBSERVER_SESSION_ID": "evening",
      ],
      mode: "MINE", session: "evening", isJSON: false),
    Stamp(
      testDescription: "the option before the environment",
      environment: ["OBSERVER_MODE": "MINE", "OBSERVER_SESSION_ID": "evening"],
      options: ["--mode", "TOLD", "--session-id", "morning"], mode: "TOLD", session: "morning", isJSON: false),
  ])
  func recordsAreStampedAsKisFetchAloneWould(stamp: Stamp) throws {
    let simulator = try Simulator()
    let folder = try Tool.temporaryFolder("stamp")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let keys = folder + "/keys"
    let lines = [
      "KIS_APP_KEY=\(Simulator.appKey)", "KIS_APP_SECRET=\(Simulator.appSecret)",
      "KIS_REST_URL=\(simulator.restURL)", "KIS_TOKEN_CACHE_DIR=\(simulator.cache)",
    ]
    try (lines + stamp.file).joined(separator: "\n").write(toFile: keys, atomically: true, encoding: .utf8)
    chmod(keys, 0o600)
    // As it is delivered, and with words of its own where a credentials file has others.
    let section = stamp.file.isEmpty ? "" : #""OBSERVER_MODE":"X","OBSERVER_LOG_LEVEL":"error""#
    let configuration = #"{"environment":{\#(section)},"mode":"PROD","log":{"level":"info","format":"text"}}"#
    try configuration.write(toFile: folder + "/configuration", atomically: true, encoding: .utf8)
    let outcome = try Tool.run(
      "observer",
      ["run", "--dir", folder + "/archive", "--watchlist", "-", "--feed", "price", "--count", "1"]
        + ["--credentials", keys] + stamp.options,
      text: "005930\n",
      env: stamp.environment.merging([
        "OBSERVER_BIN_DIR": Tool.folder.path, "OBSERVER_CONFIG_FILE": folder + "/configuration",
      ]) { $1 })
    #expect(outcome.status == 0, "\(outcome.errText)")
    let text = try String(contentsOfFile: folder + "/archive/observer.jsonl", encoding: .utf8)
    let record = try Line(try #require(text.split(separator: "\n").map(String.init).first))
    #expect(record["snapshot", "meta", "mode"] as? String == stamp.mode)
    #expect(record["metadata", "mode"] as? String == stamp.mode)
    let session = try #require(record["metadata", "session_id"] as? String)
    #expect(session == record["snapshot", "meta", "session_id"] as? String)
    #expect(stamp.session.map { $0 == session } ?? session.hasPrefix("observer-"), "\(session)")
    #expect(outcome.errText.contains(#""stage":"kis-fetch""#) == stamp.isJSON, "\(outcome.errText)")
    let isOverruled = stamp.environment["OBSERVER_MODE"] != nil && !stamp.file.isEmpty
    #expect(outcome.errText.contains("does not count") == isOverruled, "\(outcome.errText)")
    Simulator.expectNoSecret(outcome)
  }

  @Test func replayKeepsGoodSnapshotsAndSetsTheOthersAside() throws {
    let folder = try Tool.temporaryFolder("replay")
    let corpus = try Tool.run("make-corpus", ["bad", "0.3"])
    let file = folder + "/snapshots.jsonl"
    try Data(corpus.out).write(to: URL(fileURLWithPath: file))
    let archive = folder + "/archive"
    let outcome = try Tool.run(
      "observer", ["replay", "--dir", archive, file], env: ["OBSERVER_BIN_DIR": Tool.folder.path])
    #expect(outcome.status == 0, "\(outcome.errText)")
    #expect(outcome.errText.contains("Validation failed | errors=["))
    let records = try Tool.run("wc", ["-l", archive + "/observer.jsonl"])
    let rejects = try Tool.run("wc", ["-l", archive + "/rejects/snap-validate.jsonl"])
    let counts = [records, rejects].map { Int($0.outText.split(separator: " ").first ?? "") ?? 0 }
    #expect(counts[0] > 0 && counts[1] > 0 && counts[0] + counts[1] == corpus.lines.count)
    // The same snapshots give the same bytes: nothing depends on the clock.
    let again = try Tool.run(
      "observer", ["replay", "--dir", archive + "2", file], env: ["OBSERVER_BIN_DIR": Tool.folder.path])
    #expect(again.status == 0)
    #expect(try Tool.run("cmp", [archive + "/observer.jsonl", archive + "2/observer.jsonl"]).status == 0)
  }

  /// Two files whose last lines have no end: no line of one may run into the other.
  @Test func replayKeepsTheLinesOfFilesApart() throws {
    let folder = try Tool.temporaryFolder("replay")
    let corpus = try Tool.run("make-corpus", ["small", "0.1"])
    let lines = corpus.lines.count
    #expect(lines > 10)
    try Data(corpus.out.dropLast()).write(to: URL(fileURLWithPath: folder + "/one"))
    let outcome = try Tool.run(
      "observer", ["replay", "--dir", folder + "/archive", folder + "/one", folder + "/one"],
      env: ["OBSERVER_BIN_DIR": Tool.folder.path])
    #expect(outcome.status == 0 && outcome.errText.contains("{\"in\":\(2 * lines),\"durable\":\(2 * lines),"))
  }

  /// `timeout`, service managers and terminals signal every process of the pipeline at once.
  @Test func aSignalToTheWholeGroupEndsInGoodOrder() throws {
    let simulator = try Simulator(["--ticks-per-second", "300"])
    let archive = try Tool.temporaryFolder("archive")
    let outcome = try Tool.run(
      "timeout",
      [
        "-k", "20", "3", Tool.repository.path + "/scripts/observer", "run", "--dir", archive, "--watchlist",
        Tool.repository.path + "/config/watchlist.jsonl", "--feed", "trades",
      ] + simulator.arguments,
      env: simulator.environment().merging(["OBSERVER_BIN_DIR": Tool.folder.path]) { $1 })
    #expect(outcome.status == 124)
    #expect(outcome.errText.contains("kis-fetch | Finished |"), "\(outcome.errText)")
    #expect(outcome.errText.contains("Observer stopped | session_id=test-session | status=0"))
  }

  @Test(arguments: [
    ([], Int32(64), "usage: observer"), (["dance"], 64, "unknown command 'dance'"),
    (["replay"], 64, "a file"),
    (["replay", "/no/such"], 74, "cannot read /no/such"),
    (["replay", "/"], 64, "file in folder /"), (["run", "--watchlist", "/"], 78, "is a folder"),
    (["run", "--watchlist", "/no/such"], 78, "there is no watchlist '/no/such'"),
    (["run", "--dir"], 64, "needs a value"),
  ])
  func wrongCallsSayWhatIsWrong(arguments: [String], status: Int32, words: String) throws {
    let outcome = try Tool.run("observer", arguments, env: ["OBSERVER_BIN_DIR": Tool.folder.path])
    #expect(outcome.status == status && outcome.errText.contains(words), "\(outcome.errText)")
  }
}
