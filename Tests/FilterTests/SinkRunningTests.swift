import Foundation
import TestSupport
import Testing

/// The sink while it runs: signals, rotation, readers that go away, hands in its folder.
@Suite struct SinkRunning {
  @Test func termDrainsToTheEnd() throws {
    let sink = try SinkFixture()
    let running = try sink.start()
    running.write("{\"a\":1}\n")
    #expect(Tool.waitUntil { sink.content() == "{\"a\":1}\n" })
    running.signal(SIGTERM)
    // The note is taken before the next line is read, because both wake the same wait.
    running.write("{\"a\":2}\n")
    running.closeInput()
    let end = running.wait(timeout: 5)
    #expect(end.status == 0)
    #expect(sink.content() == "{\"a\":1}\n{\"a\":2}\n")
  }

  @Test func termWithoutAnEndWaitsOnlyForTheGrace() throws {
    let sink = try SinkFixture()
    let running = try sink.start(["--grace", "0"])
    running.write("{\"a\":1}\n")
    #expect(Tool.waitUntil { sink.content() == "{\"a\":1}\n" })
    running.signal(SIGINT)
    let end = running.wait(timeout: 5)
    #expect(end.status == 130)
    #expect(end.receipt?.durable == 1)
    #expect(end.receipt?.rc == 130)
  }

  @Test func termOnAFileStopsAtOnce() throws {
    let sink = try SinkFixture()
    let input = try Tool.temporaryFolder("input") + "/in"
    #expect(try Tool.run("truncate", ["-s", "16G", input]).status == 0)
    let running = try Tool.start(
      "bash", ["-c", "exec \"$0\" --dir \"$1\" <\"$2\"", Tool.path("jsonl-sink"), sink.folder, input])
    #expect(Tool.waitUntil { sink.files.contains("observer.lock") })
    running.signal(SIGTERM)
    let end = running.wait(timeout: 10)
    try FileManager.default.removeItem(atPath: input)
    #expect(end.status == 143)
    #expect(end.receipt?.isLawful == true)
  }

  @Test func halfALineAfterTermIsSetAside() throws {
    let sink = try SinkFixture()
    let running = try sink.start()
    running.write("{\"a\":1}\n{\"a\":")
    #expect(Tool.waitUntil { sink.content() == "{\"a\":1}\n" })
    let begin = Date()
    running.signal(SIGTERM)
    let end = running.wait(timeout: 5)
    #expect(Date().timeIntervalSince(begin) < 2.5)
    #expect(end.status == 143)
    #expect(sink.content() == "{\"a\":1}\n")
    #expect(try sink.rejects().first?["input_text"] as? String == "{\"a\":")
  }

  @Test func receiptsFollowEachSyncThoughInputIsIdle() throws {
    let sink = try SinkFixture()
    let running = try sink.start(["--receipts"])
    running.write("{\"a\":1}\n{\"a\":2}\n")
    let expected =
      "{\"durable_lines\":2,\"file\":\"\(sink.path("observer.jsonl"))\",\"offset\":16}\n"
    #expect(Tool.waitUntil(3) { String(decoding: running.out, as: UTF8.self) == expected })
    running.write("{\"a\":3}\n")
    running.closeInput()
    let end = running.wait()
    #expect(end.lines.count == 2)
    #expect(end.lines.last?.contains("\"durable_lines\":3") == true)
  }

  @Test func usr1AnswersWithAReceipt() throws {
    let sink = try SinkFixture()
    let running = try sink.start(["--sync", "each"])
    running.write("{\"a\":1}\nbad\n")
    #expect(Tool.waitUntil { sink.content("rejects/jsonl-sink.jsonl")?.hasSuffix("\n") == true })
    running.signal(SIGUSR1)
    #expect(Tool.waitUntil { SinkReceipt.last(in: running.errText) != nil })
    let receipt = try #require(SinkReceipt.last(in: running.errText))
    #expect(receipt.isLawful && receipt.durable == 1 && receipt.rejected == 1 && receipt.rc == nil)
    running.closeInput()
    #expect(running.wait().status == 65)
  }

