import Foundation
import TestSupport
import Testing

/// The rejects file and what happens to it: places that cannot be used, torn ends, moves, locks, limits.
struct RejectsFileTests {
  private let folder: String
  private var path: String { folder + "/r" }
  private let bad = #"{"bad":1}"# + "\n"

  init() throws { folder = try Tool.temporaryFolder("rejects") }

  private func content(_ name: String = "r") -> String {
    FileManager.default.contents(atPath: "\(folder)/\(name)").map { String(decoding: $0, as: UTF8.self) }
      ?? ""
  }

  private func lines(_ name: String = "r") -> Int { content(name).filter { $0 == "\n" }.count }

  private func start(_ options: [String] = []) throws -> RunningTool {
    try Tool.start("snap-validate", ["--plain", "--rejects", path] + options)
  }

  /// Feeds a bad line and waits until it is in the file.
  private func feedReject(_ running: RunningTool, _ count: Int, in name: String = "r") {
    running.write(bad)
    #expect(Tool.waitUntil { lines(name) == count }, "\(running.errText)")
  }

  // MARK: - Places

  /// 73, an account, one line that says what stands there, and all of the input is left for others.
  @Test(.timeLimit(.minutes(1)), arguments: filters)
  func placesThatCannotBeUsed(tool: String) throws {
    mkdir(folder + "/folder", 0o700)
    mkfifo(folder + "/fifo", 0o600)
    symlink("nowhere", folder + "/dangling")
    for (place, reason) in [
      ("\(folder)/folder", "it is a folder"), ("\(folder)/fifo", "it is a FIFO"),
      ("/dev/full", "it is a device"),
      ("\(folder)/dangling", "it is a symbolic link"), ("/no/such/folder/r", "No such file or directory"),
      ("", "No such file or directory"),
    ] {
      let outcome = try Tool.run(
        "bash", ["-c", #""$1" --rejects "$2"; s=$?; cat; exit "$s""#, "test", Tool.path(tool), place],
        text: Sample.good, timeout: 20)
      #expect(outcome.status == 73 && outcome.outText == Sample.good, "\(outcome.errText)")
      #expect(counts(outcome) == [0, 0, 0, 0])
      let errors = outcome.errText.split(separator: "\n").filter { $0.contains("ERROR") }
      #expect(errors.count == 1 && errors[0].contains("cannot open \(place): \(reason)"), "\(errors)")
      #expect(errors.first?.contains("give --rejects a regular file") == true)
    }
  }

  // MARK: - The end of the file

  private static let fragment = #"{"stage":"snap-validate","line":7,"#

  /// What a dead writer or a power cut left is taken out and kept as a line of its own.
  @Test(arguments: [
    (fragment, #""nul_bytes":0,"#, #""input_text":"{\"stage\":\"snap-validate\",\"line\":7,"}"#),
    (fragment + "\0\0\0", #""nul_bytes":3,"#, #""input_text":"{\"stage\":\"snap-validate\",\"line\":7,"}"#),
    ("\0\0\0\0", #""nul_bytes":4,"#, #""input_text":""}"#),
  ])
  func tornEnd(tail: String, nulls: String, input: String) throws {
    let before = #"{"a":1}"# + "\n"
    try (before + tail).write(toFile: path, atomically: false, encoding: .utf8)
    let outcome = try Tool.run("snap-validate", ["--rejects", path], text: bad)
    let rows = content().split(separator: "\n")
    try #require(rows.count == 3 && content().hasSuffix("\n"), "\(rows)")
    #expect(rows[0] + "\n" == before && rows[2].contains(#""line":1,"verdict""#))
    #expect(
      rows[1].contains(#""file":"\#(path)","offset":8,\#(nulls)"#) && rows[1].hasSuffix(input), "\(rows[1])")
    #expect(outcome.errText.contains("torn line at offset 8, \(tail.utf8.count) bytes"))
    for row in rows { #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(row.utf8)) } }
  }

  @Test(arguments: ["", "\0\0"])
  func wholeEndWithoutALineFeed(nulls: String) throws {
    try (#"{"a":1}"# + nulls).write(toFile: path, atomically: false, encoding: .utf8)
    _ = try Tool.run("snap-validate", ["--rejects", path], text: bad)
    #expect(content().hasPrefix(#"{"a":1}"# + "\n" + #"{"stage":"snap-validate","line":1"#))
    #expect(lines() == 2)
  }

  @Test func tornEndThatIsNoText() throws {
    try Data([0x7B, 0xFF]).write(to: URL(fileURLWithPath: path))
    _ = try Tool.run("snap-validate", ["--rejects", path], text: "")
    #expect(content().hasSuffix(#""input_base64":"e/8="}"# + "\n"))
  }

  /// A torn line that is too long to be read as a whole stays, and costs no byte.
  @Test func tornEndWithoutEnd() throws {
    let long = String(repeating: "y", count: 17 << 20)
    try ("{}\n" + long).write(toFile: path, atomically: false, encoding: .utf8)
    let outcome = try Tool.run("snap-validate", ["--rejects", path], text: bad)
    #expect(outcome.errText.contains("torn line at offset 3, 17825792 bytes, is too long"))
    #expect(content().hasPrefix("{}\n" + long + "\n{\"stage\":\"snap-validate\",\"line\":1,") && lines() == 3)
  }

  /// A tail that another writer leaves while the filter runs is found before the next reject.
  @Test func tornEndOfAPeer() throws {
    let running = try start()
    feedReject(running, 1)
    let peer = try #require(FileHandle(forWritingAtPath: path))
    peer.seekToEndOfFile()
    peer.write(Data(Self.fragment.utf8))
    feedReject(running, 3)
    running.closeInput()
    #expect(running.wait().status == 0)
    #expect(content().split(separator: "\n")[1].contains("torn line"))
  }

  /// Several filters append to one file: every line is whole and none is missing.
  @Test func aFileThatIsShared() throws {
    let text = (0..<3000).map { "garbage \($0) \(String(repeating: "x", count: $0 % 500))\n" }.joined()
    let all = try (0..<3).map { _ in try start() }
    for running in all {
      running.write(text)
      running.closeInput()
    }
    for running in all { #expect(running.wait().status == 0) }
    let rows = content().split(separator: "\n")
    #expect(rows.count == 9000)
    #expect(
      rows.allSatisfy {
        $0.hasPrefix(#"{"stage":"snap-validate","line":"#) && $0.hasSuffix(#"x"}"#) || $0.hasSuffix(#" "}"#)
      })
  }

  // MARK: - At its path

  @Test func movedAway() throws {
    let running = try start()
    feedReject(running, 1)
    rename(path, folder + "/r.1")
    feedReject(running, 1)
    running.closeInput()
    let outcome = running.wait()
    #expect(outcome.status == 0 && lines() == 1 && lines("r.1") == 1)
    #expect(outcome.errText.contains("r was moved: opened anew by its name"))
    #expect(counts(outcome) == [2, 0, 2, 0])
  }

  /// logrotate's `create`: another file stands there already.
  @Test func replaced() throws {
    let running = try start()
    feedReject(running, 1)
    rename(path, folder + "/r.1")
    try "".write(toFile: path, atomically: false, encoding: .utf8)
    feedReject(running, 1)
    running.closeInput()
    #expect(running.wait().status == 0 && lines("r.1") == 1)
  }

  /// logrotate's `copytruncate`: the file starts again at 0.
  @Test func truncated() throws {
    let running = try start()
    feedReject(running, 1)
    truncate(path, 0)
    feedReject(running, 1)
    running.closeInput()
    #expect(running.wait().status == 0 && content().hasPrefix(#"{"stage":"snap-validate","line":2"#))
  }

  @Test(arguments: [false, true])
  func removed(withItsFolder: Bool) throws {
    mkdir(folder + "/rejects", 0o755)
    let running = try Tool.start("snap-guard", ["--rejects", folder + "/rejects/r"])
    feedReject(running, 1, in: "rejects/r")
    unlink(folder + "/rejects/r")
    if withItsFolder { rmdir(folder + "/rejects") }
    running.write(bad)
    #expect(Tool.waitUntil { lines("rejects/r") == 1 })
    running.closeInput()
    let outcome = running.wait()
    #expect(outcome.status == 0 && outcome.errText.contains("r was removed: opened anew by its name"))
    #expect(counts(outcome) == [2, 0, 2, 0] && !outcome.errText.contains("unwritten"))
  }

  @Test func hangUpOpensItAgain() throws {
    let running = try start()
    feedReject(running, 1)
    running.signal(SIGHUP)
    #expect(Tool.waitUntil { running.errText.contains("SIGHUP: \(path) is opened again by its name") })
    feedReject(running, 2)
    running.closeInput()
    #expect(running.wait().status == 0)
  }

  /// Without a rejects file SIGHUP asks for the end.
  @Test func hangUpOfAFilterWithoutRejects() throws {
    let running = try Tool.start("snap-validate", ["--grace", "0"])
    running.write(Sample.good + "\n")
    #expect(Tool.waitUntil { !running.out.isEmpty })
    running.signal(SIGHUP)
    #expect(running.wait(timeout: 10).status == 128 + SIGHUP)
  }

  // MARK: - Waiting

  /// Somebody holds the file's lock, which stands here for a full disk: anything that another can put right.
  private func heldFile() throws -> Int32 {
    let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    try #require(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
    return descriptor
  }

  /// 90 good lines among 120: 30 KB, which a pipe takes whole, so that they are one batch.
  private let mixed = (0..<120).map { $0 % 4 == 0 ? "garbage \($0)" : Sample.snapshot(extra: #""n":\#($0)"#) }

  @Test func goodLinesGoOutWhileRejectsWait() throws {
    let held = try heldFile()
    let metrics = folder + "/m.prom"
    let running = try Tool.start(
      "snap-validate", ["--plain", "--rejects", path, "--metrics", metrics],
      env: ["OBSERVER_METRICS_INTERVAL": "0.1"])
    running.write(mixed.map { $0 + "\n" }.joined())
    #expect(Tool.waitUntil { running.out.filter { $0 == 0x0A }.count == 90 })
    #expect(
      Tool.waitUntil {
        content("m.prom").contains("observer_rejects_waiting_for_room{stage=\"snap-validate\"} 1")
      })
    #expect(Tool.waitUntil { running.errText.contains("reading nothing until that is put right") })
    running.write(Sample.good + "\n")
    running.closeInput()
    close(held)
    let outcome = running.wait()
    #expect(outcome.status == 0 && lines() == 30)
    #expect(counts(outcome) == [121, 91, 30, 0])
    #expect(outcome.lines == mixed.filter { !$0.hasPrefix("garbage") } + [Sample.good])
  }

  /// A signal and its grace end the waiting: 74, and how many rejects were not kept.
  @Test(.timeLimit(.minutes(1)), arguments: [0, 1])
  func waitingCanBeEnded(grace: Int) throws {
    let held = try heldFile()
    let running = try start(["--grace", "\(grace)"])
    running.write(mixed.map { $0 + "\n" }.joined())
    #expect(Tool.waitUntil { running.errText.contains("reading nothing") })
    running.signal(SIGTERM)
    let outcome = running.wait(timeout: 20)
    close(held)
    #expect(outcome.status == 74 && outcome.lines.count == 90)
    #expect(outcome.errText.contains("told to stop with 30 rejects not kept"))
    #expect(summary(outcome)?.contains("in=120 out=90 rejected=30 blank=0 rejects_unwritten=30 ") == true)
  }

  /// A limit that nobody lifts is the end: one line, 74, whole lines in the file.
  @Test func fileSizeLimit() throws {
    let outcome = try Tool.run(
      "bash",
      [
        "-c", #"ulimit -f 2; "$1" --plain --rejects "$2" | cat; exit "${PIPESTATUS[0]}""#, "test",
        Tool.path("snap-validate"), path,
      ], text: mixed.map { $0 + "\n" }.joined())
    let kept = lines()
    #expect(outcome.status == 74 && outcome.lines.count == 90 && kept > 0 && kept < 30)
    #expect(content().hasSuffix("\n"))
    let errors = outcome.errText.split(separator: "\n").filter { $0.contains("ERROR") }
    #expect(
      errors.count == 1 && errors[0].contains("File too large; \(30 - kept) rejects not kept"), "\(errors)")
    #expect(summary(outcome)?.contains("rejected=30 blank=0 rejects_unwritten=\(30 - kept) ") == true)
  }
}
