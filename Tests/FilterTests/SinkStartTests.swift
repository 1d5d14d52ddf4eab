import Foundation
import TestSupport
import Testing

@Suite struct SinkStart {
  @Test func secondSinkIsTurnedAwayAtOnce() throws {
    let sink = try SinkFixture()
    let first = try sink.start()
    first.write("{\"a\":1}\n")
    #expect(Tool.waitUntil { sink.content() == "{\"a\":1}\n" })
    let begin = Date()
    let second = try sink.run(["--rotate", "1h", "--base-name", "other"], "{\"a\":2}\n")
    #expect(Date().timeIntervalSince(begin) < 0.5)
    #expect(second.status == 75)
    #expect(second.errText.contains("pid \(first.pid)"))
    first.closeInput()
    #expect(first.wait().status == 0)
    #expect(sink.content() == "{\"a\":1}\n")
  }

  @Test func refusedStartReadsNothing() throws {
    let sink = try SinkFixture()
    try FileManager.default.createDirectory(
      atPath: sink.path("observer.jsonl"), withIntermediateDirectories: true)
    let script = "printf '{}\\n' | { \"$0\" --dir \"$1\"; echo \"rc=$?\"; cat; }"
    let run = try Tool.run("bash", ["-c", script, Tool.path("jsonl-sink"), sink.folder])
    #expect(run.outText == "rc=73\n{}\n")
  }

