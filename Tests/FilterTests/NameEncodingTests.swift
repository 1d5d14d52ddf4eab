import Foundation
import TestSupport
import Testing

/// Names in another encoding than UTF-8 are refused. Repaired, they would name another file or folder.
@Suite struct NameEncoding {
  /// Two letters in EUC-KR, as bash writes them.
  private static let name = #"$'\xb0\xa1'"#

  /// Runs a line of bash in `folder`.
  private func run(_ line: String, in folder: String) throws -> Outcome {
    try Tool.run(
      "bash", ["-c", "PATH=\(Tool.folder.path):$PATH; N=\(Self.name); \(line)"],
      input: Array("{\"n\":1}\n".utf8), in: folder)
  }

  private func entries(_ folder: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: folder).count
  }

  @Test(arguments: [
    "jsonl-sink --dir arch_$N", "jsonl-sink --dir=arch_$N", "jsonl-sink --dir a --rejects $N",
    "snap-validate --plain --rejects $N", "snap-guard --state $N", "jsonl-verify $N.jsonl",
    "jsonl-verify -- $N",
    "snap-audit $N", "observer-health check --dir $N",
  ])
  func argument(_ command: String) throws {
    let folder = try Tool.temporaryFolder()
    let run = try run(command, in: folder)
    #expect(run.status == 64 && run.out.isEmpty, "\(run.errText)")
    #expect(
      run.errText.contains("argument ") && run.errText.contains("is not UTF-8: rename it"), "\(run.errText)")
    #expect(run.errText.utf8.count { $0 == 0x0A } == 1)
    #expect(try entries(folder) == 0)
  }

  @Test(arguments: [
    "OBSERVER_CONFIG_DIR", "OBSERVER_CONFIG_FILE", "OBSERVER_METRICS_DIR", "OBSERVER_LAST_WORDS",
  ])
  func variable(_ name: String) throws {
    let folder = try Tool.temporaryFolder()
    let run = try run("\(name)=$PWD/$N jsonl-sink", in: folder)
    #expect(run.status == 78 && run.errText.contains("\(name) is not UTF-8: rename it"), "\(run.errText)")
    #expect(try entries(folder) == 0)
  }

  /// A secret that is not UTF-8 is not shown.
  @Test func secret() throws {
    let run = try run("KIS_APP_SECRET=abcdefghijkl$N snap-validate --plain", in: Tool.temporaryFolder())
    #expect(run.status == 78 && run.errText.contains("KIS_APP_SECRET is not UTF-8"), "\(run.errText)")
    #expect(!run.errText.contains("abcdefgh"))
  }

  /// What is not ours, and is not needed, stops nothing; nor does help stop for what is ours.
  @Test func variablesThatDoNotMatter() throws {
    let folder = try Tool.temporaryFolder()
    let run = try run("HOME=/$N OTHER=$N jsonl-sink --dir a", in: folder)
    #expect(run.status == 0, "\(run.errText)")
    #expect(try self.run("OBSERVER_CONFIG_DIR=$N jsonl-sink --help", in: folder).status == 0)
  }

  @Test func workingFolder() throws {
    let folder = try Tool.temporaryFolder()
    let run = try run("mkdir -p $N/.git && cd $N && jsonl-sink; echo $?; ls -A . .git ..", in: folder)
    #expect(run.errText.contains("the working directory's path, ") && run.errText.contains("is not UTF-8"))
    #expect(run.out.starts(with: Array("78\n.:\n.git\n\n..:\n".utf8)), "\(run.outText)")
    #expect(try entries(folder) == 1)
    // Where another place decides, it works.
    let standalone = try self.run(
      "mkdir $N; cd $N && QTS_OBSERVER_STANDALONE=1 jsonl-sink --dir ../b", in: Tool.temporaryFolder())
    #expect(standalone.status == 0, "\(standalone.errText)")
  }

  /// A file in a folder cannot be renamed by a word of the caller; the others are read.
  @Test func fileInFolder() throws {
    let folder = try Tool.temporaryFolder()
    let run = try run(
      "mkdir f; echo '{\"n\":1}' | tee f/$N.jsonl >f/b.jsonl; jsonl-verify --dedupe f", in: folder)
    #expect(
      run.status == 74 && run.errText.contains(".jsonl: its name is not UTF-8: rename it"), "\(run.errText)")
    #expect(run.lines == ["{\"n\":1}"])
  }

  /// KIS's tokens are kept in the user's home, whose name is not this project's.
  @Test func home() throws {
    let folder = try Tool.temporaryFolder()
    let run = try run(
      "echo 005930 | HOME=$PWD/$N KIS_APP_KEY=k KIS_APP_SECRET=s kis-fetch --once --rest-url http://127.0.0.1:9",
      in: folder)
    #expect(
      run.status == 73 && run.errText.contains("is not UTF-8: set KIS_TOKEN_CACHE_DIR"), "\(run.errText)")
    #expect(try entries(folder) == 0)
  }
}
