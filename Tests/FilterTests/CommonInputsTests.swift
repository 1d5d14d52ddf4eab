import Foundation
import TestSupport
import Testing

/// What the filters read besides standard input: files, folders, compressed files, several of them.
@Suite struct CommonInputs {
  private let folder: String

  init() throws { folder = try Tool.temporaryFolder("inputs") }

  /// `text` in a file, compressed as its name says.
  private func put(_ name: String, _ text: String, cutBy removed: Int = 0) throws -> String {
    let path = folder + "/" + name
    let packer =
      ["zst": ["zstd", "-qc"], "gz": ["gzip", "-c"]][URL(fileURLWithPath: name).pathExtension.lowercased()]
      ?? ["cat"]
    let packed = try Tool.run(packer[0], Array(packer.dropFirst()), text: text)
    try Data(packed.out.dropLast(removed)).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func folder(_ name: String) throws -> String {
    let path = folder + "/" + name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  /// A snapshot that tells which one it is.
  private func line(_ number: Int) -> String { Sample.snapshot(extra: "\"n\":\(number)") }

  private func lines(_ numbers: ClosedRange<Int>) -> String {
    numbers.map { line($0) + "\n" }.joined()
  }

  /// The numbers of the snapshots in `output`, in order.
  private func numbers(_ output: Outcome) -> [Int] {
    output.lines.compactMap { text in
      text.firstMatch(of: #/"n":(\d+)/#).flatMap { Int($0.1) }
    }
  }

  private func summary(_ outcome: Outcome) -> String {
    String(outcome.errText.split(separator: "\n").last { $0.contains("in=") } ?? "")
  }

  /// Each kind alone, and all in one command: the same bytes as through a pipe, in order.
  @Test(arguments: filters) func everyKindOfInput(tool: String) throws {
    let fixed = tool == "snap-enrich" ? ["--clock", "event"] : []
    let window = try folder("window")
    _ = try put("window/o_1000.jsonl.zst", lines(7...8))
    _ = try put("window/o_1000.jsonl", lines(9...10))
    _ = try put("window/o_1100.jsonl.gz", lines(11...12))
    _ = try put("window/notes.txt", "no lines")
    let inputs: [(path: String, numbers: ClosedRange<Int>)] = [
      (try put("plain.jsonl", lines(1...2)), 1...2), (try put("a.zst", lines(3...4)), 3...4),
      (try put("A.JSONL.GZ", lines(5...6)), 5...6),
      (window, 7...12), ("-", 13...14),
    ]
    let whole = try Tool.run(tool, fixed, text: lines(1...14))
    for (path, range) in inputs {
      let run = try Tool.run(tool, fixed + [path], text: path == "-" ? lines(range) : "")
      #expect(run.status == 0 && numbers(run) == Array(range), "\(path): \(run.errText)")
    }
    let all = try Tool.run(tool, fixed + inputs.map(\.path), text: lines(13...14))
    #expect(all.status == 0 && all.out == whole.out, "\(all.errText)")
    #expect(summary(all).split(separator: "| ").last == summary(whole).split(separator: "| ").last)
  }

  /// A file that the shell has opened, and bytes whose name does not tell.
  @Test(arguments: ["zst", "gz"]) func compressedBytesAreKnown(suffix: String) throws {
    let packed = try put("a.\(suffix)", lines(1...3))
    let plain = folder + "/plain.jsonl"
    try FileManager.default.copyItem(atPath: packed, toPath: plain)
    #expect(try numbers(Tool.run("snap-validate", [plain])) == [1, 2, 3])
    let opened = try Tool.run("bash", ["-c", "exec \"$0\" <\"$1\"", Tool.path("snap-validate"), packed])
    #expect(numbers(opened) == [1, 2, 3])
    let good = try put("good.jsonl", lines(4...4))
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: packed)))
    let piped = try Tool.run("snap-validate", ["-", good], input: bytes)
    #expect(piped.status == 65 && numbers(piped) == [4] && piped.errText.contains("from a pipe: put"))
    #expect(summary(piped).contains("in=1 out=1 rejected=0"))
    // Nobody named it: bytes of a pipeline are lines, whatever they are.
    let unnamed = try Tool.run("snap-validate", input: bytes + Array(("\n" + line(5)).utf8))
    #expect(unnamed.status == 0 && numbers(unnamed) == [5])
  }

