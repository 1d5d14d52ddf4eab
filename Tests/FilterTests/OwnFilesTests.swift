import Foundation
import TestSupport
import Testing

/// A program that is given a file to read and to write at once: it would never end, or find its own words in it.
@Suite struct OwnFiles {
  private let text = (0..<2000).map { "{\"n\":\($0)}\n" }.joined()

  private func sink(_ sink: SinkFixture, _ redirections: String, _ options: [String] = []) throws -> Outcome {
    try Tool.run(
      "bash",
      [
        "-c", "ulimit -f 1000; exec \"$@\" \(redirections)", sink.folder, Tool.path("jsonl-sink"), "--dir",
        sink.folder,
      ]
        + options, text: text, timeout: 20)
  }

  /// The file that is open, whichever stream it is: 74 before anything is read, and not a byte changes.
  @Test(arguments: [
    ("<\"$0/observer.jsonl\"", "observer.jsonl is also the input"),
    ("<\"$0/link\"", "observer.jsonl is also the input"),
    ("<>\"$0/observer.jsonl\"", "observer.jsonl is also the input"),
    (">>\"$0/observer.jsonl\"", "observer.jsonl is also standard output"),
    ("1<>\"$0/observer.jsonl\"", "observer.jsonl is also standard output"),
    ("2>>\"$0/observer.jsonl\"", ""),
    ("<\"$0/rejects/jsonl-sink.jsonl\"", "rejects/jsonl-sink.jsonl is also the input"),
    (">>\"$0/rejects/jsonl-sink.jsonl\"", "rejects/jsonl-sink.jsonl is also standard output"),
  ])
  func fileThatTheSinkWritesTo(_ redirections: String, _ reason: String) throws {
    let fixture = try SinkFixture()
    try fixture.put(text)
    try FileManager.default.createDirectory(
      atPath: fixture.path("rejects"), withIntermediateDirectories: false)
    try fixture.put("{\"stage\":\"jsonl-sink\"}\n", "rejects/jsonl-sink.jsonl")
    #expect(link(fixture.path("observer.jsonl"), fixture.path("link")) == 0)
    let run = try sink(fixture, redirections)
    #expect(run.status == 74, "\(run.errText)")
    #expect(run.out.isEmpty && (reason.isEmpty || run.errText.contains(reason)))
    let rest = fixture.content().map { $0.replacingOccurrences(of: text, with: "") } ?? ""
    if reason.isEmpty {
      #expect(
        rest.contains("observer.jsonl is also standard error") && rest.split(separator: "\n").count == 1)
    } else {
      #expect(rest.isEmpty && run.errText.split(separator: "\n").count == 1)
    }
    #expect(fixture.content("rejects/jsonl-sink.jsonl") == "{\"stage\":\"jsonl-sink\"}\n")
  }

  /// The window of a line may lead to the input while the sink runs: what was stored until then stays, and counts.
  @Test func windowThatIsTheInput() throws {
    let fixture = try SinkFixture()
    let day = { (number: Int) in "{\"meta\":{\"timestamp_ms\":\(1_785_371_021_123 + number * 86_400_000)}}\n"
    }
    let input = day(0) + day(1) + day(0)
    try fixture.put(input, "observer_20260731_0000.jsonl")
    let run = try sink(
      fixture, "<\"$0/observer_20260731_0000.jsonl\"", ["--rotate", "1d", "--rotate-by", "event"])
    #expect(run.status == 74)
    #expect(
      run.errText.contains("observer_20260731_0000.jsonl (it is also standard input)"), "\(run.errText)")
    #expect(fixture.content("observer_20260731_0000.jsonl") == input)
    #expect(fixture.content("observer_20260730_0000.jsonl") == day(0))
    #expect(run.receipt?.isLawful == true && run.receipt?.durable == 1 && run.receipt?.unwritten == 2)
  }

  /// A file of the archive that is not written to is an input as any other.
  @Test func anotherFileOfTheArchive() throws {
    let fixture = try SinkFixture()
    try fixture.put(text, "other.jsonl")
    let run = try sink(fixture, "<\"$0/other.jsonl\"", ["--quiet"])
    #expect(run.status == 0 && run.receipt?.durable == 2000, "\(run.errText)")
    #expect(fixture.content() == text && fixture.content("other.jsonl") == text)
  }

  /// The audit's own lines do not take the place of the archive that they tell of.
  @Test func auditLinesInPlaceOfTheArchive() throws {
    let folder = try Tool.temporaryFolder("own")
    try text.write(toFile: folder + "/a.jsonl", atomically: false, encoding: .utf8)
    #expect(symlink("a.jsonl", folder + "/link.jsonl") == 0)
    for name in ["a.jsonl", "link.jsonl", ""] {
      let run = try Tool.run("snap-audit", ["--lines", folder + "/a.jsonl", folder + "/" + name])
      #expect(run.status == 74 && run.errText.contains(".jsonl is also the output"), "\(run.errText)")
      #expect(try String(contentsOfFile: folder + "/a.jsonl", encoding: .utf8) == text)
    }
  }

  /// What reads files refuses the one that its words go to, plain, compressed or as standard input.
  @Test(
    arguments: ["jsonl-verify", "jsonl-verify --dedupe", "snap-audit", "snap-validate"],
    ["\"$0\" >>\"$0\"", "- <\"$0\" >>\"$0\"", "\"$0\" 2>>\"$0\"", "\"$0.gz\" >>\"$0.gz\""])
  func inputThatIsTheOutput(_ program: String, _ redirections: String) throws {
    let file = try Tool.temporaryFolder("own") + "/a.jsonl"
    try text.write(toFile: file, atomically: false, encoding: .utf8)
    #expect(try Tool.run("gzip", ["-k", file]).status == 0)
    let packed = FileManager.default.contents(atPath: file + ".gz")
    let words = program.split(separator: " ").map(String.init)
    let run = try Tool.run(
      "bash",
      ["-c", "ulimit -f 1000; exec \"$@\" \(redirections)", file, Tool.path(words[0])] + words.dropFirst())
    #expect(run.status == 74, "\(run.errText)")
    // Only what the program says of itself may be new.
    let rest = try String(contentsOfFile: file, encoding: .utf8).replacingOccurrences(of: text, with: "")
    #expect((run.errText + rest).contains(" is also the output"), "\(run.errText)")
    #expect(!rest.contains("{\"n\":"))
    if program == "snap-validate", !redirections.contains(".gz") {
      #expect(FileManager.default.contents(atPath: file + ".gz") == packed)
    }
  }
}
