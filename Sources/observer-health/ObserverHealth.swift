import Configuration
import Health
import Plumbing

enum ObserverHealth: Tool {
  static let name = "observer-health"

  static let help = """
    usage: observer-health check  [--format ndjson|table] [--dir DIR] [--sample S] [--market OPEN]
           observer-health serve  [--listen 127.0.0.1:8000] [--dir DIR] [--allow-host NAME]... [--market OPEN]
           observer-health config [--format ndjson|table|env] [--get NAME] [--dir DIR]

    Says whether snapshots flow into the archive and, if not, which link broke first.

      check     every link of the chain, a line each; the first broken link and its remedy come last
                (in Korean under a Korean locale)
      serve     the same over HTTP: /health (200 or 503), /ready, /metrics (Prometheus, all stages), /status
                (JSON) and / (a page)
      config    every effective setting with where it comes from: command line, variable, file, default

      --dir DIR          archive folder, as for jsonl-sink
      --config FILE      configuration file (OBSERVER_CONFIG_FILE, <root>/config/deployment_config.json)
      --listen A:PORT    where serve listens, and which port check looks at (127.0.0.1:8000)
      --allow-host NAME  a Host that serve answers to, besides IP addresses and localhost; repeatable
      --market OPEN      calendar: hours, weekends and config/holidays.jsonl decide whether records are expected
                         (default); open, closed: regardless of it
      --sample S         check looks at the archive twice, S seconds apart (1)
      --format FORM      ndjson (default into a pipe), table (default on a terminal); config also env:
                         NAME=value lines for scripts, without secrets
      --get NAME         only the value of one key, path or variable, e.g. archive_dir or rotation.window_ms
      --log-level L, --log-format F, --help, --version

    Stages leave their metrics in OBSERVER_METRICS_DIR, else <archive>/.run. Secrets are shown as ********.
    Exit codes: 0 healthy or done, 1 a link is broken, 64 usage, 73 cannot listen, 74 I/O error, 75 port taken,
    78 configuration broken or no root found

    Example: observer-health check || scripts/observer restart
    """

  static let options: [OptionSpec] =
    Settings.options + [
      .value("format"), .value("get"), .value("dir"), .value("listen"), .value("allow-host"),
      .value("market"),
      .value("sample"),
    ]

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    switch arguments.operands {
    case ["check"]: return try CheckCommand(arguments: arguments, options: HealthOptions(arguments)).run()
    case ["serve"]:
      return try ServeCommand(arguments: arguments, options: HealthOptions(arguments), log: log).run()
    case ["config"]: return try config(arguments)
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