  /// Neither a line without its end nor half a line runs into the next input's first.
  @Test(arguments: filters) func linesEndWithTheirInput(tool: String) throws {
    let first = try put("a.jsonl", line(1) + "\r\n\n" + line(2))
    let torn = try put("b.jsonl", lines(3...3) + #"{"meta":{"#)
    let last = try put("c.zst", line(4))
    let rejects = folder + "/rejects"
    let run = try Tool.run(tool, ["--rejects", rejects, first, torn, "-", last], text: line(5))
    #expect(run.status == 0 && numbers(run) == [1, 2, 3, 5, 4], "\(run.errText)")
    #expect(summary(run).contains("in=7 out=5 rejected=1 blank=1"))
    #expect(run.errText.contains("| line=\(torn):2\n"))
    let kept = try String(contentsOfFile: rejects, encoding: .utf8)
    #expect(kept.hasPrefix(#"{"stage":"\#(tool)","line":2,"file":"\#(torn)","verdict":{"#), "\(kept)")
    #expect(kept.hasSuffix(#","input_text":"{\"meta\":{"}"# + "\n"))
    let strict = try Tool.run(tool, ["--strict", first, torn, last])
    #expect(strict.status == 65 && numbers(strict) == [1, 2, 3])
    #expect(strict.errText.contains("stopped at \(torn):2: rejected"))
  }

  /// What is wrong with an input is said with its name, and it takes nothing else with it; strictly, it ends the filter.
  @Test(arguments: filters)
  func oneOddInputTakesNoOther(tool: String) throws {
    let cut = try put("cut.jsonl.zst", lines(1...2000), cutBy: 9)
    let none = try put("none.gz.txt", "plain")
    try FileManager.default.moveItem(atPath: none, toPath: folder + "/none.gz")
    let good = try put("good.jsonl", lines(7...8))
    let empty = try folder("empty")
    let pipe = try folder("pipe") + "/x.jsonl"
    #expect(mkfifo(pipe, 0o600) == 0)
    let kinds: [(path: String, status: Int32, message: String)] = [
      (cut, 65, "\(cut) is corrupt"), (folder + "/none.gz", 65, "none.gz is corrupt"),
      (folder + "/missing", 74, "open \(folder)/missing: No such file"),
      (empty, 74, "file in folder \(empty)"),
      (folder + "/pipe", 74, "\(pipe) is not a regular file"),
    ]
    for (path, status, message) in kinds {
      let run = try Tool.run(tool, [path, good])
      #expect(run.status == status && numbers(run).suffix(2) == [7, 8], "\(path): \(run.errText)")
      #expect(run.errText.contains(message) && run.errText.contains("1 of 2 inputs were not read"))
      let alone = try Tool.run(tool, [path])
      #expect(alone.status == status && alone.errText.components(separatedBy: message).count == 2)
      let strict = try Tool.run(tool, ["--strict", path, good])
      #expect(strict.status == status && !numbers(strict).suffix(2).elementsEqual([7, 8]))
    }
    let both = try Tool.run(tool, [kinds[2].path, good, cut, "-"], text: line(9))
    #expect(both.status == 74 && numbers(both).last == 9 && numbers(both).starts(with: [7, 8, 1, 2]))
    #expect(both.errText.contains("2 of 4 inputs were not read to their end"))
    let packed = try put("packed.zst", line(1))
    let bare = try Tool.run(tool, [packed, good], env: ["PATH": empty])
    #expect(bare.status == 74 && numbers(bare) == [7, 8] && bare.errText.contains("zstd is not installed"))
  }

  /// A filter that read what it writes would never end.
  @Test func whatItWritesIsNotRead() throws {
    let source = try folder("source")
    _ = try put("source/a.jsonl", lines(1...2) + "{}\n")
    _ = try put("source/b.jsonl", "")
    let words = ["\"$0\" --emit all --rejects \"$1/b.jsonl\" \"$1\" >\"$1/c.jsonl\""]
    let run = try Tool.run("bash", ["-c"] + words + [Tool.path("snap-validate"), source])
    #expect(run.status == 74)
    for name in ["b", "c"] { #expect(run.errText.contains("\(source)/\(name).jsonl is also the output")) }
    #expect(summary(run).contains("in=3 out=2 rejected=1"))
    let grown = try Tool.run(
      "bash", ["-c", "exec \"$0\" <\"$1\" >>\"$1\"", Tool.path("snap-validate"), source + "/a.jsonl"])
    #expect(grown.status != 0)
  }

  /// A signal ends a filter that reads a compressed file at once, though that comes through a pipe; a FIFO that nobody
  /// writes to holds no one; standard input among the inputs is drained, and nothing after it is opened.
  @Test func signals() throws {
    let unpacker = try folder("bin")
    let slow = "#!/bin/sh\necho '\(line(1))'\nexec sleep 60\n"
    try slow.write(toFile: unpacker + "/zstd", atomically: false, encoding: .utf8)
    #expect(chmod(unpacker + "/zstd", 0o755) == 0)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let packed = try put("a.zst", "")
    let file = try Tool.start("snap-validate", [packed], env: ["PATH": "\(unpacker):\(path)"])
    #expect(Tool.waitUntil { !file.out.isEmpty })
    file.signal(SIGTERM)
    let ended = file.wait(timeout: 30)
    #expect(ended.status == 128 + SIGTERM && numbers(ended) == [1] && summary(ended).contains("in=1 out=1"))

    let fifo = folder + "/fifo"
    #expect(mkfifo(fifo, 0o600) == 0)
    let good = try put("good.jsonl", lines(2...2))
    let waiting = try Tool.start("snap-validate", [good, fifo])
    #expect(Tool.waitUntil { !waiting.out.isEmpty })
    waiting.signal(SIGINT)
    let interrupted = waiting.wait(timeout: 30)
    #expect(interrupted.status == 128 + SIGINT && numbers(interrupted) == [2], "\(interrupted.errText)")

    let piped = try Tool.start("snap-validate", ["-", good])
    piped.write(line(3) + "\n")
    #expect(Tool.waitUntil { !piped.out.isEmpty })
    piped.signal(SIGTERM)
    piped.write(line(4) + "\n")
    piped.closeInput()
    let drained = piped.wait(timeout: 30)
    #expect(drained.status == 128 + SIGTERM && numbers(drained) == [3, 4])
  }
}
