import Plumbing

/// The script that holds the stages together: whether it came so far as to start them, and whether it is there.
extension HealthRules {
  static let pipeline: Rule = { facts in
    let name = "pipeline"
    let own = facts.pipeline
    if let failure = own.failure {
      return [
        .broken(
          name, failure, "실행 상태를 볼 수 없습니다: \(failure)",
          fix: facts.asOwner("doctor") ?? "ls -la \(quoted((facts.directory ?? ".") + "/.run"))")
      ]
    }
    if let pid = own.pid { return [.good(name, "runs, pid \(pid), \(kept(own.keeper))")] }
    if facts.stages.contains(where: \.isRunning) {
      return [.unknown(name, "its stages were not started by scripts/observer, or it is just ending")]
    }
    let again = own.isSupervised ? "; it is being started again" : ""
    switch own.end {
    case .neverStarted: return [.unknown(name, "scripts/observer has not started it here")]
    case .killed:
      return [
        .broken(
          name, "the pipeline died without a word: kill -9, out of memory, or a power cut",
          "파이프라인이 아무 말 없이 종료되었습니다 (kill -9, 메모리 부족, 전원)", fix: "dmesg | tail  # then: \(facts.restart)")
      ]
    case .ended(let status, let message) where !message.isEmpty:
      return [
        .broken(
          name, "the pipeline could not start: \(message)", "파이프라인이 시작되지 못했습니다: \(message)",
          fix: wayOut(status, message, facts))
      ]
    case .ended(let status, _) where StageFacts.isOrderly(status):
      if case .closed(let why) = facts.market { return [.good(name, "ended in order; \(why)")] }
      return [
        .broken(
          name, "the market is open, but the pipeline is stopped: it ended in order",
          "장중인데 파이프라인이 정지되어 있습니다 (정상 종료)", fix: facts.restart)
      ]
    case .ended(let status, _): return [.unknown(name, "ended with status \(status)\(again): see its stages")]
    }
  }

  private static func kept(_ keeper: PipelineFacts.Keeper) -> String {
    switch keeper {
    case .foreground: "in the foreground"
    case .background: "in the background"
    case .service(let name): "as service \(name)"
    case .container: "in a container"
    }
  }

  /// What to do about an exit status and what was said with it.
  static func wayOut(_ status: Int, _ message: String, _ facts: HealthFacts) -> String {
    let then = "then: \(facts.restart)"
    let folder = quoted(facts.directory ?? ".")
    if message.hasPrefix("there is no watchlist") { return addSymbol(facts) }
    if message.contains("watchlist") {
      return "ls -ld \(quoted(facts.pipeline.watchlist ?? "config/watchlist.jsonl"))  # mend that, \(then)"
    }
    // The message names a variable that is to lead elsewhere.
    if let name = message.firstMatch(of: /: set ([A-Z_]+)/)?.1 {
      return "export \(name)=...  # a folder that can be written, \(then)"
    }
    switch status {
    case 64: return "\(facts.command) --help  # start it again with the option corrected"
    case 69:
      return "curl -sS -o /dev/null -w '%{http_code}\\n' https://openapi.koreainvestment.com:9443/  # \(then)"
    case 73:
      return "ls -la \(folder) \(folder)/.run  # give this user access to what the message names, \(then)"
    case 74: return "df -h \(folder) && dmesg | tail  # \(then)"
    case 75: return "stop the program that the message names, \(then)"
    case 78: return "observer-health config  # mend what the message names, \(then)"
    default: return facts.restart
    }
  }

  /// The command before another that needs the folder of `path`.
  private static func makeFolder(of path: String) -> String {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    return folder.isEmpty ? "" : "mkdir -p \(quoted(folder)) && "
  }

  /// Puts a first symbol on the watchlist.
  static func addSymbol(_ facts: HealthFacts) -> String {
    let list = facts.pipeline.watchlist ?? "config/watchlist.jsonl"
    return list == "-"
      ? "write a symbol a line into its standard input, as 005930"
      : "\(makeFolder(of: list))echo 005930 >> \(quoted(list)) && \(facts.restart)"
  }
}
