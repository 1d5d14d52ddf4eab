import Foundation
import TestSupport
import Testing

/// The completions in a real shell.
struct CompletionTests {
  /// What bash offers for the last of the words.
  private func bash(_ tool: String, _ words: [String], in folder: String? = nil) throws -> [String] {
    let script = """
      eval "$("$0" --help=bash)"
      [[ $(complete -p \(tool)) == "complete -F _"*" \(tool)" ]] || exit 1
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      function=$(complete -p \(tool)); function=${function#complete -F }; ${function% *}
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let outcome = try Tool.run("/bin/bash", ["-uec", script, Tool.path(tool), tool] + words, in: folder)
    #expect(outcome.status == 0 && outcome.err.isEmpty, "\(outcome.errText)")
    return outcome.lines
  }

  @Test func optionsAndTheirValues() throws {
    #expect(try bash("snap-guard", ["--re"]) == ["--require-validation", "--rejects"])
    #expect(try bash("snap-guard", ["--emit", ""]) == ["pass", "blocked", "all"])
    #expect(try bash("snap-guard", ["--emit", "=", "b"]) == ["blocked"])
    #expect(try bash("snap-guard", ["--emit", "="]) == ["pass", "blocked", "all"])
    #expect(try bash("snap-guard", ["--max-line", ""]).isEmpty)
    #expect(try bash("snap-guard", ["--help", "=", "m"]) == ["man"])
    #expect(try bash("snap-guard", ["--plain", "--st"]) == ["--state", "--strict"])
    #expect(try bash("kis-fetch", ["--feed", "tr"]).contains("trades"))
    #expect(try bash("jsonl-sink", ["--sync", ""]) == ["interval", "each", "none"])
  }

  @Test func filesAndFolders() throws {
    let folder = try Tool.temporaryFolder("completion")
    try FileManager.default.createDirectory(atPath: folder + "/sub", withIntermediateDirectories: false)
    try "".write(toFile: folder + "/sum.jsonl", atomically: true, encoding: .utf8)
    #expect(try bash("snap-guard", ["--rejects", "su"], in: folder).sorted() == ["sub", "sum.jsonl"])
    #expect(try bash("jsonl-sink", ["--dir", "su"], in: folder) == ["sub"])
    #expect(try bash("jsonl-verify", ["sum"], in: folder) == ["sum.jsonl"])
    #expect(try bash("snap-guard", ["sum"], in: folder) == ["sum.jsonl"])
    #expect(try bash("jsonl-sink", ["su"], in: folder).isEmpty)
  }

  @Test func commandsHaveOptionsOfTheirOwn() throws {
    #expect(try bash("observer-health", [""]).prefix(3) == ["check", "serve", "config"])
    #expect(try bash("observer-health", ["config", "--ge"]) == ["--get"])
    #expect(try bash("observer-health", ["check", "--ge"]).isEmpty)
    #expect(try bash("observer-health", ["check", "--market", "c"]) == ["calendar", "closed"])
  }

  /// The assembled pipeline's completion offers what kis-fetch takes, too.
  @Test func scriptHasOne() throws {
    let script = """
      eval "$("$0" --help=bash)"
      PATH=$OBSERVER_BIN_DIR:$PATH
      for words in 'observer pru' 'observer prune --k' 'observer run --max-w' 'observer logs --f'; do
        COMP_WORDS=($words) COMP_CWORD=$(wc -w <<<"$words")
        COMP_CWORD=$((COMP_CWORD - 1))
        _observer
        echo "${COMPREPLY[*]}"
      done
      """
    let outcome = try Tool.run(
      "/bin/bash", ["-uec", script, Tool.path("observer")],
      env: ["OBSERVER_BIN_DIR": Tool.folder.path, "PATH": "/usr/bin:/bin"])
    #expect(outcome.lines == ["prune", "--keep", "--max-wait", "--follow"], "\(outcome.errText)")
  }

  /// zsh reads its files, where it is installed.
  @Test(arguments: ["kis-fetch", "snap-guard", "jsonl-verify", "snap-audit", "observer-health"])
  func zshTakesTheFile(tool: String) throws {
    guard let zsh = ["/bin/zsh", "/usr/bin/zsh"].first(where: FileManager.default.isExecutableFile) else {
      return
    }
    let text = try Tool.run(tool, ["--help=zsh"]).outText
    #expect(text.hasPrefix("#compdef \(tool)\n"))
    let path = try Tool.temporaryFolder("zsh") + "/_\(tool)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let outcome = try Tool.run(zsh, ["-n", path])
    #expect(outcome.status == 0 && outcome.err.isEmpty, "\(outcome.errText)")
  }
}
