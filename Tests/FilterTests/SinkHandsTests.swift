import Foundation
import TestSupport
import Testing

/// Somebody else's hands in the archive's folder: what is promised was looked at.
@Suite struct SinkHands {
  private func append(_ text: String, to path: String) {
    let descriptor = open(path, O_WRONLY | O_APPEND)
    _ = text.withCString { write(descriptor, $0, strlen($0)) }
    close(descriptor)
  }

  /// A fragment that comes just before a record is cut off from it, whenever it comes.
  @Test func foreignFragmentIsNeverGlued() throws {
    let sink = try SinkFixture()
    let running = try sink.start(["--quiet"])
    var expected = ""
    for number in 0..<50 {
      let line = "{\"n\":\(number)}\n"
      running.write(line)
      expected += line
      try #require(Tool.waitUntil { sink.content()?.hasSuffix(expected) == true })
      append("{\"half\":", to: sink.path("observer.jsonl"))
      expected = "{\"half\":\n"
    }
    running.write("{\"n\":50}\n")
    running.closeInput()
    let end = running.wait()
    let lines = try #require(sink.content()).split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("{\"n\":") && $0.hasSuffix("}") }.count == 51)
    #expect(lines.count == 101)
    #expect(end.receipt?.durable == 51 && end.receipt?.unwritten == 0)
    #expect(end.errText.contains("does not take the lock"))
  }

  /// Whatever another program adds, by half lines or whole ones, at the end or before: the status says so.
  @Test(arguments: ["half a line", "{\"whole\":1}\n"], [true, false])
  func foreignBytesAreSaidInTheStatus(_ foreign: String, _ goesOn: Bool) throws {
    let sink = try SinkFixture()
    let running = try sink.start(["--quiet"])
    running.write("{\"n\":1}\n")
    #expect(Tool.waitUntil { sink.content() == "{\"n\":1}\n" })
    append(foreign, to: sink.path("observer.jsonl"))
    if goesOn { running.write("{\"n\":2}\n") }
    running.closeInput()
    let end = running.wait()
    #expect(end.status == 65 && end.receipt?.rc == 65, "\(end.errText)")
    #expect(end.receipt?.durable == (goesOn ? 2 : 1) && end.receipt?.isLawful == true)
  }

  /// Fragments at full speed, so that some come between the look and the write.
  @Test func foreignFragmentsAtFullSpeed() throws {
    let sink = try SinkFixture()
    let running = try sink.start(["--quiet"])
    running.write("{\"n\":-1}\n")
    let path = sink.path("observer.jsonl")
    #expect(Tool.waitUntil { sink.content() == "{\"n\":-1}\n" })
    let meddler = try Tool.start(
      "python3",
      [
        "-c",
        "import os,sys\nfd=os.open(sys.argv[1],os.O_WRONLY|os.O_APPEND)\nwhile not os.path.exists(sys.argv[1]+'.stop'): os.write(fd,b'<x>')",
        path,
      ])
    let text = (0..<20_000).map { "{\"n\":\($0)}\n" }
    for start in stride(from: 0, to: text.count, by: 10) { running.write(text[start..<start + 10].joined()) }
    running.closeInput()
    let end = running.wait()
    try sink.put("", "observer.jsonl.stop")
    _ = meddler.wait()
    let own = try #require(sink.content()).split(separator: "\n").filter { $0.hasPrefix("{\"n\":") }
    #expect(own.map { $0 + "\n" } == ["{\"n\":-1}\n"] + text)
    #expect(end.receipt?.durable == text.count + 1)
  }

  /// Lines that were truncated away before the sync are not promised.
  @Test(arguments: ["interval", "each", "none"]) func truncatedLinesAreNotPromised(_ sync: String) throws {
    let sink = try SinkFixture()
    let running = try sink.start(["--quiet", "--sync", sync])
    let text = (0..<1000).map { "{\"n\":\($0)}\n" }.joined()
    running.write(text)
    #expect(Tool.waitUntil { sink.content() == text })
    #expect(truncate(sink.path("observer.jsonl"), 8 * 10) == 0)
    running.write("{\"last\":1}\n")
    running.closeInput()
    let end = running.wait()
    #expect(end.status == 65)
    let receipt = try #require(end.receipt)
    #expect(receipt.isLawful && receipt.read == 1001)
    #expect(receipt.durable == 11 && receipt.unwritten == 990)
    #expect(sink.content()?.hasSuffix("{\"n\":9}\n{\"last\":1}\n") == true)
    #expect(end.errText.contains("990 lines of this run with it"))
  }

