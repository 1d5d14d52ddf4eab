import Foundation
import TestSupport
import Testing

/// Memory that cannot be had is said in one line and ends with 74; what was done before stays.
@Suite struct MemoryEnd {
  /// AddressSanitizer needs more address space than any limit would leave.
  static let canLimit = ProcessInfo.processInfo.environment["ASAN_OPTIONS"] == nil

  /// Lets a running program have so many bytes more than it has.
  private func limit(_ running: RunningTool, more: Int) throws {
    let sizes = try String(contentsOfFile: "/proc/\(running.pid)/statm", encoding: .utf8)
    let pages = try #require(sizes.split(separator: " ").first.flatMap { Int($0) })
    let set = try Tool.run("prlimit", ["--pid", "\(running.pid)", "--as=\(pages * 4096 + more)"])
    #expect(set.status == 0, "\(set.errText)")
  }

  /// The line needs 6 MB to be read, and 8 MB more to be refused.
  @Test(.enabled(if: canLimit), arguments: [("\"}", 3), ("", 9)])
  func sink(_ end: String, _ megabytes: Int) throws {
    let sink = try SinkFixture()
    let running = try sink.start()
    running.write("{\"n\":1}\n")
    #expect(Tool.waitUntil { sink.content() == "{\"n\":1}\n" })
    try limit(running, more: megabytes << 20)
    running.write("{\"n\":2}\n{\"a\":\"" + String(repeating: "x", count: 6_000_000) + end + "\n{\"n\":3}\n")
    running.closeInput()
    let ended = running.wait()
    #expect(ended.status == 74 && ended.errText.contains("memory"), "\(ended.errText)")
    let receipt = try #require(ended.receipt, "\(ended.errText)")
    #expect(receipt.durable == 2 && receipt.rejected == 0 && receipt.rc == 74 && receipt.isLawful)
    #expect(sink.content() == "{\"n\":1}\n{\"n\":2}\n")
  }

  /// Two cannot read the line for want of 8 MB, the last one not write it for want of 6 MB more.
  @Test(.enabled(if: canLimit), arguments: [("snap-validate", 3), ("snap-enrich", 3), ("snap-enrich", 10)])
  func filter(_ name: String, _ megabytes: Int) throws {
    let running = try Tool.start(name, name == "snap-validate" ? ["--plain"] : [])
    running.write(Sample.good + "\n")
    #expect(Tool.waitUntil { running.out.last == 0x0A })
    try limit(running, more: megabytes << 20)
    let long = String(repeating: "x", count: 6_000_000)
    running.write("{\"a\":\"\(long)\",\(Sample.good.dropFirst())\n")
    running.closeInput()
    let ended = running.wait()
    #expect(ended.status == 74, "\(ended.errText.suffix(500))")
    #expect(ended.errText.contains("memory") && !ended.errText.contains("Fatal error"))
    #expect(ended.lines.count == 1)
  }
}
