import Foundation
import TestSupport
import Testing

/// Every program of the package.
private let tools = [
  "kis-fetch", "snap-validate", "snap-guard", "snap-enrich", "jsonl-sink", "jsonl-verify", "snap-audit",
  "observer-health",
]

/// `--help` and `--version`, word for word. `RECORD_GOLDEN=1` rewrites the files, and fails.
struct GoldenHelpTests {
  @Test(arguments: tools)
  func help(tool: String) throws {
    let outcome = try Tool.run(tool, ["--help"])
    #expect(outcome.status == 0 && outcome.err.isEmpty)
    let path = Tool.repository.appendingPathComponent("Tests/Golden/\(tool).help").path
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try outcome.outText.write(toFile: path, atomically: true, encoding: .utf8)
      Issue.record("recorded \(path)")
    }
    #expect(outcome.outText == (try String(contentsOfFile: path, encoding: .utf8)))
    #expect(try Tool.run(tool, ["-h"]).out == outcome.out)
    #expect(try Tool.run(tool, ["--log-level", "info", "--help"]).out == outcome.out)
  }

  /// A terminal of 80 columns and 50 lines shows all of it.
  @Test(arguments: tools)
  func helpFitsAScreen(tool: String) throws {
    let lines = try Tool.run(tool, ["--help"]).outText.split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count - 1 <= 50)
    for line in lines { #expect(line.count <= 80, "\(line)") }
  }

  @Test(arguments: tools)
  func version(tool: String) throws {
    let outcome = try Tool.run(tool, ["--version"])
    #expect(outcome.outText == "\(tool) 1.0.0\n")
    #expect(outcome.status == 0 && outcome.err.isEmpty)
  }

  /// The example under `--help` of snap-validate, run as it stands where jq is at hand.
  @Test func exampleRuns() throws {
    guard FileManager.default.isExecutableFile(atPath: Tool.path("jq")) else { return }
    let folder = try Tool.temporaryFolder()
    try [Sample.good, Sample.snapshot(meta: nil), Sample.snapshot(meta: nil, context: nil)].joined(
      separator: "\n"
    )
    .write(toFile: folder + "/snapshots.jsonl", atomically: true, encoding: .utf8)
    let help = try Tool.run("snap-validate", ["--help"]).outText
    let command = help.split(separator: "\n").suffix(2).joined(separator: "\n")
    let outcome = try Tool.run(
      "bash", ["-c", command], env: ["PATH": "\(Tool.folder.path):/usr/bin:/bin"], in: folder)
    #expect(outcome.outText == "      1 snapshot.context missing\n      2 snapshot.meta missing\n")
  }
}

