import Foundation
import TestSupport
import Testing

/// config/logrotate.conf, with logrotate itself: no line of a log or a reject is lost, and nothing has to be told.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/logrotate"), "needs logrotate"))
struct LogRotationTests {
  private let archive: String
  private let configuration: String

  init() throws {
    archive = try Tool.temporaryFolder("rotated here")
    for folder in [".run/log", "rejects"] {
      try FileManager.default.createDirectory(
        atPath: archive + "/" + folder, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o755])
    }
    configuration = archive + "/.run/logrotate.conf"
    let text = try String(
      contentsOf: Tool.repository.appendingPathComponent("config/logrotate.conf"), encoding: .utf8)
    let written = text.replacing("/var/lib/observer/config/observer", with: archive)
    #expect(written != text)
    #expect(
      FileManager.default.createFile(
        atPath: configuration, contents: Data(written.utf8), attributes: [.posixPermissions: 0o644]))
  }

  private func rotate() throws {
    let run = try Tool.run(
      "/usr/sbin/logrotate", ["-f", "-s", archive + "/.run/logrotate.state", configuration])
    #expect(run.status == 0, "\(run.errText)")
  }

  private func size(_ path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
  }

  /// The lines of a file and of what was rotated away from it, oldest first.
  private func lines(_ path: String) throws -> [Substring] {
    let script =
      "for n in 9 8 7 6 5 4 3 2 1; do for f in \"$0.$n.gz\" \"$0.$n\"; do [ ! -e \"$f\" ] || zcat -f -- \"$f\"; done; done; cat \"$0\""
    return try Tool.run("bash", ["-c", script, path]).outText.split(separator: "\n")
  }

  @Test func nothingIsLostWhileAStageWrites() throws {
    let log = archive + "/.run/log/snap-validate.log"
    let rejects = archive + "/rejects/snap-validate.jsonl"
    let stage = try Tool.start(
      "bash",
      [
        "-c", "exec \"$0\" --log-level debug --rejects \"$1\" 2>>\"$2\"", Tool.path("snap-validate"), rejects,
        log,
      ],
      env: ["OBSERVER_LOG_FILE": log])
    let block = 200
    var sent = 0
    for _ in 0..<7 {
      let parts = (0..<10).map { part in
        (0..<block).map { "{\"n\":\(sent + part * block + $0)}\n" }.joined()
      }
      for part in parts { stage.write(part) }
      sent += 10 * block
      try rotate()
      // Until the stage writes into its new files it has not gone on.
      stage.write("{\"n\":\(sent)}\n")
      sent += 1
      #expect(Tool.waitUntil(20) { self.size(log) > 0 && self.size(rejects) > 0 })
    }
    stage.closeInput()
    #expect(stage.wait().status == 0)
    #expect(try lines(log).count { $0.contains("Validation failed | errors=") } == sent)
    let numbers = try lines(rejects).map { line in
      try #require(line.firstMatch(of: /"input":\{"n":(\d+)\}/).flatMap { Int($0.1) })
    }
    let isWhole = numbers == Array(0..<sent)
    #expect(isWhole, "\(numbers.count) of \(sent)")
    #expect(FileManager.default.fileExists(atPath: log + ".2.gz"))
  }

  /// The pipeline's own log and those of its stages, while it runs in the background.
  @Test func aRunningPipelineGoesOnInNewFiles() throws {
    let simulator = try Simulator(["--ticks-per-second", "100"])
    let environment = simulator.environment().merging(["OBSERVER_BIN_DIR": Tool.folder.path]) { $1 }
    let start = try Tool.run(
      "observer",
      [
        "start", "--dir", archive, "--watchlist", Tool.repository.path + "/config/watchlist.jsonl", "--feed",
        "trades",
      ]
        + simulator.arguments, env: environment)
    #expect(start.status == 0, "\(start.errText)")
    try rotate()
    let stop = try Tool.run("observer", ["stop", "--dir", archive], env: environment)
    #expect(stop.status == 0, "\(stop.errText)")
    let folder = archive + "/.run/log/"
    let words = [
      "observer": "Observer stopped | session_id=", "kis-fetch": "Finished |", "jsonl-sink": "\"durable\":",
    ]
    for (stage, word) in words {
      let now = try String(contentsOfFile: folder + stage + ".log", encoding: .utf8)
      #expect(now.contains(word), "\(stage): \(now)")
      #expect(!now.contains("Observer started"))
    }
    #expect(try lines(folder + "observer.log").contains { $0.contains("Observer started") })
  }

  /// Stderr that leads elsewhere was put there by somebody: it stays.
  @Test func whatIsNoFileIsNotReplaced() throws {
    let log = archive + "/.run/log/snap-guard.log"
    let run = try Tool.run("snap-guard", text: "{}\n", env: ["OBSERVER_LOG_FILE": log])
    #expect(run.errText.contains("snap-guard") && !FileManager.default.fileExists(atPath: log))
    // A link in its place is not followed.
    try FileManager.default.createSymbolicLink(atPath: log, withDestinationPath: archive + "/elsewhere")
    let words = ["-c", "exec \"$0\" 2>>\"$1\"", Tool.path("snap-guard"), archive + "/other"]
    #expect(try Tool.run("bash", words, text: "{}\n", env: ["OBSERVER_LOG_FILE": log]).status == 0)
    #expect(!FileManager.default.fileExists(atPath: archive + "/elsewhere") && size(archive + "/other") > 0)
  }
}