  /// No receipt covers what is gone: whoever keeps a cursor feeds again from the receipt before.
  @Test func receiptsEndWhenLinesAreGone() throws {
    let sink = try SinkFixture()
    let running = try sink.start(["--receipts"])
    running.write("{\"a\":1}\n{\"a\":2}\n")
    #expect(Tool.waitUntil { String(decoding: running.out, as: UTF8.self).contains("\"durable_lines\":2,") })
    #expect(truncate(sink.path("observer.jsonl"), 0) == 0)
    running.write("{\"a\":3}\n")
    let end = running.wait(timeout: 10)
    #expect(end.status == 74)
    #expect(end.lines.count == 1)
    #expect(end.errText.contains("no receipt can promise"))
    #expect(end.receipt?.isLawful == true && end.receipt?.durable == 1)
  }

  /// logrotate, `rm`, `mv` and `rm -r` on the rejects: what is counted as rejected is in a file that can be found.
  @Test(arguments: ["rm", "mv", "rm -r", "mv folder", "SIGHUP"]) func rejectsGoOnInANewFile(_ how: String)
    throws
  {
    let sink = try SinkFixture()
    let running = try sink.start(["--quiet"])
    let path = sink.path("rejects/jsonl-sink.jsonl")
    running.write("bad 1\n")
    #expect(Tool.waitUntil { sink.content("rejects/jsonl-sink.jsonl")?.hasSuffix("\n") == true })
    switch how {
    case "rm": #expect(unlink(path) == 0)
    case "rm -r": try FileManager.default.removeItem(atPath: sink.path("rejects"))
    case "mv folder": #expect(rename(sink.path("rejects"), sink.path("rejects.old")) == 0)
    default: #expect(rename(path, path + ".1") == 0)
    }
    if how == "SIGHUP" {
      running.signal(SIGHUP)
      #expect(Tool.waitUntil { running.errText.contains("SIGHUP") })
    }
    running.write("bad 2\n")
    running.closeInput()
    let end = running.wait()
    #expect(end.status == 65 && end.receipt?.rejected == 2)
    #expect(try sink.rejects().map { $0["input_text"] as? String } == ["bad 2"])
    #expect(end.errText.contains("opened anew by its name") == (how != "SIGHUP"))
    if how == "mv" || how == "SIGHUP" {
      #expect(sink.content("rejects/jsonl-sink.jsonl.1")?.contains("bad 1") == true)
    }
    if how == "mv folder" { #expect(sink.content("rejects.old/jsonl-sink.jsonl")?.contains("bad 1") == true) }
  }

  /// A file that was removed while the disk is full is kept until there is room for its copy.
  @Test(
    .enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"),
    arguments: ["room", "SIGTERM", "SIGHUP"])
  func removedFileOnAFullDisk(_ then: String) throws {
    let disk = try SmallDisk()
    defer { disk.remove() }
    let text = (0..<4000).map { "{\"n\":\($0),\"p\":\"\(String(repeating: "p", count: 200))\"}\n" }.joined()
    let running = try Tool.start("jsonl-sink", ["--dir", disk.path + "/a", "--quiet"])
    running.write(text)
    running.closeInput()
    #expect(Tool.waitUntil { running.errText.contains("reading nothing until there is room") })
    let before = disk.content("a/observer.jsonl")
    #expect(unlink(disk.path + "/a/observer.jsonl") == 0)
    #expect(
      Tool.waitUntil {
        running.errText.contains("removed by another program and is kept in /proc/\(running.pid)/fd/")
      })
    if then == "SIGTERM" {
      running.signal(SIGTERM)
      let end = running.wait(timeout: 10)
      #expect(end.status == 74)
      #expect(end.errText.contains("bytes were saved"))
      let receipt = try #require(end.receipt)
      let saved = disk.recovered
      #expect(receipt.isLawful && receipt.durable == saved.split(separator: "\n").count)
      #expect(before.hasPrefix(saved) && (saved.isEmpty || saved.hasSuffix("\n")))
      return
    }
    if then == "SIGHUP" { running.signal(SIGHUP) }
    try disk.resize("8m")
    let end = running.wait(timeout: 10)
    #expect(end.status == 65, "\(end.errText)")
    #expect(end.receipt?.durable == 4000)
    #expect(disk.recovered + disk.content("a/observer.jsonl") == text)
  }
}

extension SmallDisk {
  /// What was saved of removed files.
  var recovered: String {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path + "/a")) ?? []
    return names.filter { $0.hasPrefix("observer_recovered_") }.map { content("a/" + $0) }.joined()
  }
}
