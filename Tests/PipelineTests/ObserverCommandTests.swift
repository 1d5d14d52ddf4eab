import Foundation
import TestSupport
import Testing

/// The commands of `scripts/observer` around the pipeline: options, and whom `stop` stops.
struct ObserverCommandTests {
  private func observer(_ words: [String], in place: String? = nil) throws -> Outcome {
    let script = Tool.repository.path + "/scripts/observer"
    let environment = ["OBSERVER_BIN_DIR": Tool.folder.path]
    guard let place else { return try Tool.run(script, words, env: environment) }
    return try Tool.run(
      "bash", ["-c", "cd -- \"$0\" && exec \"$@\"", place, script] + words, env: environment)
  }

  @Test(arguments: [
    ["stop", "--dri", "/elsewhere"], ["stop", "surplus"], ["stop", "--watchlist", "x"],
    ["status", "--dri=x"],
    ["logs", "--dri"], ["doctor", "--dri"], ["prune", "--dri"], ["replay", "--dri", "x"],
    ["restart", "--dri"],
    ["restart", "--rotate", "7x"], ["run", "--dir"], ["stop", "--dir"], ["--dri"], ["stop", "--dir="],
  ])
  func anOptionThatACommandDoesNotTakeIs64(words: [String]) throws {
    let outcome = try observer(words)
    #expect(outcome.status == 64, "\(outcome.errText)")
    #expect(!outcome.errText.isEmpty && outcome.out.isEmpty)
  }

  /// Before a folder is made; and a value that is missing is called that.
  @Test(arguments: [
    (["start", "--dri", "x"], "unknown option --dri; did you mean"),
    (["run", "--dri", "x"], "unknown option --dri"),
    (["start", "--feed", "tradez"], "tradez"), (["start", "--rotate", "soon"], "soon"),
    (["start", "surplus"], "unexpected argument 'surplus'"),
    (["restart", "--feed"], "--feed needs a value"), (["start", "--feed"], "--feed needs a value"),
  ])
  func aWrongOptionMakesNoFolder(words: [String], said: String) throws {
    let archive = try Tool.temporaryFolder("place") + "/archive"
    let outcome = try Tool.run(
      "observer", words + (words.last == "--feed" ? [] : ["--dir", archive]),
      env: ["OBSERVER_BIN_DIR": Tool.folder.path, "OBSERVER_CONFIG_DIR": archive])
    #expect(outcome.status == 64 && outcome.errText.contains(said), "\(outcome.errText)")
    #expect(!FileManager.default.fileExists(atPath: archive))
  }

  /// What starts in the background has no standard input; nothing is made or stopped for it.
  @Test(arguments: ["start", "restart"], [["--watchlist", "-"], ["--watchlist=-"], []])
  func theBackgroundHasNoStandardInput(command: String, words: [String]) throws {
    let archive = try Tool.temporaryFolder("place") + "/archive"
    let outcome = try Tool.run(
      "observer", [command, "--dir", archive] + words, text: "005930\n",
      env: ["OBSERVER_BIN_DIR": Tool.folder.path].merging(words.isEmpty ? ["OBSERVER_WATCHLIST": "-"] : [:]) {
        $1
      })
    #expect(outcome.status == 64 && outcome.errText.contains("mkfifo FILE"), "\(outcome.errText)")
    #expect(!FileManager.default.fileExists(atPath: archive))
  }

  @Test func aClosedStandardInputIsNoWatchlist() throws {
    let archive = try Tool.temporaryFolder("place")
    let outcome = try Tool.run(
      "bash", ["-c", "exec \"$0\" run --dir \"$1\" --watchlist - <&-", Tool.path("observer"), archive],
      env: ["OBSERVER_BIN_DIR": Tool.folder.path])
    #expect(outcome.status == 78 && outcome.errText.split(separator: "\n").count == 1, "\(outcome.errText)")
    #expect(outcome.errText.contains("standard input, the watchlist, is closed"), "\(outcome.errText)")
  }

  @Test(arguments: [
    "run", "start", "restart", "stop", "status", "logs", "replay", "doctor", "seal", "prune", "restore",
  ])
  func everyCommandHasHelp(command: String) throws {
    let outcome = try observer([command, "--help"])
    #expect(outcome.status == 0 && outcome.outText.lowercased().hasPrefix("usage: observer"))
  }

  @Test func versionIsOneLine() throws {
    let outcome = try observer(["--version"])
    #expect(outcome.status == 0 && outcome.outText.wholeMatch(of: /observer \d+\.\d+\.\d+\n/) != nil)
  }

