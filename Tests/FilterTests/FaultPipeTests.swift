import Foundation
import TestSupport
import Testing

/// What surrounds a filter breaks: descriptors that are closed, full, gone, slow or strange.
struct FaultPipeTests {
  /// Runs a shell script with the tool's path as `$1`; `env` alone is its environment.
  private func shell(
    _ script: String, _ tool: String, text: String = "", env: [String: String] = [:]
  ) throws -> Outcome {
    try Tool.run("bash", ["-c", script, "test", Tool.path(tool)], text: text, env: env)
  }

  @Test(arguments: filters)
  func fullOutputIsAnErrorEvenForOneLine(tool: String) throws {
    let outcome = try shell(#""$1" >/dev/full"#, tool, text: Sample.good)
    #expect(outcome.status == 74)
    #expect(outcome.errText.contains("cannot write standard output: No space left on device"))
  }

  /// Nothing that is opened later may take the place of a closed stdout.
  @Test(arguments: filters)
  func closedOutputIsAnError(tool: String) throws {
    let folder = try Tool.temporaryFolder()
    let outcome = try shell(#""$1" --rejects "\#(folder)/r" >&-"#, tool, text: "{\n" + Sample.good)
    #expect(outcome.status == 74)
    #expect(outcome.errText.contains("standard output is not open for writing"))
    let rejects = try? String(contentsOfFile: folder + "/r", encoding: .utf8)
    #expect(rejects == nil || rejects == "")
  }

  @Test(arguments: filters, ["--help", "--version"])
  func helpToAFullOrClosedOutputIsAnError(tool: String, option: String) throws {
    #expect(try shell(#""$1" \#(option) >/dev/full"#, tool).status == 74)
    #expect(try shell(#""$1" \#(option) >&-"#, tool).status == 74)
  }

  /// No tool ends by SIGXFSZ, without a word.
  @Test(arguments: filters + ["kis-fetch", "jsonl-sink", "jsonl-verify", "snap-audit", "observer-health"])
  func aFileSizeLimitIsAnError(tool: String) throws {
    let folder = try Tool.temporaryFolder()
    let outcome = try shell(#"ulimit -f 0; "$1" --help >"\#(folder)/out""#, tool)
    #expect(outcome.status == 74)
    #expect(outcome.errText.contains("cannot write standard output: File too large"))
  }

  @Test(arguments: filters)
  func inputThatCannotBeRead(tool: String) throws {
    let closed = try shell(#""$1" <&-"#, tool)
    #expect(closed.status == 74)
    #expect(closed.errText.contains("cannot read standard input: Bad file descriptor"))
    let folder = try shell(#""$1" </"#, tool)
    #expect(folder.status == 74)
    #expect(folder.errText.contains("cannot read standard input: Is a directory"))
  }

  @Test(arguments: filters)
  func closedErrorsDoNotDisturbTheData(tool: String) throws {
    let input = "{\n" + Sample.good + "\n"
    let wanted = try Tool.run(tool, ["--log-level=debug"], text: input).lines.count
    for redirection in ["2>&-", "2>/dev/full"] {
      let outcome = try shell(#""$1" --log-level=debug \#(redirection)"#, tool, text: input)
      #expect(outcome.status == 0 && outcome.lines.count == wanted && wanted == 1)
      #expect(outcome.lines.allSatisfy { $0.hasPrefix("{") })
    }
  }

  /// Like cat: the reader went away, so the filter goes, without a word.
  @Test(arguments: filters)
  func readerThatLeaves(tool: String) throws {
    let script = #"yes "$LINE" | "$1" | head -1; echo "${PIPESTATUS[1]}""#
    let outcome = try shell(script, tool, env: ["LINE": Sample.good])
    #expect(outcome.lines.count == 2)
    #expect(outcome.lines.last == "141")
    #expect(outcome.errText == "")
  }

  /// The same when SIGPIPE is ignored, as some supervisors have it.
  @Test func readerThatLeavesWhileSIGPIPEIsIgnored() throws {
    let script = #"trap '' PIPE; yes "$LINE" 2>/dev/null | "$1" | head -1; echo "${PIPESTATUS[1]}""#
    let outcome = try shell(script, "snap-validate", env: ["LINE": Sample.good])
    #expect(outcome.lines.last == "141")
    #expect(outcome.errText == "")
  }

  @Test(arguments: filters)
  func oneLineInGivesOneLineOut(tool: String) throws {
    let running = try Tool.start(tool)
    for count in 1...3 {
      running.write(Sample.good + "\n{\"half\":")
      #expect(Tool.waitUntil { running.out.filter { $0 == 0x0A }.count == count })
      running.write("1}\n")
      _ = Tool.waitUntil(0.2) { running.out.filter { $0 == 0x0A }.count > count }
      if running.out.filter({ $0 == 0x0A }).count > count { break }
    }
    #expect(running.isRunning)
    running.closeInput()
    #expect(running.wait().status == 0)
  }

  /// The upstream died in the middle of a line: whole lines pass, the fragment is a reject.
  @Test func upstreamDiesInMidLine() throws {
    let script = #"{ printf '%s\n{"b"' "$LINE"; kill -9 $BASHPID; } | "$1" --plain"#
    let outcome = try shell(script, "snap-validate", env: ["LINE": Sample.good])
    #expect(outcome.lines == [Sample.good])
    #expect(counts(outcome) == [2, 1, 1, 0])
  }

  /// A non-blocking stdout with a slow reader: nothing is lost.
  @Test func nonBlockingOutput() throws {
    let count = 20_000
    let script = #"""
      import fcntl, os, subprocess, sys, time
      reader, writer = os.pipe()
      fcntl.fcntl(writer, fcntl.F_SETFL, fcntl.fcntl(writer, fcntl.F_GETFL) | os.O_NONBLOCK)
      child = subprocess.Popen([sys.argv[1], "--plain"], stdin=0, stdout=writer, stderr=2)
      os.close(writer)
      time.sleep(0.3)
      lines = 0
      while block := os.read(reader, 30000):
          lines += block.count(b"\n")
      print(lines, child.wait())
      """#
    let input = String(repeating: Sample.good + "\n", count: count)
    let outcome = try Tool.run("python3", ["-c", script, Tool.path("snap-validate")], text: input)
    #expect(outcome.lines == ["\(count) 0"])
  }

  @Test func nonBlockingInput() throws {
    let script = #"""
      import fcntl, os, subprocess, sys, time
      reader, writer = os.pipe()
      fcntl.fcntl(reader, fcntl.F_SETFL, fcntl.fcntl(reader, fcntl.F_GETFL) | os.O_NONBLOCK)
      child = subprocess.Popen([sys.argv[1], "--plain"], stdin=reader)
      os.close(reader)
      line = sys.stdin.read().encode()
      for part in (line[:40], line[40:], line):
          os.write(writer, part)
          time.sleep(0.05)
      os.close(writer)
      sys.exit(child.wait())
      """#
    let outcome = try Tool.run(
      "python3", ["-c", script, Tool.path("snap-validate")], text: Sample.good + "\n")
    #expect(outcome.lines == [Sample.good, Sample.good] && outcome.status == 0)
  }

  /// Locale and zone of the host change nothing.
  @Test func surroundingsDoNotMatter() throws {
    let input = Sample.snapshot(extra: #""name":"삼성전자","x":1.5e3"#) + "\n{\"x\":\"삼\n"
    let chain =
      #"env -i $ENVIRONMENT "$1" --emit all | env -i $ENVIRONMENT "${1%validate}enrich" --clock event"#
    let wanted = try shell(chain, "snap-validate", text: input, env: ["ENVIRONMENT": "A=b"])
    #expect(wanted.lines.count == 1)
    for environment in [
      "LC_ALL=C TZ=x", "LC_ALL=ko_KR.UTF-8 TZ=America/New_York", "LC_NUMERIC=de_DE.UTF-8 TZ=", "LANG=tr_TR",
    ] {
      let outcome = try shell(chain, "snap-validate", text: input, env: ["ENVIRONMENT": environment])
      #expect(outcome.out == wanted.out, "\(environment)")
    }
  }

  /// A working directory that was removed, no HOME, no PATH.
  @Test func noWorkingDirectory() throws {
    let script = #"d=$(mktemp -d); cd "$d"; rmdir "$d"; exec env -i "$1" --plain"#
    #expect(try shell(script, "snap-validate", text: Sample.good).lines == [Sample.good])
  }

  /// What goes in comes out, over the whole chain.
  @Test func conservationAcrossTheChain() throws {
    let folder = try Tool.temporaryFolder()
    var input: [String] = []
    for index in 0..<3000 {
      switch index % 10 {
      case 3: input.append("")
      case 5: input.append("{\(index)")
      case 7: input.append(Sample.snapshot(context: #"{"source":"x"}"#, extra: #""n":\#(index)"#))
      default: input.append(Sample.snapshot(extra: #""n":\#(index)"#))
      }
    }
    let script = #"""
      "$1" --emit all --rejects v 2>v.log | "${1%validate}guard" --rejects g 2>g.log | "${1%validate}enrich" 2>e.log
      """#
    let outcome = try Tool.run(
      "bash", ["-c", script, "test", Tool.path("snap-validate")], text: input.joined(separator: "\n"),
      in: folder)
    #expect(outcome.lines.count == 2100)
    func read(_ name: String) throws -> String {
      try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    }
    #expect(try read("v.log").contains("in=3000 out=2100 rejected=600 blank=300"))
    #expect(try read("g.log").contains("in=2400 out=2100 rejected=300 blank=0"))
    #expect(try read("e.log").contains("in=2100 out=2100 rejected=0 blank=0"))
    #expect(try read("v").split(separator: "\n").count == 600)
    #expect(try read("g").split(separator: "\n").count == 300)
  }
}

/// Memory stays bounded whatever arrives.
struct FaultMemoryTests {
  /// Peak resident memory of a tool, in KiB, while `script` (with the tool's path as `$1`) feeds it.
  private func peak(_ script: String, _ tool: String = "snap-validate") throws -> (
    kilobytes: Int, outcome: Outcome
  ) {
    let wrapper = #"""
      import resource, subprocess, sys
      status = subprocess.call(["bash", "-c", sys.argv[2], "test", sys.argv[1]])
      print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
      sys.exit(status)
      """#
    let outcome = try Tool.run("python3", ["-c", wrapper, Tool.path(tool), script])
    let last = outcome.errText.split(separator: "\n").last.flatMap { Int($0) }
    return (last ?? Int.max, outcome)
  }

  /// A line without an end, 200 MB of it: skipped as it streams by, the next line is fine.
  @Test func endlessLine() throws {
    let script =
      #"{ head -c 200000000 /dev/zero | tr '\0' x; printf '\n%s\n' '\#(Sample.good)'; } | "$1" --plain"#
    let (kilobytes, outcome) = try peak(script)
    #expect(outcome.lines == [Sample.good])
    #expect(outcome.errText.contains("line too long"))
    #expect(kilobytes < 80_000)
  }

  @Test func endlessLineUnderASmallLimit() throws {
    let script =
      #"{ head -c 200000000 /dev/zero | tr '\0' x; printf '\n%s\n' '\#(Sample.good)'; } | "$1" --plain --max-line 100000"#
    let (kilobytes, outcome) = try peak(script)
    #expect(outcome.lines == [Sample.good])
    #expect(kilobytes < 40_000)
  }

  /// A reader that stopped: the filter blocks, and holds no more than a batch.
  @Test func stoppedReader() throws {
    let script = #"yes '\#(Sample.good)' | "$1" | { sleep 1; head -c 100 >/dev/null; }; exit 0"#
    let (kilobytes, outcome) = try peak(script)
    #expect(kilobytes < 40_000)
    #expect(outcome.status == 0)
  }

  /// A string as long as a line may be passes.
  @Test func longestLine() throws {
    let filler = (16 << 20) - Sample.snapshot(extra: #""x":"""#).utf8.count
    for extra in [0, 1] {
      let line = Sample.snapshot(extra: #""x":"\#(String(repeating: "x", count: filler + extra))""#)
      let outcome = try Tool.run("snap-validate", ["--plain"], text: line + "\n" + Sample.good + "\n")
      #expect(outcome.out.count == (extra == 0 ? line.utf8.count + 1 : 0) + Sample.good.utf8.count + 1)
    }
  }

  /// Crafted lines cost time in proportion to their length.
  @Test func craftedLines() throws {
    let million = 200_000
    let long = String(repeating: "n", count: 1_000_000)
    for line in [
      #"{"x":["# + String(repeating: "1e1,", count: million) + "NaN]}",
      #"{"\#(long)":{"# + (0..<50_000).map { #""\#($0)":1"# }.joined(separator: ",") + #"},"y":NaN}"#,
      "{" + String(repeating: #""meta":{"mode":1},"#, count: 100_000) + #""x":1}"#,
      "{" + String(repeating: #""guard":1,"#, count: 100_000) + #""validation":1}"#,
      #"{"x":\#(String(repeating: "9", count: 2_000_000))}"#,
      #"{"\u006d\#(long)":1}"#,
    ] {
      for tool in filters {
        let outcome = try Tool.run(tool, ["--emit=all"], text: line, timeout: 20)
        #expect(outcome.status == 0, "\(tool) \(line.prefix(60))")
        #expect(counts(outcome)[0] == 1)
      }
    }
  }
}
