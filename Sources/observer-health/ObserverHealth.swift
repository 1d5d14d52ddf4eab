import Plumbing

enum ObserverHealth: Tool {
  static let name = "observer-health"
  static let help = ""
  static let options: [OptionSpec] = []

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus { .done }
}