  @Test(arguments: ["folder", "fifo", "symbolic link", "no parent"]) func placeThatCannotBeUsed(
    _ kind: String
  ) throws {
    let sink = try SinkFixture()
    let file = sink.path("observer.jsonl")
    if kind != "no parent" {
      try FileManager.default.createDirectory(atPath: sink.folder, withIntermediateDirectories: true)
    }
    switch kind {
    case "folder": try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
    case "fifo": #expect(mkfifo(file, 0o600) == 0)
    case "symbolic link":
      try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "/dev/null")
    default: break
    }
    let folder = kind == "no parent" ? sink.folder + "/deeper" : sink.folder
    let run = try Tool.run("jsonl-sink", ["--dir", folder], text: "{}\n", timeout: 5)
    #expect(run.status == 73)
    #expect(run.errText.contains(folder))
    #expect(run.errText.contains("; "), "the way out is named")
  }

  /// Whatever stands where a file of the archive should be, it is found before a line is read.
  @Test(
    arguments: ["observer.lock", "observer.jsonl", "rejects", "rejects/jsonl-sink.jsonl"],
    ["folder", "fifo", "device", "socket", "link"])
  func placeThatIsNoFile(_ name: String, _ kind: String) throws {
    if kind == "device" && getuid() != 0 || name == "rejects" && ["folder", "link"].contains(kind) { return }
    let sink = try SinkFixture()
    let path = sink.path(name)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    switch kind {
    case "folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    case "fifo": #expect(mkfifo(path, 0o600) == 0)
    case "device": #expect(mknod(path, S_IFCHR | 0o666, 0x103) == 0)
    case "link": try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/zero")
    default:
      let code = "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"
      #expect(try Tool.run("python3", ["-c", code, path]).status == 0)
    }
    let script = "printf '{}\n' | { \"$0\" --dir \"$1\"; echo \"rc=$?\"; cat; }"
    let run = try Tool.run("bash", ["-c", script, Tool.path("jsonl-sink"), sink.folder], timeout: 10)
    #expect(run.outText == "rc=73\n{}\n")
    #expect(run.errText.split(separator: "\n").count == 1 && run.errText.contains(path), "\(run.errText)")
    #expect(run.errText.contains("; "), "the way out is named")
  }

  @Test(.enabled(if: getuid() == 0, "needs root, to become another user"))
  func folderOfAnotherUser() throws {
    let sink = try SinkFixture()
    try sink.put("")
    let program = try Tool.temporaryFolder("bin") + "/jsonl-sink"
    #expect(try Tool.run("cp", [Tool.path("jsonl-sink"), program]).status == 0)
    let run = try Tool.run(
      "setpriv", ["--reuid=65534", "--clear-groups", program, "--dir", sink.folder], text: "{}\n")
    #expect(run.status == 73)
    #expect(run.errText.contains("Permission denied; give user 65534 write permission"))
  }

  @Test(arguments: [("0<&-", "standard input is closed"), ("</", "standard input is a folder")])
  func inputThatIsNone(redirection: String, message: String) throws {
    let sink = try SinkFixture()
    let run = try Tool.run(
      "bash", ["-c", "\"$0\" --dir \"$1\" \(redirection)", Tool.path("jsonl-sink"), sink.folder])
    #expect(run.status == 74)
    #expect(run.errText.contains(message))
    #expect(sink.files.isEmpty)
  }

  @Test func standardDescriptorsAllClosed() throws {
    let sink = try SinkFixture()
    let script = "printf '{}\\n' | \"$0\" --dir \"$1\" >&- 2>&-"
    let run = try Tool.run("bash", ["-c", script, Tool.path("jsonl-sink"), sink.folder])
    #expect(run.status == 0)
    #expect(sink.content() == "{}\n")
  }

  @Test func tooFewDescriptorsAreNoticedBeforeTheFirstLine() throws {
    let sink = try SinkFixture()
    let script = "printf '{}\\n' | { prlimit --nofile=7 \"$0\" --dir \"$1\"; echo \"rc=$?\"; cat; }"
    let run = try Tool.run("bash", ["-c", script, Tool.path("jsonl-sink"), sink.folder])
    #expect(run.outText == "rc=73\n{}\n")
    #expect(run.errText.contains("ulimit -n"))
  }

  @Test func stuckLogDoesNotStopTheArchive() throws {
    let sink = try SinkFixture()
    let log = try Tool.temporaryFolder("log") + "/fifo"
    #expect(mkfifo(log, 0o600) == 0)
    // Open for reading, and never read.
    let reader = open(log, O_RDWR)
    defer { close(reader) }
    let script = "exec \"$0\" --dir \"$1\" --quiet --log-level debug 2>\"$2\""
    let text = (0..<5000).map { "{\"n\":\($0)}\n" }.joined()
    let run = try Tool.run(
      "bash", ["-c", script, Tool.path("jsonl-sink"), sink.folder, log], text: text, timeout: 15)
    #expect(run.status == 0)
    #expect(sink.content() == text)
  }

  @Test(arguments: [
    ["--bogus"], ["--rotate", "2d"], ["--sync", "often"], ["--quiet", "--receipts"], ["--base-name", "a/b"],
    ["--max-line", "0"], ["--full-timeout", "-1"], ["operand"], ["--grace"],
  ])
  func usage(_ options: [String]) throws {
    let sink = try SinkFixture()
    let run = try sink.run(options, "{}\n")
    #expect(run.status == 64)
    #expect(run.errText.hasPrefix("jsonl-sink: ") && run.errText.split(separator: "\n").count == 1)
    #expect(sink.files.isEmpty)
  }

  @Test func modeIsForReadersWhateverTheUmask() throws {
    let sink = try SinkFixture()
    let script = "umask 077; printf '{}\\n' | \"$0\" --dir \"$1\" --quiet && stat -c %a \"$1/observer.jsonl\""
    let run = try Tool.run("bash", ["-c", script, Tool.path("jsonl-sink"), sink.folder])
    #expect(run.outText == "644\n")
  }

  @Test(arguments: [
    ("{\"a\":1}\n{\"b\":\"to", "{\"a\":1}\n{\"n\":1}\n", "{\"b\":\"to", Int32(65)),
    ("{\"a\":1}", "{\"a\":1}\n{\"n\":1}\n", nil, 0),
    ("{\"a\":1}\n\0\0\0\0", "{\"a\":1}\n{\"n\":1}\n", "", 65),
    ("{\"a\":1}\n{\"b\":2}\0\0", "{\"a\":1}\n{\"b\":2}\n{\"n\":1}\n", "", 65),
  ])
  func tornTailOfTheLastRun(before: String, after: String, rejected: String?, status: Int32) throws {
    let sink = try SinkFixture()
    try sink.put(before)
    let run = try sink.run(["--quiet"], "{\"n\":1}\n")
    #expect(run.status == status)
    #expect(sink.content() == after)
    let reject = try sink.rejects().first
    #expect(reject?["input_text"] as? String == rejected)
    #expect(reject.map { $0["file"] as? String == "observer.jsonl" } ?? true)
    #expect(run.receipt?.isLawful == true)
  }

  /// Neither a small --max-line nor a line that is longer than anything may cost a byte of what stands in the file.
  @Test func tornTailThatIsLongerThanALineMayBe() throws {
    let sink = try SinkFixture()
    let long = String(repeating: "x", count: 300)
    try sink.put("{}\n{\"a\":\"\(long)\"}")
    #expect(try sink.run(["--max-line", "100"], "").status == 0)
    #expect(sink.content() == "{}\n{\"a\":\"\(long)\"}\n")
    try sink.put("{}\n{\"a\":\"\(long)")
    #expect(try sink.run(["--max-line", "100"], "").status == 65)
    #expect(sink.content() == "{}\n")
    #expect(try sink.rejects().map { $0["input_text"] as? String } == ["{\"a\":\"\(long)"])
    // A hole in front of it changes nothing.
    try sink.put("{}\n", "old.jsonl")
    #expect(truncate(sink.path("old.jsonl"), 70_000) == 0)
    let handle = try #require(FileHandle(forWritingAtPath: sink.path("old.jsonl")))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("\(long)\n".utf8))
    unlink(sink.path("observer.lock"))
    #expect(try sink.run(["--max-line", "100"], "").status == 65)
    #expect(try sink.rejects().map { ($0["input_text"] as? String)?.count } == [306, 0, 300])
    // What no line is stays where it is.
    let huge = String(repeating: "y", count: 17 << 20)
    try sink.put("{}\n" + huge)
    let run = try sink.run(["--quiet"], "{\"b\":1}\n")
    #expect(run.status == 65 && run.receipt?.repairedBytes == 17 << 20)
    #expect(
      run.errText.contains("too long to be judged (17825792 bytes at offset 3): it stays, line feed added"))
    #expect(sink.content() == "{}\n" + huge + "\n{\"b\":1}\n")
    #expect(try sink.rejects().count == 3)
  }

  @Test func configurationOfRotation() throws {
    let sink = try SinkFixture()
    let file = try Tool.temporaryFolder("config") + "/c.json"
    try
      "{\"rotation\":{\"enabled\":true,\"window_ms\":86400000,\"by\":\"event\"},\"sink\":{\"base_name\":\"obs\"}}"
      .write(toFile: file, atomically: true, encoding: .utf8)
    let run = try sink.run(["--config", file, "--quiet"], "{\"meta\":{\"timestamp_ms\":1785371021123}}\n")
    #expect(run.status == 0)
    #expect(sink.content("obs_20260730_0000.jsonl") != nil)
    #expect(try sink.run(["--config", file, "--quiet", "--rotate", "off"], "{}\n").status == 0)
    #expect(sink.content("obs.jsonl") == "{}\n")
  }
}
