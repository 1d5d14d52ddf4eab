import Plumbing

/// Checks archives: an independent witness of what the sink promises.
enum JsonlVerify: Tool {
  static let name = "jsonl-verify"

  static let manual = JsonlVerifyOptions.manual

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    var verifier = Verifier(try JsonlVerifyOptions(arguments), log: log)
    return try verifier.run()
  }
}
