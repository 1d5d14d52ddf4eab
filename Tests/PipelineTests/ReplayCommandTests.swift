import Foundation
import TestSupport
import Testing

/// `observer replay`: what it takes, and that nothing of what it cannot read is passed over in silence.
@Suite struct ReplayCommand {
  private let folder: String
  private let corpus: [String]

  init() throws {
    folder = try Tool.temporaryFolder("replay")
    corpus = try Tool.run("make-corpus", ["small", "0.05"]).lines
  }

  private func put(_ name: String, _ lines: [String], cutBy removed: Int = 0) throws -> String {
    let path = folder + "/" + name
    let packer =
      ["zst": ["zstd", "-qc"], "gz": ["gzip", "-c"]][URL(fileURLWithPath: name).pathExtension] ?? ["cat"]
    let packed = try Tool.run(packer[0], Array(packer.dropFirst()), text: lines.map { $0 + "\n" }.joined())
    try Data(packed.out.dropLast(removed)).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func replay(
    _ words: String..., input: String = "", env: [String: String] = [:]
  ) throws -> (status: Int32, archive: [String], err: String) {
    let archive = folder + "/archive"
    let run = try Tool.run(
      "observer", ["replay", "--dir", archive] + words, text: input,
      env: env.merging(["OBSERVER_BIN_DIR": Tool.folder.path]) { $1 })
    let text = (try? String(contentsOfFile: archive + "/observer.jsonl", encoding: .utf8)) ?? ""
    return (run.status, text.split(separator: "\n").map(String.init), run.errText)
  }

  /// The snapshots that stand in records, in order.
  private func snapshots(_ records: [String]) -> [String] {
    records.map { record in
      let start = record.index(record.startIndex, offsetBy: "{\"snapshot\":".count)
      return String(record[start..<(record.range(of: ",\"regime_tags\"")?.lowerBound ?? record.endIndex)])
    }
  }

  @Test func compressedFilesAndStandardInput() throws {
    let third = corpus.count / 3
    let run = try replay(
      try put("a.jsonl.gz", Array(corpus[..<third])), "-", try put("b.zst", Array(corpus[(2 * third)...])),
      input: corpus[third..<(2 * third)].joined(separator: "\n"))
    #expect(run.status == 0, "\(run.err)")
    #expect(snapshots(run.archive) == corpus)
  }

  /// A name in capitals, one that says nothing, and standard input.
  @Test(arguments: ["zst", "gz"]) func compressedBytesAreKnownWhereTheNameDoesNotTell(suffix: String) throws {
    let third = corpus.count / 3
    let first = try put("a.\(suffix)", Array(corpus[..<third]))
    let last = try put("b.\(suffix)", Array(corpus[(2 * third)...]))
    let middle = try put("c.\(suffix)", Array(corpus[third..<(2 * third)]))
    let capitals = folder + "/A.JSONL.\(suffix.uppercased())"
    try FileManager.default.moveItem(atPath: first, toPath: capitals)
    try FileManager.default.moveItem(atPath: last, toPath: folder + "/b.jsonl")
    let archive = folder + "/archive"
    let run = try Tool.run(
      "bash",
      [
        "-c", "cat \"$1\" | \"$0\" replay --dir \"$2\" \"$3\" - \"$4\"", Tool.path("observer"), middle,
        archive, capitals, folder + "/b.jsonl",
      ],
      env: ["OBSERVER_BIN_DIR": Tool.folder.path])
    #expect(run.status == 0, "\(run.errText)")
    let records = try String(contentsOfFile: archive + "/observer.jsonl", encoding: .utf8)
    #expect(snapshots(records.split(separator: "\n").map(String.init)) == corpus)
  }

  @Test func aFolderIsReadInTheOrderOfItsWindows() throws {
    let part = corpus.count / 4
    let source = folder + "/source dir"
    try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
    for (index, name) in ["o_0900.jsonl.zst", "o_0900.jsonl", "o_1000.jsonl.gz", "o_1100.jsonl"].enumerated()
    {
      let end = index == 3 ? corpus.count : (index + 1) * part
      _ = try put("source dir/" + name, Array(corpus[(index * part)..<end]))
    }
    _ = try put("source dir/o_1000.jsonl.zst.tmp", ["half"])
    let run = try replay(source)
    #expect(run.status == 0, "\(run.err)")
    #expect(snapshots(run.archive) == corpus)
  }

  /// 65 with its name; what could be read of it and every other file is in the archive.
  @Test(arguments: ["zst", "gz"]) func aCorruptFileTakesNoOtherWithIt(suffix: String) throws {
    let bad = try put("bad.jsonl.\(suffix)", corpus, cutBy: 40)
    let good = try put("good.jsonl", Array(corpus.prefix(7)))
    let run = try replay(bad, good)
    #expect(run.status == 65 && run.err.contains("\(bad) is corrupt"))
    #expect(snapshots(Array(run.archive.suffix(7))) == Array(corpus.prefix(7)))
    let garbage = try put("plain.jsonl.\(suffix).jsonl", ["{}"])
    try FileManager.default.moveItem(atPath: garbage, toPath: folder + "/none.\(suffix)")
    #expect(try replay(folder + "/none.\(suffix)").status == 65)
  }

  @Test func whatCannotBeReadIsSaidBeforeAnythingIsRead() throws {
    let packed = try put("a.zst", ["{}"])
    let shell = try #require(try Tool.run("bash", ["-c", "command -v bash"]).lines.first)
    let bare = folder + "/bin"
    try FileManager.default.createDirectory(atPath: bare, withIntermediateDirectories: true)
    for name in ["env", "bash", "readlink", "dirname", "date", "setpriv"] {
      let place = Tool.path(name == "bash" ? shell : name)
      try FileManager.default.createSymbolicLink(atPath: bare + "/" + name, withDestinationPath: place)
    }
    let missing = try replay(packed, env: ["PATH": bare])
    #expect(missing.status == 78 && missing.err.contains("zstd is not installed"), "\(missing.err)")
    let empty = folder + "/empty"
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    #expect(try replay(empty).status == 64)
    #expect(mkfifo(empty + "/x.jsonl", 0o600) == 0)
    let pipe = try replay(empty)
    #expect(pipe.status == 64 && pipe.err.contains("x.jsonl is not a regular file"))
    #expect(try replay("--bogus", packed).status == 64)
    let closed = try Tool.run(
      "bash", ["-c", "exec \"$0\" replay --dir \"$1\" - <&-", Tool.path("observer"), folder + "/archive"],
      env: ["OBSERVER_BIN_DIR": Tool.folder.path])
    #expect(closed.status == 74 && closed.errText.contains("cannot read -: standard input is closed"))
  }
}
