import Configuration
import Glibc
import KIS
import Plumbing

/// kis-fetch, the trigger: its command line, and what runs it.
public enum KisFetch: Tool {
  /// The program.
  public static let name = "kis-fetch"

  /// What it takes and says of itself.
  public static let manual = FetchOptions.manual

  /// A replay needs none.
  private static func credentialsFiles(_ arguments: Arguments) throws(ToolFailure) -> [CredentialsFile] {
    guard !arguments.has(FetchOptions.replayOption) else { return [] }
    // A path on the command line may contain a comma.
    let typed = arguments.values(ConfigKey.fetchCredentials)
    let paths = typed.isEmpty ? try Settings(arguments).credentials() : typed
    var files: [CredentialsFile] = []
    for path in paths { files.append(try CredentialsFile(path: path)) }
    return files
  }

  private static func printFeeds(_ form: String?) throws(ToolFailure) -> ExitStatus {
    try Array((form == "json" ? FeedSchema.lines : FeedList.text).utf8).withUnsafeBufferPointer {
      text throws(ToolFailure) in
      if let start = text.baseAddress { try StandardOutput.write(start, count: text.count) }
    }
    return .done
  }

  /// Observes until the end that the options name, or replays a recording.
  ///
  /// - Throws: `ToolFailure`; the exit codes stand in `manual`.
  public static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    if arguments.has(FetchOptions.listFeedsOption) {
      try arguments.refuseOperands()
      return try printFeeds(arguments.values(FetchOptions.listFeedsOption).last)
    }
    var arguments = arguments
    let files = try credentialsFiles(arguments)
    var warnings: [String] = []
    for file in files {
      warnings += file.warnings(arguments.environment)
      arguments.environment = file.standingIn(for: arguments.environment)
    }
    let settings = try Settings(arguments)
    var options = try FetchOptions(arguments, settings, wallNow: Clocks.wall())
    options.credentials = files
    let log = try settings.log(stage: name)
    for warning in settings.warnings + warnings + options.warnings { log.warning(warning) }
    Metrics.begin(arguments, stage: name, log: log)
    Signals.ignore(SIGPIPE)
    Signals.note([SIGTERM, SIGINT, SIGUSR1], hangUpStops: true)
    Signals.endAtLatest(after: Fetcher.drain + .seconds(1))
    if let file = options.replay { return try FetchReplay.run(file, options, log) }
    return try Fetcher(options, settings.environment, log).run()
  }
}