  /// Its number stands in the lock, as it does when a container's file is looked at from outside.
  @Test func stopLeavesAProcessAloneThatOnlyHasTheNumber() throws {
    let archive = try Tool.temporaryFolder("lock")
    try FileManager.default.createDirectory(atPath: archive + "/.run", withIntermediateDirectories: true)
    let lock = archive + "/.run/pipeline.lock"
    let bystander = try Tool.start("sleep", ["60"])
    defer { bystander.signal(SIGKILL) }
    try "pid \(bystander.pid)\n".write(toFile: lock, atomically: false, encoding: .utf8)
    // Held on another descriptor than the script's, so that no process can be told to be the pipeline.
    let holder = try Tool.start("flock", [lock, "sleep", "60"])
    defer { holder.signal(SIGKILL) }
    #expect(Tool.waitUntil { (try? Tool.run("flock", ["-n", lock, "true"]).status) == 1 })
    let outcome = try observer(["stop", "--dir", archive])
    #expect(outcome.status == 74 && outcome.errText.contains("nothing was stopped"), "\(outcome.errText)")
    #expect(kill(bystander.pid, 0) == 0 && kill(holder.pid, 0) == 0)
  }

  /// A lock whose note is another's number, held by a process that can be seen: that one is stopped.
  @Test func stopFindsTheHolderByItsLock() throws {
    let archive = try Tool.temporaryFolder("lock")
    try FileManager.default.createDirectory(atPath: archive + "/.run", withIntermediateDirectories: true)
    let lock = archive + "/.run/pipeline.lock"
    let bystander = try Tool.start("sleep", ["60"])
    defer { bystander.signal(SIGKILL) }
    try "pid \(bystander.pid)\n".write(toFile: lock, atomically: false, encoding: .utf8)
    let holder = try Tool.start("bash", ["-c", "exec 8<>\"$0\"; flock 8; exec sleep 60", lock])
    defer { holder.signal(SIGKILL) }
    #expect(Tool.waitUntil { (try? Tool.run("flock", ["-n", lock, "true"]).status) == 1 })
    let outcome = try observer(["stop", "--dir", archive])
    #expect(outcome.status == 0, "\(outcome.errText)")
    #expect(holder.wait(timeout: 10).status != 0)
    #expect(kill(bystander.pid, 0) == 0)
  }

  @Test(
    arguments: ["pipeline.lock", "observer.pid", "pipeline.args"], ["stop", "status", "start", "restart"])
  func aPipeInPlaceOfAFileIsNamed(name: String, command: String) throws {
    let archive = try Tool.temporaryFolder("fifo")
    try FileManager.default.createDirectory(atPath: archive + "/.run", withIntermediateDirectories: true)
    #expect(mkfifo("\(archive)/.run/\(name)", 0o600) == 0)
    let outcome = try observer([command, "--dir", archive])
    #expect(outcome.status == 73, "\(outcome.errText)")
    #expect(outcome.errText.contains("\(archive)/.run/\(name) is a file of the wrong kind (fifo)"))
  }

  /// `--dir -dash` names the same folder for every command, and no temporary folder outlives a killed script.
  @Test func aFolderThatLooksLikeAnOptionIsStartedAndStopped() throws {
    let simulator = try Simulator(["--ticks-per-second", "200"])
    let place = try Tool.temporaryFolder("dash")
    let temporary = try Tool.temporaryFolder("tmp")
    let script = Tool.repository.path + "/scripts/observer"
    let environment = simulator.environment().merging([
      "OBSERVER_BIN_DIR": Tool.folder.path, "TMPDIR": temporary, "OBSERVER_STARTED_BY": "foreground",
    ]) { $1 }
    func run(_ words: [String]) throws -> Outcome {
      try Tool.run("bash", ["-c", "cd -- \"$0\" && exec \"$@\"", place, script] + words, env: environment)
    }
    let watchlist = Tool.repository.path + "/config/watchlist.jsonl"
    let started = try run(["start", "--dir", "-dash", "--watchlist", watchlist] + simulator.arguments)
    defer { _ = try? run(["stop", "--dir", "-dash"]) }
    #expect(started.status == 0, "\(started.errText)")
    #expect(try run(["status", "--dir", "-dash"]).outText.hasPrefix("running, pid "))
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
    let supervisor = try String(contentsOfFile: place + "/-dash/.run/pipeline.lock", encoding: .utf8)
    let pid = try #require(Int32(supervisor.dropFirst(4).prefix { $0.isNumber }))
    let stopped = try run(["stop", "--dir", "-dash"])
    #expect(stopped.status == 0, "\(stopped.errText)")
    #expect(Tool.waitUntil { kill(pid, 0) != 0 })
    #expect(FileManager.default.fileExists(atPath: place + "/-dash/observer.jsonl"))
  }
}
