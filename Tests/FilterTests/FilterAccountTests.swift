import Foundation
import TestSupport
import Testing

/// Every end of a filter is accounted for: in = out + rejected + blank + unwritten.
struct FilterAccountTests {
  private func shell(_ script: String, _ tool: String, text: String = "") throws -> Outcome {
    try Tool.run("bash", ["-c", script, "test", Tool.path(tool)], text: text)
  }

  /// A number of the account; 0 where it is not named.
  private func number(_ key: String, _ outcome: Outcome) -> Int {
    summary(outcome)?.split(separator: " ").first { $0.hasPrefix(key + "=") }.flatMap {
      Int($0.dropFirst(key.count + 1))
    } ?? 0
  }

  private func isLawful(_ outcome: Outcome) -> Bool {
    let parts = counts(outcome)
    return parts.allSatisfy { $0 >= 0 }
      && parts[0] == parts[1] + parts[2] + parts[3] + number("unwritten", outcome)
  }

  @Test(arguments: filters, ["--emit=pass", "--emit=all"])
  func fullOutput(tool: String, emit: String) throws {
    let text = "garbage\n\n" + String(repeating: Sample.good + "\n", count: 5)
    let outcome = try shell(#""$1" \#(emit) >/dev/full"#, tool, text: text)
    #expect(outcome.status == 74)
    #expect(counts(outcome) == [7, 0, 1, 1] && number("unwritten", outcome) == 5, "\(outcome.errText)")
  }

  /// What stands in the file and what the account says agree to the line.
  @Test(arguments: ["--plain", "--strict"])
  func outputThatEndsInTheMiddle(option: String) throws {
    let folder = try Tool.temporaryFolder()
    let outcome = try shell(
      #"ulimit -f 8; "$1" \#(option) >"\#(folder)/out""#, "snap-validate",
      text: String(repeating: Sample.good + "\n", count: 150) + "{half")
    let out = try String(contentsOfFile: folder + "/out", encoding: .utf8)
    #expect(outcome.status == 74 && isLawful(outcome))
    #expect(number("out", outcome) == out.filter { $0 == "\n" }.count && number("out", outcome) > 0)
    #expect(number("in", outcome) == 151)
    #expect(number("bytes_out", outcome) == out.utf8.count)
  }

  @Test(arguments: filters)
  func closedOutputAndBadInput(tool: String) throws {
    #expect(counts(try shell(#""$1" >&-"#, tool, text: Sample.good)) == [0, 0, 0, 0])
    #expect(counts(try shell(#""$1" <&-"#, tool)) == [0, 0, 0, 0])
    #expect(counts(try shell(#""$1" </"#, tool)) == [0, 0, 0, 0])
  }

  @Test func strictEnd() throws {
    let outcome = try shell(
      #""$1" --strict"#, "snap-validate", text: Sample.good + "\ngarbage\n" + Sample.good)
    #expect(outcome.status == 65 && counts(outcome) == [2, 1, 1, 0])
  }

  /// A reader that left is no news, and yet the batch's rejects are kept.
  @Test func readerThatLeft() throws {
    let folder = try Tool.temporaryFolder()
    let text = "garbage\n" + String(repeating: Sample.good + "\n", count: 3000)
    for (level, isTold) in [("info", false), ("debug", true)] {
      try? FileManager.default.removeItem(atPath: folder + "/r")
      let outcome = try shell(
        #"cat >in; "$1" --plain --log-level \#(level) --rejects r <in | :; exit "${PIPESTATUS[0]}""#
          .replacingOccurrences(of: "cat >in", with: "cd '\(folder)' && cat >in"), "snap-validate", text: text
      )
      #expect(outcome.status == 141)
      #expect((summary(outcome) != nil) == isTold)
      if isTold { #expect(isLawful(outcome)) }
      #expect(
        try String(contentsOfFile: folder + "/r", encoding: .utf8).contains(#""input_text":"garbage"}"#))
    }
  }

  /// A stop whose grace ends while nobody reads the output.
  @Test func readerThatDoesNotRead() throws {
    let script = #"""
      yes "$LINE" 2>/dev/null | { exec 3<&0; "$1" --grace 0 --plain <&3 2>&4 & sleep 0.5; kill -TERM $!; wait $!
      echo "status $?" >&4; } 4>&2 | sleep 4
      """#
    let outcome = try Tool.run(
      "bash", ["-c", script, "test", Tool.path("snap-validate")], env: ["LINE": Sample.good])
    #expect(outcome.errText.contains("status 143"))
    #expect(outcome.errText.contains("standard output was not read before the time to end was over"))
    #expect(isLawful(outcome) && number("unwritten", outcome) > 0, "\(outcome.errText)")
  }

  /// The account that SIGUSR1 asks for answers for the disk: it comes after a sync.
  @Test func accountOnDemandSyncsTheRejects() throws {
    guard FileManager.default.isExecutableFile(atPath: Tool.path("strace")) else { return }
    let folder = try Tool.temporaryFolder()
    let running = try Tool.start(
      "strace",
      [
        "-f", "-o", folder + "/trace", "-e", "trace=write,fdatasync", "-s", "400", Tool.path("snap-validate"),
        "--rejects",
        folder + "/r",
      ])
    running.write("garbage\n")
    #expect(Tool.waitUntil(30) { FileManager.default.contents(atPath: folder + "/r")?.isEmpty == false })
    // The timer would sync within a second as well: the order in the trace is what counts.
    let children = try Tool.run("pgrep", ["-P", "\(running.pid)"]).lines
    kill(try #require(children.first.flatMap { Int32($0) }), SIGUSR1)
    #expect(Tool.waitUntil(30) { running.errText.contains("rejected=1") })
    running.closeInput()
    #expect(running.wait().status == 0)
    let trace = try String(contentsOfFile: folder + "/trace", encoding: .utf8)
    let sync = try #require(trace.range(of: "fdatasync("))
    let account = try #require(trace.range(of: "rejected=1"))
    #expect(sync.lowerBound < account.lowerBound)
  }
}
