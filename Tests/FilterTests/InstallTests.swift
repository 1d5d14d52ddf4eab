import Foundation
import TestSupport
import Testing

/// `make install` and `make uninstall`, of what is built already.
struct InstallTests {
  private func make(_ words: [String]) throws -> Outcome {
    try Tool.run("make", ["-s"] + words, env: ["PATH": "/usr/bin:/bin"], in: Tool.repository.path)
  }

  private func files(_ folder: String) -> Set<String> {
    Set(
      (FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []).filter {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: "\(folder)/\($0)", isDirectory: &isFolder)
          && !isFolder.boolValue
      })
  }

  @Test func pagesAndCompletionsStandWhereTheyAreLookedFor() throws {
    let stage = try Tool.temporaryFolder("install")
    let place = ["DESTDIR=\(stage)", "PREFIX=/usr"]
    let installed = try make(["-o", "build", "BIN=\(Tool.folder.path)", "install"] + place)
    #expect(installed.status == 0, "\(installed.errText)")
    let found = files(stage + "/usr")
    for tool in [
      "kis-fetch", "snap-validate", "snap-guard", "snap-enrich", "jsonl-sink", "jsonl-verify",
      "snap-audit", "observer-health", "observer",
    ] {
      for name in [
        "bin/\(tool)", "share/man/man1/\(tool).1", "share/bash-completion/completions/\(tool)",
        "share/zsh/site-functions/_\(tool)",
      ] { #expect(found.contains(name), "\(name)") }
    }
    #expect(
      ["seal", "prune", "restore", "export", "report", "symbols"].allSatisfy {
        found.contains("share/man/man1/observer-\($0).1")
      }
        && found.contains("share/observer/schema/duckdb.sql"))
    let taken = try make(["uninstall"] + place)
    #expect(taken.status == 0 && files(stage).isEmpty, "\(taken.errText)")
  }

  /// One line, and nothing is compiled.
  @Test(arguments: ["Darwin-arm64", "Linux-armv7l"])
  func anotherSystemIsNamed(system: String) throws {
    let outcome = try make(["SYSTEM=\(system)", "build"])
    #expect(outcome.status == 2 && outcome.errText.split(separator: "\n").count == 1)
    #expect(
      outcome.errText.contains("Observer runs on Linux (WSL2 too), x86-64 and arm64; this is \(system)."))
  }
}
