import Plumbing

enum JsonlSink: Tool {
  static let name = "jsonl-sink"
  static let help = ""
  static let options: [OptionSpec] = []

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus { .done }
}
