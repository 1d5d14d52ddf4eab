import Configuration
import Plumbing

enum ObserverHealth: Tool {
  static let name = "observer-health"

  static let help = """
    usage: observer-health config [--format ndjson|table|env] [--get NAME] [--config FILE] [--dir DIR]

    Tells what the observer works with.

      config             every effective setting with where it comes from: command line, variable, file, default

    Options of config:
      --format FORM      ndjson (default into a pipe), table (default on a terminal), or env: NAME=value lines
                         for scripts, without secrets
      --get NAME         only the value of one key, path or variable, e.g. archive_dir or rotation.window_ms
      --config FILE      configuration file (OBSERVER_CONFIG_FILE, <root>/config/deployment_config.json)
      --dir DIR          archive folder, as for jsonl-sink
      --log-level L, --log-format F, --help, --version

    Secrets are shown as ********.
    Exit codes: 0 done, 64 usage, 74 I/O error, 78 configuration broken or no root found

    Example: observer-health config --get archive_dir
    """

  static let options: [OptionSpec] = Settings.options + [.value("format"), .value("get"), .value("dir")]

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    guard arguments.operands == ["config"] else {
      throw ToolFailure(.usage, "say what to show: observer-health config (see --help)")
    }
    let options = try ConfigOptions(arguments)
    let settings = try Settings(arguments)
    let log = try settings.log(stage: name)
    for warning in settings.warnings { log.warning(warning) }
    return try ConfigCommand(settings: settings, options: options).run()
  }
}
