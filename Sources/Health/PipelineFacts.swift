import Plumbing

/// What `scripts/observer` left in `.run/observer.pid` about the pipeline as a whole.
public struct PipelineFacts: Equatable, Sendable {
  /// Who starts it again when it has ended.
  public enum Keeper: Equatable, Sendable {
    /// Nobody: `observer run` by hand or by cron.
    case foreground
    /// `observer start`.
    case background
    /// A service manager, under this name.
    case service(String)
    /// A container engine.
    case container
  }

  /// The script's process, while it runs.
  public var pid: Int?
  /// How it ended, when it does not run; a message only if the script itself had something to say.
  public var end = StageFacts.End.neverStarted
  /// The supervisor that keeps it.
  public var keeper = Keeper.foreground
  /// The folder of its logs; nil: they went to stderr.
  public var logs: String?
  /// The folder of its stages' metrics and life files; nil where the script that wrote this did not.
  public var metrics: String?
  /// The watchlist that it was given.
  public var watchlist: String?
  /// The file of its credentials, if it was given one.
  public var credentials: String?
  /// When the script last wrote this.
  public var changed: Milliseconds = .zero
  /// The time of the day, KST minutes from midnight, after which it was to end.
  public var until: Int?
  /// Whether it compresses closed windows; nil where the script that wrote this did not.
  public var compresses: Bool?
  /// Whether `observer start` is there to start it again.
  public var isSupervised = false
  /// Why none of this can be looked at.
  public var failure: String?

  /// A pipeline that no script has started.
  public init() {}

  /// Whether the script that holds the stages together lives.
  public var isRunning: Bool { pid != nil }
  /// Whether a script has started it at all.
  var isKnown: Bool { isRunning || end != .neverStarted }

  /// Reads `keeper=`, `logs=` and so on. Commands are made of them: paths are whole ones, or they could be options.
  mutating func take(_ lines: [Substring]) {
    func value(_ name: String) -> String? {
      let found = lines.first { $0.hasPrefix(name + "=") }?.dropFirst(name.count + 1)
      return found?.isEmpty == false ? found.map(String.init) : nil
    }
    func path(_ name: String) -> String? { value(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
    logs = path("logs")
    metrics = path("metrics")
    watchlist = value("watchlist") == "-" ? "-" : path("watchlist")
    credentials = path("credentials")
    until = value("until").flatMap { KST.minutes(clock: $0) }
    compresses = value("compress").map { $0 != "off" }
    switch value("keeper") {
    case "background": keeper = .background
    case "container": keeper = .container
    case let name? where name.wholeMatch(of: /service [A-Za-z0-9@_][A-Za-z0-9@_.:-]*/) != nil:
      keeper = .service(String(name.dropFirst(8)))
    default: keeper = .foreground
    }
  }
}

/// The commands that mend things depend on what supervises the pipeline.
extension HealthFacts {
  /// A command of the script, for the archive that was asked about.
  func observer(_ words: String) -> String {
    let place = isDirectoryGiven ? directory.map { " --dir \(HealthRules.quoted($0))" } ?? "" : ""
    return "\(command) \(words)\(place)"
  }

  /// Ends it, if it runs, and starts it as it was started before.
  var restart: String {
    switch pipeline.keeper {
    case .service(let name): "sudo systemctl restart \(HealthRules.quoted(name))"
    case .container: "docker compose -p observer restart observer"
    case .foreground, .background: restartByHand
    }
  }

  /// A pipeline that reads its watchlist from standard input cannot go into the background.
  private var restartByHand: String {
    func command(_ words: String) -> String { asOwner(words) ?? observer(words) }
    guard pipeline.watchlist == "-" else { return command(pipeline.isKnown ? "restart" : "start") }
    let run = command("run --watchlist -")
    return pipeline.isRunning ? "\(command("stop")) && \(run)" : run
  }

  /// Shows the last words of a stage.
  func logs(_ stage: String) -> String {
    if let folder = pipeline.logs { return "tail -n 20 \(HealthRules.quoted("\(folder)/\(stage).log"))" }
    return switch pipeline.keeper {
    case .service(let name): "journalctl -n 50 -u \(HealthRules.quoted(name))"
    case .container: "docker compose -p observer logs --tail 50 observer"
    case .background: observer("logs \(stage)")
    case .foreground: lastWords(stage)
    }
  }

  /// Without log files: the process whose stderr has the reason, or the stage's last words.
  private func lastWords(_ stage: String) -> String {
    if let pid = pipeline.pid ?? self.stage(stage).pid, pid > 0 {
      return "ps -fp \(pid)  # its stderr has the reason; with OBSERVER_LOG_DIR there are log files"
    }
    guard self.stage(stage).end != .neverStarted, let metricsFolder else { return restart }
    let file = HealthRules.quoted("\(metricsFolder)/\(stage).words")
    let user = folder.owner.map { "sudo -u \(HealthRules.quoted($0)) " } ?? ""
    return "\(user)cat \(file)  # its last words; all others went to its stderr"
  }

  /// Whether the server answers that is in use.
  var reach: String {
    let told = stage("kis-fetch").now?.each(.serviceInfo).first?.labels[0]
    let url = [told, restURL].compactMap { $0 }.first {
      $0.wholeMatch(of: /https?:\/\/[A-Za-z0-9.:\[\]_-]+\/?/) != nil
    }
    return "curl -sS -o /dev/null -w '%{http_code}\\n' \(HealthRules.quoted(url ?? Self.kis))"
  }

  /// KIS's own address.
  static let kis = "https://openapi.koreainvestment.com:9443/"

  /// Whether the script ended before its stages ran: what they left is of an earlier run.
  var hasFailedToStart: Bool {
    guard case .ended(let status, let message, _) = pipeline.end, !pipeline.isRunning, !message.isEmpty,
      !StageFacts.isOrderly(status)
    else { return false }
    return !stages.contains(where: \.isRunning)
  }

  /// Whether the pipeline is ending as it was told to.
  var isEnding: Bool { pipeline.isEnding(at: wall) }

  /// Whether the pipeline has ended in order at a time when nothing is expected of it.
  var isResting: Bool {
    guard !market.misses(pipelineEndedAt: pipeline.changed), !stages.isEmpty, pipeline.endedWell != false
    else {
      return false
    }
    return stages.allSatisfy { stage in
      guard case .ended = stage.end else { return false }
      return !stage.isRunning && !stage.endedBadly
    }
  }
}

extension PipelineFacts {
  /// How long an end in order may take: the farewell to the server, and what is in flight.
  static let longestEnd: Milliseconds = .seconds(30)

  /// Whether it exited cleanly today at or after its `--until`.
  func isDone(at wall: Milliseconds) -> Bool {
    guard let end = end(on: wall), endedWell == true else { return false }
    return changed >= KST.midnight(before: wall) && wall >= end
  }

  /// Whether that time is just over: it says farewell, or its stages end one after the other.
  func isEnding(at wall: Milliseconds) -> Bool {
    guard let end = end(on: wall), isRunning, changed < end else { return false }
    return wall >= end && wall < end + Self.longestEnd
  }

  /// The time of its end on the day of `wall`.
  private func end(on wall: Milliseconds) -> Milliseconds? {
    until.map { KST.midnight(before: wall) + .minutes($0) }
  }

  /// Whether the script exited cleanly; nil while it runs or where it was never started.
  var endedWell: Bool? {
    guard !isRunning else { return nil }
    switch end {
    case .neverStarted: return nil
    case .killed: return false
    case .ended(let status, _, _): return StageFacts.isOrderly(status)
    }
  }
}
