import Foundation
import TestSupport
import Testing

/// Readers of the sink's stdout that do not read.
@Suite struct SinkReaders {
  private let long = String(repeating: "p", count: 3000)

  /// A sink whose stdout is a pipe that this test reads when it likes.
  private func start(_ sink: SinkFixture, _ options: [String]) throws -> (RunningTool, FileHandle) {
    let fifo = sink.folder + ".fifo"
    #expect(mkfifo(fifo, 0o600) == 0)
    // Opened for reading and writing, so that neither side waits for the other; the sink's copy is the only writer
    // that matters.
    let reader = open(fifo, O_RDONLY | O_NONBLOCK)
    let running = try Tool.start(
      "bash",
      ["-c", "f=$1; shift; exec \"$0\" \"$@\" >\"$f\"", Tool.path("jsonl-sink"), fifo, "--dir", sink.folder]
        + options)
    return (running, FileHandle(fileDescriptor: reader, closeOnDealloc: true))
  }

  private func read(_ handle: FileHandle, until done: () -> Bool) -> String {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    _ = Tool.waitUntil {
      while true {
        let got = Foundation.read(handle.fileDescriptor, &block, block.count)
        guard got > 0 else { break }
        bytes += block[..<got]
      }
      return done()
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func readerThatNeverReadsIsLeftBehind() throws {
    let sink = try SinkFixture()
    let (running, reader) = try start(sink, ["--stdout-timeout", "0.2"])
    defer { withExtendedLifetime(reader) {} }
    let text = (0..<1500).map { "{\"n\":\($0),\"p\":\"\(long)\"}\n" }.joined()
    running.write(text)
    running.closeInput()
    let end = running.wait(timeout: 30)
    #expect(end.status == 0, "\(end.errText)")
    #expect(sink.content() == text)
    let said = end.errText.split(separator: "\n").filter { $0.contains("was not read for") }
    #expect(said.count == 1)
    // What the pipe took is at most a mebibyte.
    let missed = try #require(end.receipt?.notPassed)
    #expect((1000...1500).contains(missed) && end.receipt?.durable == 1500)
  }

  @Test func readerThatReadsAgainGetsWholeLines() throws {
    let sink = try SinkFixture()
    let metrics = sink.folder + ".prom"
    let (running, reader) = try start(sink, ["--stdout-timeout", "0.2", "--metrics", metrics])
    let before = (0..<800).map { "{\"n\":\($0),\"p\":\"\(long)\"}\n" }
    running.write(before.joined())
    #expect(
      Tool.waitUntil { running.errText.contains("was not read for") && sink.content() == before.joined() })
    var got = read(reader) { running.errText.contains("is read again") }
    let after = (800..<820).map { "{\"n\":\($0),\"p\":\"\(long)\"}\n" }
    running.write(after.joined())
    running.closeInput()
    got += read(reader) { !running.isRunning }
    let end = running.wait()
    #expect(end.status == 0)
    #expect(sink.content() == (before + after).joined())
    // A run of lines from the start, whole to the last one, and then those that came after the reader did.
    let missed = try #require(end.receipt?.notPassed)
    #expect(missed > 0 && end.errText.contains("\(missed) lines were archived and not passed on"))
    #expect(got == (before[..<(800 - missed)] + after).joined())
    let text = try String(contentsOfFile: metrics, encoding: .utf8)
    #expect(text.contains("observer_archive_not_passed_total{stage=\"jsonl-sink\"} \(missed)\n"))
  }

  @Test func zeroWaitsForTheReader() throws {
    let sink = try SinkFixture()
    let (running, reader) = try start(sink, ["--stdout-timeout", "0"])
    let text = (0..<1500).map { "{\"n\":\($0),\"p\":\"\(long)\"}\n" }.joined()
    running.write(text)
    running.closeInput()
    #expect(Tool.waitUntil { (sink.content()?.utf8.count ?? 0) > 1 << 20 })
    let got = read(reader) { !running.isRunning }
    let end = running.wait()
    #expect(end.status == 0 && end.receipt?.notPassed == 0)
    #expect(got == text && sink.content() == text)
  }

  /// `>&0`: what is open for reading only is not written to, though opening the pipe once more would make that possible.
  @Test func theReadEndOfAPipeIsNoOutput() throws {
    let sink = try SinkFixture()
    let running = try Tool.start(
      "bash", ["-c", "exec \"$0\" --dir \"$1\" >&0", Tool.path("jsonl-sink"), sink.folder])
    running.write("{\"n\":1}\n{\"n\":2}\n")
    running.closeInput()
    let end = running.wait(timeout: 20)
    #expect(end.status == 0 && sink.content() == "{\"n\":1}\n{\"n\":2}\n", "\(end.errText)")
    #expect(end.errText.contains("standard output is gone") && end.receipt?.notPassed == 2, "\(end.errText)")
  }

  /// A receipt that was not read is no loss: the next one says all that it said.
  @Test func receiptsAreNotPassedTwice() throws {
    let sink = try SinkFixture()
    let fifo = sink.folder + ".fifo"
    #expect(mkfifo(fifo, 0o600) == 0)
    let reader = open(fifo, O_RDWR | O_NONBLOCK)
    defer { close(reader) }
    // No room for a receipt.
    let full = [UInt8](repeating: 0x2E, count: 4096)
    while Foundation.write(reader, full, full.count) > 0 {}
    let running = try Tool.start(
      "bash",
      [
        "-c", "f=$1; shift; exec \"$0\" \"$@\" 1<>\"$f\"", Tool.path("jsonl-sink"), fifo, "--dir",
        sink.folder,
        "--receipts", "--sync", "each", "--stdout-timeout", "0.2",
      ])
    for number in 1...3 {
      running.write("{\"n\":\(number)}\n")
      #expect(Tool.waitUntil { sink.content()?.split(separator: "\n").count == number })
    }
    #expect(Tool.waitUntil { running.errText.contains("was not read for") })
    let handle = FileHandle(fileDescriptor: reader, closeOnDealloc: false)
    var got = read(handle) { running.errText.contains("is read again") }
    running.closeInput()
    got += read(handle) { !running.isRunning }
    _ = running.wait()
    let receipts = got.drop { $0 == "." }.split(separator: "\n")
    #expect(receipts.last?.hasPrefix("{\"durable_lines\":3,") == true)
    #expect(receipts.allSatisfy { $0.hasPrefix("{\"durable_lines\":") && $0.hasSuffix("}") })
  }
}