  @Test func hupReopensAfterARename() throws {
    let sink = try SinkFixture()
    let running = try sink.start()
    running.write("{\"a\":1}\n")
    #expect(Tool.waitUntil { sink.content() == "{\"a\":1}\n" })
    try FileManager.default.moveItem(atPath: sink.path("observer.jsonl"), toPath: sink.path("old"))
    running.signal(SIGHUP)
    #expect(Tool.waitUntil { running.errText.contains("SIGHUP") })
    running.write("{\"a\":2}\n")
    running.closeInput()
    #expect(running.wait().status == 0)
    #expect(sink.content("old") == "{\"a\":1}\n")
    #expect(sink.content() == "{\"a\":2}\n")
  }

  @Test func removedFileIsNoticedAndSaved() throws {
    let sink = try SinkFixture()
    let running = try sink.start()
    running.write("{\"a\":1}\n")
    #expect(Tool.waitUntil { sink.content() == "{\"a\":1}\n" })
    try FileManager.default.removeItem(atPath: sink.path("observer.jsonl"))
    #expect(Tool.waitUntil(3) { running.errText.contains("was removed by another program") })
    running.write("{\"a\":2}\n")
    running.closeInput()
    #expect(running.wait().status == 65)
    #expect(sink.content() == "{\"a\":2}\n")
    let recovered = try #require(sink.files.first { $0.hasPrefix("observer_recovered_") })
    #expect(sink.content(recovered) == "{\"a\":1}\n")
  }

  @Test func fileRemovedJustBeforeTheEndIsSaved() throws {
    let sink = try SinkFixture()
    let running = try sink.start()
    running.write("{\"a\":1}\n")
    #expect(Tool.waitUntil { sink.content() == "{\"a\":1}\n" })
    try FileManager.default.removeItem(atPath: sink.path("observer.jsonl"))
    running.closeInput()
    #expect(running.wait().status == 65)
    let recovered = try #require(sink.files.first { $0.hasPrefix("observer_recovered_") })
    #expect(sink.content(recovered) == "{\"a\":1}\n")
  }

  @Test func removedFolderIsAnError() throws {
    let sink = try SinkFixture()
    let running = try sink.start()
    running.write("{\"a\":1}\n")
    #expect(Tool.waitUntil { sink.content() == "{\"a\":1}\n" })
    try FileManager.default.removeItem(atPath: sink.folder)
    #expect(running.wait(timeout: 5).status == 74)
  }

  @Test func readerThatGoesAwayDoesNotStopTheArchive() throws {
    let sink = try SinkFixture()
    let script = "set -o pipefail; \"$0\" --dir \"$1\" | head -n 1"
    let text = (0..<300_000).map { "{\"n\":\($0)}\n" }.joined()
    let run = try Tool.run("bash", ["-c", script, Tool.path("jsonl-sink"), sink.folder], text: text)
    #expect(run.status == 0)
    #expect(run.outText == "{\"n\":0}\n")
    #expect(sink.content() == text)
    #expect(run.errText.contains("standard output is gone"))
  }