/// The scripts' help and options are those of `ScriptManual`.
struct ScriptHelpTests {
  @Test func fileIsWhatTheProgramPrints() throws {
    let path = Tool.repository.appendingPathComponent("scripts/observer-help").path
    let made = try Tool.run("observer-health", ["manual", "scripts"]).outText
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try made.write(toFile: path, atomically: true, encoding: .utf8)
      Issue.record("recorded \(path)")
    }
    #expect(made == (try String(contentsOfFile: path, encoding: .utf8)))
  }

  @Test(arguments: [
    ["--help"], ["seal", "--help"], ["prune", "--help"], ["restore", "--help"], ["export", "--help"],
    ["report", "--help"], ["symbols", "--help"],
  ])
  func helpFitsAScreen(words: [String]) throws {
    let outcome = try Tool.run("observer", words, env: ["OBSERVER_BIN_DIR": Tool.folder.path])
    #expect(outcome.status == 0 && outcome.outText.hasPrefix("usage: observer"))
    #expect(outcome.lines.count <= 50 && outcome.lines.allSatisfy { $0.count <= 80 })
  }

  /// The manual page is one, and the command has its own.
  @Test(arguments: [[], ["seal"], ["prune"], ["restore"], ["export"], ["report"], ["symbols"]])
  func pages(command: [String]) throws {
    let env = ["OBSERVER_BIN_DIR": Tool.folder.path]
    let man = try Tool.run("observer", command + ["--help=man"], env: env)
    let name = (["OBSERVER"] + command.map { $0.uppercased() }).joined(separator: "\\-")
    #expect(man.status == 0 && man.outText.hasPrefix(".TH \"\(name)\" 1 "), "\(man.errText)")
    #expect(try Tool.run("observer", command + ["--help=bash"], env: env).outText.contains("complete -F "))
    #expect(try Tool.run("observer", command + ["--help=pdf"], env: env).status == 64)
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/groff") else { return }
    let path = try Tool.temporaryFolder("man") + "/page.1"
    try man.outText.write(toFile: path, atomically: true, encoding: .utf8)
    let page = try Tool.run("/usr/bin/groff", ["-man", "-ww", "-Tascii", path])
    #expect(page.status == 0 && page.errText == "", "\(page.errText)")
  }

  /// Each option of the table is taken by the script, and named in config/README.md.
  @Test(arguments: ["seal", "prune", "restore", "export", "report", "symbols"])
  func optionsAreTaken(command: String) throws {
    let env = ["OBSERVER_BIN_DIR": Tool.folder.path]
    let help = try Tool.run("observer", [command, "--help"], env: env).outText
    let names = help.matches(of: #/\n  --([a-z-]+)( [A-Z]+)?/#).map { (String($0.1), $0.2 != nil) }
    #expect(names.count > 4)
    for (name, takesValue) in names where name != "help" && name != "version" {
      let empty = try Tool.run("observer", [command, "--\(name)" + (takesValue ? "=" : "=x")], env: env)
      #expect(empty.status == 64)
      let message = takesValue ? "--\(name) needs a value" : "--\(name) takes no value"
      #expect(empty.errText == "observer \(command): \(message)\n")
    }
    let nonsense = try Tool.run("observer", [command, "--nonsense"], env: env)
    #expect(nonsense.errText.contains("unknown option '--nonsense'"))
    let readme = try String(
      contentsOf: Tool.repository.appendingPathComponent("config/README.md"), encoding: .utf8)
    let row = try #require(
      readme.split(separator: "\n").first { $0.hasPrefix("| `scripts/observer \(command)` | ") })
    let shown = Set(row.matches(of: #/`--([a-z-]+)/#).map { String($0.1) })
    #expect(shown == Set(names.map(\.0)).subtracting(["help", "version"]))
  }
}

/// Help, manual page, completions and the table in config/README.md are the options that are parsed.
struct OptionPagesTests {
  /// `--name` with the word for its value, as help shows it.
  private static func options(_ tool: String) throws -> [String: String] {
    var found: [String: String] = [:]
    for line in try Tool.run(tool, ["--help"]).lines {
      guard let match = line.firstMatch(of: #/^  --([a-z-]+)(\[=| ?)([^ ]*)/#) else { continue }
      found[String(match.1)] = match.2.isEmpty ? "" : String(match.3)
    }
    return found
  }

  private static func names(_ text: some StringProtocol, _ pattern: Regex<(Substring, Substring)>) -> Set<
    String
  > {
    Set(String(text).matches(of: pattern).map { String($0.1) })
  }

  /// A value that the word stands for.
  private static func value(_ word: String, option: String) -> String {
    switch word {
    case "HH:MM": "15:30"
    case "YYYY-MM-DD": "2026-11-25"
    case "ADDRESS:PORT": "127.0.0.1:0"
    case "LENGTH": "1h"
    case "BYTES": "100"
    case "LEVEL": "info"
    case "FORM": option == "format" ? "table" : "text"
    case "WHICH", "RULE": "all"
    case "TIME": option == "clock" ? "now" : "event"
    case "WHEN": "each"
    case "OPEN": "closed"
    case "FEED": "trades"
    default: word.contains("|") ? word.hasPrefix("X|") ? "1" : String(word.prefix { $0 != "|" }) : "1"
    }
  }

  @Test(arguments: tools)
  func helpNamesWhatIsParsed(tool: String) throws {
    let shown = try Self.options(tool)
    #expect(shown.count > 5)
    for name in try Set(tools.flatMap { try Self.options($0).keys }) where name != "help" {
      let word = shown[name] ?? ""
      let words = word.isEmpty ? ["--\(name)"] : ["--\(name)", Self.value(word, option: name)]
      let outcome = try Tool.run(tool, words + ["--help"])
      #expect((outcome.status == 0) == (shown[name] != nil), "\(words) \(outcome.errText)")
      if shown[name] == nil { #expect(outcome.errText.contains("unknown option --\(name)")) }
    }
  }

  @Test(arguments: tools)
  func pagesNameTheSame(tool: String) throws {
    let shown = Set(try Self.options(tool).keys)
    let man = try Tool.run(tool, ["--help=man"]).outText
    #expect(Self.names(man.replacing("\\-", with: "-"), #/\n\.TP\n\\fB--([a-z-]+)/#) == shown)
    let bash = try Tool.run(tool, ["--help=bash"]).outText
    let offered = bash.split(separator: "\n").filter { $0.contains("words='") }.joined(separator: " ")
    #expect(Self.names(offered, #/--([a-z-]+)/#) == shown)
    let zsh = try Tool.run(tool, ["--help=zsh"]).outText
    #expect(Self.names(zsh, #/'\*?--([a-z-]+)[=\[]/#) == shown)
  }

  @Test(arguments: tools)
  func readmeNamesTheSame(tool: String) throws {
    let readme = try String(
      contentsOf: Tool.repository.appendingPathComponent("config/README.md"), encoding: .utf8)
    let row = try #require(readme.split(separator: "\n").first { $0.hasPrefix("| `\(tool)` | ") })
    let common: Set = ["help", "version", "log-level", "log-format", "metrics"]
    #expect(Self.names(row, #/`--([a-z-]+)/#) == Set(try Self.options(tool).keys).subtracting(common))
  }

  /// No warning of groff's, and of mandoc's no error, where they are installed.
  @Test(arguments: tools)
  func manualPageIsClean(tool: String) throws {
    let path = try Tool.temporaryFolder("man") + "/\(tool).1"
    let page = try Tool.run(tool, ["--help=man"])
    #expect(page.status == 0 && page.outText.utf8.allSatisfy { $0 < 0x80 })
    try page.outText.write(toFile: path, atomically: true, encoding: .utf8)
    if FileManager.default.isExecutableFile(atPath: "/usr/bin/groff") {
      let outcome = try Tool.run("/usr/bin/groff", ["-man", "-ww", "-Tascii", "-P-cbou", path])
      #expect(outcome.status == 0 && outcome.errText == "", "\(outcome.errText)")
      #expect(outcome.outText.contains("\nEXIT STATUS\n"))
    }
    if FileManager.default.isExecutableFile(atPath: "/usr/bin/mandoc") {
      let outcome = try Tool.run("/usr/bin/mandoc", ["-T", "lint", "-W", "error", path])
      #expect(outcome.status == 0, "\(outcome.outText)\(outcome.errText)")
    }
  }
}
