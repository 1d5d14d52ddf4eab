import Plumbing

enum SnapGuard: Tool {
  static let name = "snap-guard"
  static let help = ""
  static let options: [OptionSpec] = []

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus { .done }
}
