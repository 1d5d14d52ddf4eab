import Plumbing

enum SnapValidate: Tool {
  static let name = "snap-validate"
  static let help = ""
  static let options: [OptionSpec] = []

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus { .done }
}
