import Foundation
import TestSupport
import Testing

/// What jsonl-verify reads: compressed files, folders, standard input; and what it says of what it cannot read.
@Suite struct VerifyInputs {
  private let folder: String

  init() throws { folder = try Tool.temporaryFolder("inputs") }

  private func put(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = folder + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// `text` in a file, compressed as its name says.
  private func put(_ name: String, _ text: String) throws -> String {
    let packer = ["zst": ["zstd", "-qc"], "gz": ["gzip", "-c"]][URL(fileURLWithPath: name).pathExtension]
    guard let packer else { return try put(name, Array(text.utf8)) }
    return try put(name, Tool.run(packer[0], [packer[1]], text: text).out)
  }

  private func verify(_ words: String..., input: String = "", env: [String: String] = [:]) throws -> (
    status: Int32, rows: [[String: Any]], err: String
  ) {
    let run = try Tool.run("jsonl-verify", words, text: input, env: env)
    let rows = try run.lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    return (run.status, rows, run.errText)
  }

  /// Lines until the pipe of a program has been full, the second one bad.
  private func lines(_ count: Int) -> String {
    (0..<count).map { $0 == 1 ? "bad\n" : "{\"meta\":{\"timestamp_ms\":\($0)},\"n\":\($0)}\n" }.joined()
  }

  @Test(arguments: ["zst", "gz"]) func aCompressedFileIsReadByName(suffix: String) throws {
    let text = lines(300_000)
    let run = try verify(try put("a.jsonl.\(suffix)", text))
    #expect(run.status == 65 && run.err.isEmpty)
    #expect(run.rows[0]["line"] as? Int == 2 && run.rows[0]["reason"] as? String != nil)
    #expect(run.rows[0]["offset"] as? Int == text.prefix { $0 != "\n" }.utf8.count + 1)
    #expect(run.rows.last?["lines"] as? Int == 300_000 && run.rows.last?["bytes"] as? Int == text.utf8.count)
    #expect(run.rows.last?["malformed"] as? Int == 1 && run.rows.last?["unreadable"] as? Int == 0)
  }

  /// A name in capitals, one that says nothing, and a file that the shell has opened.
  @Test(arguments: ["zst", "gz"]) func compressedBytesAreKnownWhereTheNameDoesNotTell(suffix: String) throws {
    let packed = [UInt8](
      try Data(contentsOf: URL(fileURLWithPath: put("a.\(suffix)", "{\"a\":1}\n{\"a\":2}\n"))))
    let plain = try put("plain.jsonl", packed)
    for path in [try put("A.JSONL.\(suffix.uppercased())", packed), plain] {
      let run = try verify(path)
      #expect(run.status == 0 && run.rows.last?["lines"] as? Int == 2, "\(run)")
    }
    let opened = try Tool.run("bash", ["-c", "exec \"$0\" - <\"$1\"", Tool.path("jsonl-verify"), plain])
    #expect(opened.status == 0 && opened.outText.contains("\"lines\":2"))
    let piped = try Tool.run("bash", ["-c", "cat \"$1\" | \"$0\" -", Tool.path("jsonl-verify"), plain])
    let program = ["zst": "zstd", "gz": "gzip"][suffix] ?? ""
    #expect(piped.status == 65 && piped.errText.contains("put '\(program) -dc |' before"), "\(piped.errText)")
    #expect(piped.errText.split(separator: "\n").count == 1 && !piped.outText.contains("malformed\":1"))
  }

  @Test func dedupeReadsCompressedFiles() throws {
    let path = try put("a.jsonl.zst", "{\"meta\":{\"run_id\":\"1\"}}\n{\"meta\":{\"run_id\":\"1\"}}\n")
    let run = try Tool.run("jsonl-verify", ["--dedupe", path])
    #expect(run.lines == ["{\"meta\":{\"run_id\":\"1\"}}"] && run.status == 65)
  }

  /// Whatever is wrong with it, a compressed file that does not decompress is 65 with its name, and what could be read
  /// of it was checked; a line that was cut is not taken for one.
  @Test(arguments: ["zst", "gz"], ["cut", "changed", "empty", "plain"])
  func aCorruptFileIsNamed(suffix: String, damage: String) throws {
    let noise = (0..<50_000).map { "{\"n\":\"\($0 &* 2_654_435_761 % 4_294_967_296)\"}\n" }.joined()
    let whole = try Data(contentsOf: URL(fileURLWithPath: put("whole.\(suffix)", noise)))
    var bytes = [UInt8](whole)
    switch damage {
    case "cut": bytes.removeLast(bytes.count / 3)
    case "changed": bytes[bytes.count / 2] ^= 0x55
    case "empty": bytes = []
    default: bytes = Array("{}\n".utf8)
    }
    let path = try put("bad.jsonl.\(suffix)", bytes)
    let good = try put("good.jsonl", "{\"a\":1}\n")
    let run = try verify(path, good)
    #expect(run.status == 65 && run.err.contains("\(path) is corrupt"))
    let finding = try #require(run.rows.first { $0["kind"] as? String == "corrupt" })
    #expect(finding["file"] as? String == path && (finding["reason"] as? String)?.contains(path) == true)
    #expect(run.rows.last?["corrupt"] as? Int == 1 && run.rows.last?["ok"] as? Bool == false)
    #expect(run.rows.last?["unterminated"] as? Int == 0)
    if damage == "cut" {
      let read = try #require(finding["line"] as? Int) - 1
      let start = noise.split(separator: "\n").prefix(read).reduce(0) { $0 + $1.utf8.count + 1 }
      #expect(finding["offset"] as? Int == start && run.rows.last?["malformed"] as? Int == 0)
    }
    #expect(run.rows.contains { $0["file"] as? String == good && $0["ok"] as? Bool == true })
  }

  /// The compressed part of a window comes before the lines that came late; everything in a folder is looked at.
  @Test func aFolderStandsForAllItsDataFiles() throws {
    let time = { (time: Int) in "{\"meta\":{\"timestamp_ms\":\(time)}}\n" }
    for (name, text) in [
      ("o_0900.jsonl.zst", time(1)), ("o_0900.jsonl", time(2)), ("o_1000.jsonl.gz", time(3)),
      ("o_1100.jsonl", time(4)),
      ("o_1200.jsonl.zst.tmp", "half"), (".hidden.jsonl", "bad"), ("notes.txt", "bad"),
    ] { _ = try put(name, text) }
    let run = try verify(folder)
    let files = run.rows.compactMap { ($0["file"] as? String)?.dropFirst(folder.count + 1) }
    #expect(files == ["o_0900.jsonl.zst", "o_0900.jsonl", "o_1000.jsonl.gz", "o_1100.jsonl"])
    #expect(run.status == 0 && run.rows.last?["ok"] as? Bool == true)
    _ = try put("o_1000.jsonl.gz", Array("garbage".utf8))
    #expect(try verify(folder).status == 65)
  }

  /// No verdict is "ok" when something could not be read, and one odd operand takes no other with it.
  @Test(arguments: ["missing", "empty folder", "folder.jsonl", "pipe", "dangling", "no program"])
  func whatCannotBeReadIsNeverOk(_ kind: String) throws {
    var path = folder + "/odd"
    var env: [String: String] = [:]
    switch kind {
    case "empty folder":
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    case "folder.jsonl":
      try FileManager.default.createDirectory(atPath: path + "/x.jsonl", withIntermediateDirectories: true)
    case "pipe":
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      #expect(mkfifo(path + "/x.jsonl", 0o600) == 0)
    case "dangling":
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: path + "/x.jsonl", withDestinationPath: "nothing")
    case "no program":
      path = try put("odd.zst", "{}\n")
      env = ["PATH": folder]
    default: break
    }
    let good = try put("good.jsonl", "{\"a\":1}\n")
    let run = try verify(path, good, env: env)
    #expect(run.status == 74 && run.err.contains(path))
    #expect(run.rows.last?["ok"] as? Bool == false && run.rows.last?["unreadable"] as? Int == 1)
    #expect(run.rows.last?["lines"] as? Int == 1)
    #expect(run.rows.first?["kind"] as? String == "unreadable")
    if kind == "no program" { #expect(run.err.contains("zstd is not installed")) }
    let alone = try Tool.run("jsonl-verify", [path], env: env)
    #expect(alone.status == 74 && !alone.outText.contains("\"ok\":true"))
  }

  /// A program that is killed has said nothing about the data: 74, not 65.
  @Test func aKilledProgramIsNoVerdict() throws {
    let program = try put("zstd", "#!/bin/sh\necho '{\"a\":1}'\nkill -9 $$\n")
    #expect(chmod(program, 0o755) == 0)
    let path = try put("a.jsonl.zst", [1])
    let run = try verify(path, env: ["PATH": folder])
    #expect(run.status == 74 && run.err.contains("ended by signal 9"))
    #expect(run.rows.last?["lines"] as? Int == 1 && run.rows.last?["ok"] as? Bool == false)
  }

  @Test func aDashIsStandardInput() throws {
    let run = try verify(try put("a.jsonl", "{\"a\":1}\n"), "-", input: "{\"b\":1}\nbad\n")
    #expect(run.status == 65 && run.rows.last?["lines"] as? Int == 3 && run.rows.last?["files"] as? Int == 2)
    #expect(run.rows[1]["file"] as? String == "standard input" && run.rows[1]["line"] as? Int == 2)
  }

  @Test func helpAndVersionAndUsage() throws {
    #expect(try Tool.run("jsonl-verify", ["--help=man"]).outText.contains("zstd(1)"))
    #expect(try Tool.run("jsonl-verify", ["--version"]).status == 0)
    #expect(try Tool.run("jsonl-verify", ["--detail", "3"]).status == 64)
    #expect(try Tool.run("jsonl-verify", ["-x"]).status == 64)
  }
}
