import Foundation
import TestSupport
import Testing

/// What runs before this one left torn: found and repaired whatever file it stands in.
@Suite struct SinkLeftOvers {
  /// A run that a power cut ended: its file is torn, and of the lock file there is what the disk has.
  enum Lock: String, CaseIterable, Sendable {
    case gone, empty, zeros, older, foreign, copied
  }

  @Test(arguments: Lock.allCases) func tornFileOfAnotherWindowIsFoundWithoutTheList(_ lock: Lock) throws {
    let sink = try SinkFixture()
    #expect(try sink.run(["--quiet", "--rotate", "1h"], "{\"a\":1}\n").status == 0)
    // Old by name, by time and by base name: only who looks at every file finds it.
    for number in 0..<40 { try sink.put("{\"n\":\(number)}\n", "zzz_20260101_00\(10 + number).jsonl") }
    try sink.put("{\"a\":1}\n{\"torn", "aaa_20200101_0000.jsonl")
    #expect(try Tool.run("touch", ["-d", "2020-01-01", sink.path("aaa_20200101_0000.jsonl")]).status == 0)
    let path = sink.path("observer.lock")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("others clean") && text.utf8.count == 4096)
    switch lock {
    case .gone: try FileManager.default.removeItem(atPath: path)
    case .empty: try sink.put("", "observer.lock")
    case .zeros: try sink.put(String(repeating: "\0", count: 4096), "observer.lock")
    case .older: try sink.put("pid 1\ndurable 8 observer.jsonl\n", "observer.lock")
    case .foreign: try sink.put(text.replacingOccurrences(of: "inode ", with: "inode 1"), "observer.lock")
    case .copied:
      #expect(try Tool.run("cp", [path, path + ".copy"]).status == 0)
      #expect(try Tool.run("mv", [path + ".copy", path]).status == 0)
    }
    let run = try sink.run(["--quiet", "--base-name", "other"], "")
    #expect(run.status == 65)
    #expect(run.errText.contains("aaa_20200101_0000.jsonl: torn tail at offset 8, 6 bytes"))
    #expect(sink.content("aaa_20200101_0000.jsonl") == "{\"a\":1}\n")
    #expect(try sink.rejects().map { $0["input_text"] as? String } == ["{\"torn"])
    // Nothing is left to say.
    #expect(try sink.run(["--quiet", "--base-name", "other"], "").status == 0)
  }

  /// A killed sink leaves the list: the files it had open are looked at in the next start, under any name.
  @Test(arguments: ["other window", "other base name", "late windows", "moved"])
  func tornFileOfAKilledSink(_ kind: String) throws {
    let sink = try SinkFixture()
    let running = try sink.start(["--quiet", "--rotate", "1h", "--rotate-by", "event"])
    let hours = kind == "late windows" ? [0, 5, 2, 1, 4] : [0]
    for hour in hours {
      running.write("{\"meta\":{\"timestamp_ms\":\(1_785_366_000_000 + hour * 3_600_000)}}\n")
    }
    func files() -> [String] { sink.files.filter { $0.hasSuffix(".jsonl") } }
    #expect(
      Tool.waitUntil { files().filter { sink.content($0)?.hasSuffix("\n") == true }.count == hours.count })
    running.signal(SIGKILL)
    #expect(running.wait().status == 137)
    // Newer files hide the torn one from a look at the newest.
    for number in 0..<40 { try sink.put("{}\n", "zzz_20990101_00\(10 + number).jsonl") }
    var torn = files()[0]
    if kind == "moved" {
      #expect(try Tool.run("mv", [sink.path(torn), sink.path("moved.jsonl")]).status == 0)
      torn = "moved.jsonl"
    }
    let before = try #require(sink.content(torn))
    try sink.put(before + "{\"torn\":\"" + String(repeating: "x", count: 200_000), torn)
    #expect(try Tool.run("touch", ["-d", "2020-01-01", sink.path(torn)]).status == 0)
    let options = kind == "other base name" ? ["--base-name", "other"] : ["--rotate", "1s"]
    let run = try sink.run(["--quiet"] + options, "{}\n")
    #expect(run.status == 65, "\(run.errText)")
    #expect(sink.content(torn) == before)
    #expect((try sink.rejects().first?["input_text"] as? String)?.count == 200_009)
  }

  /// A tail that was never written is a hole, of any size; to see that, nothing of it is read.
  @Test(arguments: ["4096", "70000", "1T"]) func tailThatIsAHole(_ length: String) throws {
    let sink = try SinkFixture()
    try sink.put("{\"a\":1}\n{\"b\":2", "old_20260101_0000.jsonl")
    let path = sink.path("old_20260101_0000.jsonl")
    #expect(try Tool.run("truncate", ["-s", length, path]).status == 0)
    let run = try sink.run(["--quiet"], "{}\n", timeout: 10)
    #expect(run.status == 65)
    #expect(sink.content("old_20260101_0000.jsonl") == "{\"a\":1}\n")
    #expect(try sink.rejects().first?["input_text"] as? String == "{\"b\":2")
  }

  /// What is whole behind a hole was never promised, and is kept all the same.
  @Test(arguments: ["observer.jsonl", "observer_20260101_0000.jsonl"])
  func fileIsCutOffAtAHoleInTheMiddle(_ name: String) throws {
    let sink = try SinkFixture()
    try sink.put("{\"a\":1}\n{\"b\":\"to", name)
    #expect(try Tool.run("truncate", ["-s", "300000", sink.path(name)]).status == 0)
    let handle = try #require(FileHandle(forWritingAtPath: sink.path(name)))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("rn\"}\n{\"c\":3}\n{\"d\":4}".utf8))
    let run = try sink.run(["--quiet"], "")
    #expect(run.status == 65)
    #expect(run.errText.contains("2 fragments moved to rejects/, 2 whole lines behind them to"))
    #expect(sink.content(name) == "{\"a\":1}\n")
    let recovered = name.replacingOccurrences(of: ".jsonl", with: "_recovered_at_8.jsonl")
    #expect(sink.content(recovered) == "{\"c\":3}\n{\"d\":4}\n")
    let rejects = try sink.rejects()
    #expect(rejects.map { $0["input_text"] as? String } == ["{\"b\":\"to", "rn\"}"])
    #expect(rejects.map { $0["offset"] as? Int } == [8, 300_000])
    #expect(rejects.map { $0["nul_bytes"] as? Int } == [299_984, 0])
    #expect(try sink.run(["--quiet"], "").status == 0)
  }

  /// The unwritten rest of a block is written NULs to the file system; it ends where a sector does, unlike what another
  /// program wrote, which stays.
  @Test(arguments: [4096, 4000]) func fileIsCutOffAtATornBlockBehindTheLastSync(_ end: Int) throws {
    let sink = try SinkFixture()
    let running = try sink.start(["--receipts"])
    running.write("{\"a\":1}\n")
    #expect(Tool.waitUntil { String(decoding: running.out, as: UTF8.self).contains("\"durable_lines\":1,") })
    running.signal(SIGKILL)
    _ = running.wait()
    let torn = "{\"a\":1}\n{\"b\":2}\n{\"c\":\"to"
    try sink.put(torn + String(repeating: "\0", count: end - torn.utf8.count) + "rn\"}\n{\"d\":4}\n")
    let before = try #require(sink.content())
    let run = try sink.run(["--quiet"], "")
    #expect(run.status == 65)
    if end == 4096 {
      #expect(sink.content() == "{\"a\":1}\n{\"b\":2}\n")
      #expect(sink.content("observer_recovered_at_16.jsonl") == "{\"d\":4}\n")
      #expect(try sink.rejects().map { $0["offset"] as? Int } == [16, 4096])
      #expect(try sink.run(["--quiet"], "").status == 0)
    } else {
      #expect(sink.content() == before)
      #expect(run.errText.contains("no record at offset 16,"))
    }
  }

  /// A hole in front of the last synced offset is somebody else's, and what stands behind it was promised.
  @Test func holeThatWasThereBeforeIsLeftAlone() throws {
    let sink = try SinkFixture()
    let running = try sink.start(["--receipts"])
    running.write("{\"a\":1}\n")
    #expect(Tool.waitUntil { String(decoding: running.out, as: UTF8.self).contains("\"durable_lines\":1,") })
    #expect(truncate(sink.path("observer.jsonl"), 300_000) == 0)
    running.write("{\"b\":2}\n")
    #expect(Tool.waitUntil { String(decoding: running.out, as: UTF8.self).contains("\"durable_lines\":2,") })
    running.signal(SIGKILL)
    _ = running.wait()
    let before = try #require(sink.content())
    let run = try sink.run(["--quiet"], "{\"c\":3}\n")
    #expect(run.status == 0, "\(run.errText)")
    #expect(sink.content() == before + "{\"c\":3}\n")
  }

  /// While the list can be believed, a start opens the files of the list and the newest ones, and no others.
  @Test(.enabled(if: Strace.works, "needs strace and the right to trace"))
  func oldArchiveIsNotReadAgain() throws {
    let sink = try SinkFixture()
    try FileManager.default.createDirectory(atPath: sink.folder, withIntermediateDirectories: true)
    for number in 0..<2000 { try sink.put("{}\n", "observer_2020\(number + 1000)_0000.jsonl") }
    func opened() throws -> Int {
      let trace = sink.folder + ".trace"
      let run = try Tool.run(
        "strace",
        [
          "-f", "-qq", "-o", trace, "-e", "trace=openat,open", Tool.path("jsonl-sink"), "--dir", sink.folder,
          "--quiet",
        ])
      #expect(run.status == 0)
      let calls = try String(contentsOfFile: trace, encoding: .utf8)
      return calls.split(separator: "\n").filter { $0.contains("observer_2020") }.count
    }
    #expect(try opened() == 2000)
    #expect(try opened() <= 32)
  }

  @Test func fileThatSomebodyIsCopyingIntoTheFolderIsLeftAlone() throws {
    let sink = try SinkFixture()
    let path = sink.path("restored.jsonl")
    try sink.put("{\"half\":", "restored.jsonl")
    let script = "while [[ ! -e $1.stop ]]; do printf 1 >>\"$1\"; sleep 0.01; done"
    let writer = try Tool.start("bash", ["-c", script, "bash", path])
    #expect(Tool.waitUntil { (sink.content("restored.jsonl")?.count ?? 0) > 9 })
    let run = try sink.run(["--quiet"], "{}\n")
    #expect(run.status == 0)
    #expect(run.errText.contains("restored.jsonl is being written by another program"))
    #expect(sink.content("restored.jsonl")?.hasPrefix("{\"half\":1") == true)
    try sink.put("", "restored.jsonl.stop")
    _ = writer.wait()
    // Not forgotten: the next start looks again.
    #expect(try sink.run(["--quiet"], "").status == 65)
    #expect(sink.content("restored.jsonl") == "")
  }

  /// `--sync none` promises nothing: what it leaves is looked at, all of it.
  @Test func runWithoutSyncsLeavesNoList() throws {
    let sink = try SinkFixture()
    for _ in 0..<2 {
      #expect(try sink.run(["--quiet"], "{}\n").status == 0)
      #expect(sink.content("observer.lock")?.contains("others clean") == true)
      #expect(try sink.run(["--quiet", "--sync", "none"], "{}\n").status == 0)
      #expect(sink.content("observer.lock")?.contains("others clean") == false)
    }
  }

  @Test func tornLastRejectIsSetAsideAsOneOfItsOwn() throws {
    let sink = try SinkFixture()
    #expect(try sink.run(["--quiet"], "bad\n").status == 65)
    let whole = try #require(sink.content("rejects/jsonl-sink.jsonl"))
    try sink.put(whole + "{\"stage\":\"jsonl-sink\",\"li", "rejects/jsonl-sink.jsonl")
    let run = try sink.run(["--quiet"], "worse\n")
    #expect(run.status == 65)
    let rejects = try sink.rejects()
    #expect(
      rejects.map { $0["input_text"] as? String } == ["bad", "{\"stage\":\"jsonl-sink\",\"li", "worse"])
    #expect(rejects[1]["file"] as? String == sink.path("rejects/jsonl-sink.jsonl"))
    #expect(sink.content("rejects/jsonl-sink.jsonl")?.hasPrefix(whole) == true)
  }
}
