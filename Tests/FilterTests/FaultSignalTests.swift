import Foundation
import TestSupport
import Testing

/// Signals: the source stops, later stages drain, and a line is whole or not there.
struct FaultSignalTests {
  @Test(arguments: filters, [SIGTERM, SIGINT])
  func drainsThePipe(tool: String, signal: Int32) throws {
    let running = try Tool.start(tool)
    running.write(Sample.good + "\n")
    #expect(Tool.waitUntil { !running.out.isEmpty })
    let before = running.out.count
    running.signal(signal)
    usleep(50_000)
    #expect(running.isRunning)
    running.write(Sample.good + "\n" + Sample.good)
    #expect(Tool.waitUntil { running.out.count > before })
    running.closeInput()
    let outcome = running.wait()
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 3)
    #expect(counts(outcome) == [3, 3, 0, 0])
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func graceIsTheLimit(signal: Int32) throws {
    let running = try Tool.start("snap-validate", ["--grace", "0"])
    running.write(Sample.good + "\n" + "{\"half\":")
    #expect(Tool.waitUntil { !running.out.isEmpty })
    running.signal(signal)
    let outcome = running.wait(timeout: 5)
    #expect(outcome.status == 128 + signal)
    #expect(outcome.lines.count == 1)
    // Half a line that is not waited for any longer is a line that is no JSON.
    #expect(counts(outcome) == [2, 1, 1, 0])
  }

  /// The limit holds against a source that never stops...
  @Test func graceAgainstAnEndlessSource() throws {
    let script =
      #"yes "$LINE" 2>/dev/null | { exec 3<&0; "$1" --grace 1 --plain <&3 & sleep 0.3; kill -TERM $!; wait $!; echo "$?"; } | tail -1"#
    let outcome = try Tool.run(
      "bash", ["-c", script, "test", Tool.path("snap-validate")], env: ["LINE": Sample.good], timeout: 20)
    #expect(outcome.lines == ["143"])
  }

  /// ... and against a reader that does not read.
  @Test func graceAgainstAStoppedReader() throws {
    let folder = try Tool.temporaryFolder()
    let script = #"""
      yes "$LINE" 2>/dev/null | { exec 3<&0; "$1" --grace 1 --plain <&3 & echo $! >pid; wait $!; echo "$?" >status; } | sleep 4
      """#
    let running = try Tool.start(
      "bash", ["-c", script, "test", Tool.path("snap-validate")], env: ["LINE": Sample.good], in: folder)
    #expect(Tool.waitUntil { FileManager.default.contents(atPath: folder + "/pid")?.last == 0x0A })
    usleep(300_000)
    let pid = try String(contentsOfFile: folder + "/pid", encoding: .utf8).split(separator: "\n").first
      .flatMap { Int32($0) }
    kill(try #require(pid), SIGTERM)
    #expect(
      Tool.waitUntil(3.4) { (try? String(contentsOfFile: folder + "/status", encoding: .utf8)) == "143\n" })
    _ = running.wait(timeout: 20)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func aSecondSignalEndsIt(signal: Int32) throws {
    let running = try Tool.start("snap-validate")
    running.write(Sample.good + "\n")
    #expect(Tool.waitUntil { !running.out.isEmpty })
    running.signal(signal)
    usleep(1_500_000)  // nearer than 300 ms it would be the first one's echo
    #expect(running.isRunning)
    running.signal(signal)
    #expect(running.wait(timeout: 5).status == 128 + signal)
  }

  /// A signal to the whole group and the script's own copy of it are one request: the stage drains.
  @Test(arguments: [SIGTERM, SIGINT])
  func theSameSignalTwiceAtOnceIsOne(signal: Int32) throws {
    let running = try Tool.start("snap-validate")
    running.write(Sample.good + "\n")
    #expect(Tool.waitUntil { !running.out.isEmpty })
    running.signal(signal)
    running.signal(signal)
    running.write(Sample.good + "\n")
    running.closeInput()
    let outcome = running.wait(timeout: 5)
    #expect(outcome.status == 0 && outcome.lines.count == 2)
  }

  /// A stage that reads a file has no source to wait for: it stops at once, at the end of a line.
  @Test func stopsInAFileAtTheEndOfALine() throws {
    let folder = try Tool.temporaryFolder()
    let line = Sample.good + "\n"
    let block = String(repeating: line, count: 1000)
    _ = FileManager.default.createFile(atPath: folder + "/in", contents: nil)
    let file = try #require(FileHandle(forWritingAtPath: folder + "/in"))
    for _ in 0..<400 { try file.write(contentsOf: Data(block.utf8)) }
    try file.close()
    for delay in [0.0, 0.005, 0.01, 0.02, 0.04] {
      // (>>: the signal may come before the shell has opened anything)
      let script = #": >out; "$1" <in >>out 2>err & sleep \#(delay); kill -TERM $!; wait $!"#
      let outcome = try Tool.run("bash", ["-c", script, "test", Tool.path("snap-validate")], in: folder)
      let out = try Data(contentsOf: URL(fileURLWithPath: folder + "/out"))
      #expect(out.isEmpty || out.last == 0x0A)
      let lines = out.split(separator: 0x0A)
      #expect(
        lines.allSatisfy {
          $0.count == line.utf8.count - 1 + #","validation":{"severity":"INFO"}"#.utf8.count
        })
      if outcome.status != 0 { #expect(outcome.status == 143) }
    }
    try FileManager.default.removeItem(atPath: folder)
  }

  @Test(arguments: filters)
  func summaryOnDemand(tool: String) throws {
    let running = try Tool.start(tool, ["--log-level", "error"])
    running.write(Sample.good + "\n\n{\n")
    #expect(Tool.waitUntil { !running.out.isEmpty })
    running.signal(SIGUSR1)
    #expect(Tool.waitUntil { running.errText.contains("in=3 out=1 rejected=1 blank=1") })
    running.signal(SIGUSR1)
    #expect(Tool.waitUntil { running.errText.components(separatedBy: "in=3 ").count == 3 })
    running.closeInput()
    #expect(running.wait().status == 0)
  }

  /// nohup and background jobs ignore signals on purpose.
  @Test func ignoredSignalsStayIgnored() throws {
    let running = try Tool.start(
      "bash", ["-c", #"trap '' TERM INT; exec "$1" --plain"#, "test", Tool.path("snap-validate")])
    running.write(Sample.good + "\n")
    #expect(Tool.waitUntil { !running.out.isEmpty })
    for signal in [SIGTERM, SIGTERM, SIGINT, SIGINT] { running.signal(signal) }
    running.write(Sample.good + "\n")
    #expect(Tool.waitUntil { running.out.count > Sample.good.utf8.count + 1 })
    running.closeInput()
    #expect(running.wait().status == 0)
  }
}