  @Test func stuckReaderIsLeftBehindAfterTerm() throws {
    let sink = try SinkFixture()
    let script = "exec 3<&0; \"$0\" --dir \"$1\" --grace 1 <&3 > >(sleep 30) & echo $! >\"$1.pid\"; wait $!"
    let running = try Tool.start("bash", ["-c", script, Tool.path("jsonl-sink"), sink.folder])
    let text = (0..<30_000).map { "{\"n\":\($0),\"p\":\"\(String(repeating: "p", count: 100))\"}\n" }.joined()
    running.write(text)
    running.closeInput()
    #expect(Tool.waitUntil { (sink.content()?.utf8.count ?? 0) > 1 << 20 })
    let pid = try #require(
      Int32(try String(contentsOfFile: sink.folder + ".pid", encoding: .utf8).dropLast()))
    #expect(kill(pid, 0) == 0)
    kill(pid, SIGTERM)
    #expect(Tool.waitUntil(5) { running.errText.contains("its reader is stuck") })
    #expect(Tool.waitUntil(5) { SinkReceipt.last(in: running.errText)?.isLawful == true })
    #expect(sink.content().map(isWholeNDJSON) == true)
    running.signal(SIGKILL)
  }

  @Test func eventTimePicksTheFile() throws {
    let sink = try SinkFixture()
    // 2026-07-30 23:59:59.900 KST and on, records and bare snapshots, one of them late.
    let before = 1_785_423_599_900
    let lines = [
      "{\"meta\":{\"timestamp_ms\":\(before)}}",
      "{\"snapshot\":{\"meta\":{\"timestamp_ms\":\(before + 200)}}}",
      "{\"meta\":{\"timestamp_ms\":\(before + 1)}}", "{\"no\":\"time\"}",
      "{\"x\":{\"meta\":{\"timestamp_ms\":5}},\"meta\":{\"timestamp_ms\":\(before + 300)}}",
    ]
    let text = lines.map { $0 + "\n" }.joined()
    let run = try sink.run(["--rotate", "1h", "--rotate-by", "event"], text)
    #expect(run.status == 0)
    #expect(run.outText == text)
    #expect(
      sink.content("observer_20260730_2300.jsonl")
        == [lines[0], lines[2], lines[3]].map { $0 + "\n" }.joined())
    #expect(sink.content("observer_20260731_0000.jsonl") == [lines[1], lines[4]].map { $0 + "\n" }.joined())
    #expect(run.receipt?.durable == 5)
  }

  /// The year of a window's name has four digits in Korea: a time after that is none, as no time at all is.
  @Test func eventTimeEndsWithTheYear9999() throws {
    let sink = try SinkFixture()
    let last = 253_402_268_399_999
    let lines = [last, last + 1, 253_402_300_799_999].map { "{\"meta\":{\"timestamp_ms\":\($0)}}\n" }
    let run = try sink.run(["--rotate", "1d", "--rotate-by", "event"], lines.joined())
    #expect(run.status == 0 && run.receipt?.durable == 3, "\(run.errText)")
    #expect(sink.content("observer_99991231_0000.jsonl") == lines.joined(), "\(sink.files)")
  }

  @Test func clockWindowsKeepOrderAndAreClosedWhenIdle() throws {
    let sink = try SinkFixture()
    let running = try sink.start(["--rotate", "1s", "--quiet"])
    var fed = ""
    let end = Date().addingTimeInterval(2.2)
    while Date() < end {
      let line = "{\"n\":\(fed.utf8.count)}\n"
      fed += line
      running.write(line)
      usleep(5000)
    }
    // The last window ends while nothing comes: its file is closed, which a reader sees by the lock.
    func dataFiles() -> [String] { sink.files.filter { $0.hasSuffix(".jsonl") } }
    let closed = Tool.waitUntil(4) {
      guard let last = dataFiles().last else { return false }
      return (try? Tool.run("flock", ["-n", sink.path(last), "true"]))?.status == 0
    }
    #expect(closed && running.isRunning)
    running.closeInput()
    let outcome = running.wait()
    #expect(outcome.status == 0)
    #expect(dataFiles().count >= 3)
    #expect(dataFiles().compactMap { sink.content($0) }.joined() == fed)
    #expect(dataFiles().allSatisfy { sink.content($0)?.hasSuffix("\n") == true })
    #expect(outcome.receipt?.isLawful == true && outcome.receipt?.unwritten == 0)
  }

  /// Most snapshots take less than a millisecond, and the buckets tell them from slower ones. Of a clock that went
  /// back nothing is known; it counts as none.
  @Test func archiveLatencyHasBucketsBelowItsTypicalValues() throws {
    let sink = try SinkFixture()
    let file = sink.folder + ".prom"
    let ahead = Int(Date().timeIntervalSince1970 * 1000) + 600_000
    let head = #"{"snapshot":{"meta":{"timestamp":"2026-07-30T09:23:41.123+09:00","timestamp_ms":"#
    let lines = [ahead, 1_785_371_021_123].map { head + "\($0),\"x\":1}}}\n" }
    let outcome = try sink.run(["--metrics", file], lines.joined())
    #expect(outcome.status == 0 && outcome.receipt?.durable == 2, "\(outcome.errText)")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let name = "observer_archive_latency_seconds_bucket"
    let buckets = text.split(separator: "\n").filter { $0.hasPrefix(name) }
    let bounds = buckets.map { $0.split(separator: "\"")[3] }
    #expect(
      bounds == ["0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "1.0", "10.0", "+Inf"])
    #expect(buckets.map { $0.hasSuffix("} 1") } == [Bool](repeating: true, count: 10) + [false])
    #expect(buckets.last?.hasSuffix("} 2") == true)
  }
}
