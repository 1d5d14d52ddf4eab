import Plumbing

enum SnapEnrich: Tool {
  static let name = "snap-enrich"
  static let help = ""
  static let options: [OptionSpec] = []

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus { .done }
}
