import TestSupport
import Testing

/// What a tool says on stderr is for a person: no secret of the process, nothing that drives a terminal.
@Suite struct Diagnostics {
  static let secret = "kp2Rw8xZq4Lm7Vt1Ys5Bn9Cd3Fg6Hj0K"

  @Test(arguments: [
    "snap-validate", "snap-guard", "snap-enrich", "jsonl-sink", "jsonl-verify", "snap-audit",
    "observer-health",
  ])
  func theEnvironmentsSecrets(tool: String) throws {
    for option in ["--\(Self.secret)", "--log-level=\(Self.secret.uppercased())"] {
      let outcome = try Tool.run(tool, [option], env: ["KIS_APP_SECRET": Self.secret])
      #expect(outcome.status == 64)
      #expect(outcome.errText.contains("********"), "\(outcome.errText)")
      #expect(!outcome.errText.lowercased().contains(Self.secret.lowercased().prefix(12)))
    }
  }

  @Test func aPathIsNoSecret() throws {
    let outcome = try Tool.run(
      "jsonl-verify", ["/no/such/folder/of/keys/a.jsonl"], env: ["SSH_KEY": "/no/such/folder/of/keys/id"])
    #expect(outcome.errText.contains("/no/such/folder/of/keys/a.jsonl"), "\(outcome.errText)")
  }

  @Test(arguments: ["text", "json"]) func nothingDrivesATerminal(format: String) throws {
    let name = "a\u{1B}[2J\u{9B}31m\u{85}\u{2028}\u{202E}.jsonl"
    let outcome = try Tool.run("jsonl-verify", ["--log-format", format, name])
    let spelled = "a\\x1b[2J\\u009b31m\\u0085\\u2028\\u202e.jsonl"
    let shown = format == "json" ? spelled.split(separator: "\\").joined(separator: "\\\\") : spelled
    #expect(outcome.errText.contains(shown), "\(outcome.errText)")
    #expect(outcome.err.split(separator: 0x0A).count == 1)
  }
}
