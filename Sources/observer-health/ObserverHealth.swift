import Configuration
import Health
import Plumbing

enum ObserverHealth: Tool {
  static let name = "observer-health"

  static let manual = HealthOptions.manual

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    try manual.refuseOptions(arguments, of: arguments.operands.first)
    switch arguments.operands {
    case ["check"]: return try CheckCommand(arguments: arguments, options: HealthOptions(arguments)).run()
    case ["serve"]:
      return try ServeCommand(arguments: arguments, options: HealthOptions(arguments), log: log).run()
    case ["config"]: return try config(arguments)
    case let words where words.first == "manual":
      return try ManualCommand(words: Array(words.dropFirst())).run()
    default:
      throw ToolFailure(.usage, "say what to do: observer-health check, serve or config (see --help)")
    }
  }

  private static func config(_ arguments: Arguments) throws -> ExitStatus {
    let options = try ConfigOptions(arguments)
    let settings = try Settings(arguments)
    let log = try settings.log(stage: name)
    for warning in settings.warnings { log.warning(warning) }
    return try ConfigCommand(settings: settings, options: options).run()
  }
}
