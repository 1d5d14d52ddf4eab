import Foundation
import TestSupport
import Testing

/// What breaks sinks: being killed, and disks that are full or broken.
@Suite struct SinkFaults {
  /// Killed at random moments and started again on the same archive: nothing torn, nothing glued, nothing twice,
  /// and of every life a prefix of what was fed.
  @Test(arguments: [200, 3000, 65_000]) func killedAgainAndAgain(_ length: Int) throws {
    let sink = try SinkFixture()
    func line(_ life: Int, _ number: Int) -> String {
      "{\"life\":\(life),\"n\":\(number),\"p\":\"\(String(repeating: "a", count: length))\"}\n"
    }
    let lives = 7
    let perLife = max(40, 3_000_000 / length)
    for life in 0..<lives {
      let before = sink.content()?.utf8.count ?? 0
      let running = try sink.start(["--quiet"])
      running.write((0..<perLife).map { line(life, $0) }.joined())
      let goal = before + (life + 1) * 137_001 % 1_500_000
      _ = Tool.waitUntil(10) { size(sink.path("observer.jsonl")) > goal }
      running.signal(SIGKILL)
      #expect(running.wait().status == 137)
    }
    let last = try sink.run(["--quiet"], "")
    #expect(last.status == 0 || last.status == 65)
    let text = try #require(sink.content())
    #expect(isWholeNDJSON(text))
    var next = [Int: Int]()
    for stored in text.split(separator: "\n") {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(stored.utf8)) as? [String: Any])
      let life = try #require(object["life"] as? Int)
      let number = try #require(object["n"] as? Int)
      #expect(number == next[life, default: 0])
      next[life] = number + 1
    }
    #expect(next.count == lives)
  }

  private func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  @Test func pipeThatOutlivesTheSink() throws {
    let sink = try SinkFixture()
    // The second sink begins in the middle of a line: that half is set aside, never stored.
    let script = """
      { printf '{"a":1}\\n{"a":'; until [ -e "$1/go" ]; do sleep 0.02; done; printf '2}\\n{"a":3}\\n'; } | {
        "$0" --dir "$1" --quiet & first=$!
        until [ -s "$1/observer.jsonl" ]; do sleep 0.02; done
        kill -9 $first; wait $first
        touch "$1/go"
        "$0" --dir "$1" --quiet
      }
      """
    let run = try Tool.run("bash", ["-c", script, Tool.path("jsonl-sink"), sink.folder])
    #expect(run.status == 65)
    #expect(sink.content() == "{\"a\":1}\n{\"a\":3}\n")
  }

  @Test func fileSizeLimitLeavesWholeLines() throws {
    let sink = try SinkFixture()
    let text = (0..<3000).map { "{\"n\":\($0),\"p\":\"pppppppppppppppppppppppppppppppppppppppp\"}\n" }
      .joined()
    let run = try Tool.run(
      "prlimit", ["--fsize=100000", Tool.path("jsonl-sink"), "--dir", sink.folder, "--quiet"], text: text)
    #expect(run.status == 74)
    let stored = try #require(sink.content())
    #expect(text.hasPrefix(stored) && stored.hasSuffix("\n") && stored.utf8.count > 99_000)
    let receipt = try #require(run.receipt)
    #expect(receipt.isLawful)
    #expect(receipt.durable == stored.split(separator: "\n").count)
    #expect(receipt.unwritten == receipt.read - receipt.durable)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"))
  func fullDiskIsWaitedOut() throws {
    let disk = try SmallDisk()
    defer { disk.remove() }
    let text = (0..<4000).map { "{\"n\":\($0),\"p\":\"\(String(repeating: "p", count: 200))\"}\n" }.joined()
    let running = try Tool.start("jsonl-sink", ["--dir", disk.path + "/a", "--quiet"])
    running.write(text)
    running.closeInput()
    #expect(Tool.waitUntil { running.errText.contains("reading nothing until there is room") })
    let whileFull = disk.content("a/observer.jsonl")
    #expect(whileFull.hasSuffix("\n") && text.hasPrefix(whileFull) && whileFull.utf8.count > 100_000)
    try disk.resize("8m")
    let end = running.wait(timeout: 10)
    #expect(end.status == 0)
    #expect(disk.content("a/observer.jsonl") == text)
    #expect(end.errText.contains("there is room again"))
    #expect(end.receipt?.durable == 4000 && end.receipt?.unwritten == 0)
  }

  @Test(
    .enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"), arguments: ["signal", "timeout"])
  func fullDiskCanBeLeft(_ by: String) throws {
    let disk = try SmallDisk()
    defer { disk.remove() }
    let text = (0..<4000).map { "{\"n\":\($0),\"p\":\"\(String(repeating: "p", count: 200))\"}\n" }.joined()
    let options = by == "timeout" ? ["--full-timeout", "0.3"] : []
    let running = try Tool.start("jsonl-sink", ["--dir", disk.path + "/a", "--quiet"] + options)
    running.write(text)
    #expect(Tool.waitUntil { running.errText.contains("reading nothing until there is room") })
    let begin = Date()
    if by == "signal" { running.signal(SIGTERM) }
    let end = running.wait(timeout: 10)
    #expect(Date().timeIntervalSince(begin) < 1)
    #expect(end.status == 74)
    let stored = disk.content("a/observer.jsonl")
    #expect(stored.hasSuffix("\n") && text.hasPrefix(stored))
    let receipt = try #require(end.receipt)
    #expect(receipt.isLawful && receipt.unwritten > 0)
    #expect(receipt.durable == stored.split(separator: "\n").count)
    #expect(receipt.endOffset == stored.utf8.count)
  }

  /// Errors that no healthy machine gives: a tracer answers the sink's calls.
  @Test(
    .enabled(if: Strace.works, "needs strace and the right to trace"),
    arguments: [
      ("fdatasync:error=EIO:when=1", Int32(74), "are in doubt"),
      ("write:error=EIO:when=1+", 74, "Input/output error"),
      ("fdatasync:error=EINTR:when=1", 0, "\"rc\":0"),
      ("flock:error=EINTR:when=1", 0, "\"rc\":0"),
      ("ftruncate:signal=KILL:when=1", 137, nil),
    ])
  func injectedError(fault: String, status: Int32, message: String?) throws {
    let sink = try SinkFixture()
    if fault.hasPrefix("ftruncate") { try sink.put("{\"a\":0}\n{\"torn") }
    let run = try Strace.run(["-e", "inject=" + fault], sink, "{\"a\":1}\n{\"a\":2}\n")
    #expect(run.status == status)
    if let message { #expect(run.errText.contains(message)) }
    if status != 137 { #expect(run.receipt?.isLawful == true) }
    let again = try sink.run(["--quiet"], "{\"a\":9}\n")
    #expect(again.status == (status == 137 ? 65 : 0))
    #expect(sink.content().map(isWholeNDJSON) == true)
    #expect(sink.content()?.hasSuffix("{\"a\":9}\n") == true)
  }

  @Test(.enabled(if: Strace.works, "needs strace and the right to trace"))
  func failedSyncIsNeverTriedAgain() throws {
    let sink = try SinkFixture()
    let run = try Strace.run(
      ["-e", "inject=fdatasync:error=EIO:when=1"], sink, "{\"a\":1}\n", trace: "fdatasync")
    #expect(run.status == 74)
    #expect(run.receipt?.unwritten == 1 && run.receipt?.durable == 0)
    #expect(run.errText.contains("bytes 0 to 8 are in doubt"))
    let calls = try String(contentsOfFile: sink.folder + ".trace", encoding: .utf8)
    #expect(calls.split(separator: "\n").filter { $0.contains("fdatasync(") }.count == 1)
  }
}

/// A tmpfs of 256 KiB.
struct SmallDisk {
  let path: String

  static let isPossible: Bool = {
    guard getuid() == 0, let disk = try? SmallDisk() else { return false }
    disk.remove()
    return true
  }()

  init() throws {
    path = try Tool.temporaryFolder("disk")
    let made = try Tool.run("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", path])
    guard made.status == 0 else { throw CocoaError(.fileWriteNoPermission) }
  }

  func resize(_ size: String) throws {
    _ = try Tool.run("mount", ["-o", "remount,size=\(size)", path])
  }

  func content(_ name: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path + "/" + name) ?? Data(), as: UTF8.self)
  }

  func remove() { _ = try? Tool.run("umount", ["-l", path]) }
}

/// Runs the sink under strace, which fails its calls on the data file.
enum Strace {
  static let works: Bool = (try? Tool.run("strace", ["-o", "/dev/null", "true"]))?.status == 0

  static func run(
    _ options: [String], _ sink: SinkFixture, _ text: String, trace: String? = nil
  ) throws -> Outcome {
    let file = sink.folder + ".trace"
    let files =
      options.contains { $0.contains("fdatasync") }
      ? ["observer.jsonl"] : ["observer.jsonl", "observer.lock"]
    let paths = files.flatMap { ["-P", sink.path($0)] }
    return try Tool.run(
      "strace",
      ["-f", "-qq", "-o", file] + paths + options + [
        Tool.path("jsonl-sink"), "--dir", sink.folder, "--quiet",
      ],
      text: text)
  }
}
