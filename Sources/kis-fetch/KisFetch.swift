import Plumbing

enum KisFetch: Tool {
  static let name = "kis-fetch"
  static let help = ""
  static let options: [OptionSpec] = []

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus { .done }
}
