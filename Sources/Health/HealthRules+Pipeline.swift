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
    if let pid = own.pid {
      return [
        .good(name, "runs, pid \(pid), \(kept(own.keeper))", "실행 중 (pid \(pid), \(keptKorean(own.keeper)))")
      ]
    }
    if facts.stages.contains(where: \.isRunning) {
      return [
        .unknown(
          name, "its stages were not started by scripts/observer, or it is just ending",
          "단계들을 scripts/observer 가 시작하지 않았거나 지금 끝나는 중입니다")
      ]
    }
    let again = own.isSupervised ? ("; it is being started again", ". 다시 시작하는 중입니다") : ("", "")
    switch own.end {
    case .neverStarted:
      return [
        .unknown(name, "scripts/observer has not started it here", "scripts/observer 가 여기서 시작한 적이 없습니다")
      ]
    case .killed:
      return [
        .broken(
          name, "the pipeline died without a word: kill -9, out of memory, or a power cut",
          "파이프라인이 아무 말 없이 종료되었습니다 (kill -9, 메모리 부족, 전원)", fix: "dmesg | tail  # then: \(facts.restart)")
      ]
    case .ended(let status, let message, let cause) where facts.hasFailedToStart:
      return [
        .broken(
          name, "the pipeline could not start: \(message.quoted())", "파이프라인이 시작되지 못했습니다: \(message.quoted())",
          fix: wayOut(status, cause, facts))
      ]
    case .ended(let status, _, _) where StageFacts.isOrderly(status):
      guard facts.market.misses(pipelineEndedAt: own.changed) else {
        return [
          .good(
            name, "ended in order; \(facts.market.words(korean: false))",
            "정상 종료 (\(facts.market.words(korean: true)))")
        ]
      }
      return [
        .broken(
          name, "the market is open, but the pipeline is stopped: it ended in order",
          "장중인데 파이프라인이 정지되어 있습니다 (정상 종료)", fix: facts.restart)
      ]
    case .ended(let status, _, _):
      return [
        .unknown(
          name, "ended with status \(status)\(again.0): see its stages",
          "상태 \(status) 로 끝났습니다\(again.1): 단계들을 보십시오")
      ]
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

  private static func keptKorean(_ keeper: PipelineFacts.Keeper) -> String {
    switch keeper {
    case .foreground: "앞에서"
    case .background: "뒤에서"
    case .service(let name): "서비스 \(name)"
    case .container: "컨테이너"
    }
  }

  /// What to do about an exit status and its cause. What was said with it plays no part: a server may have written it.
  static func wayOut(_ status: Int, _ cause: FailureCause?, _ facts: HealthFacts) -> String {
    let then = "then: \(facts.restart)"
    let folder = quoted(facts.directory ?? ".")
    switch cause {
    case .watchlistMissing, .watchlistEmpty: return addSymbol(facts)
    case .watchlistUnreadable:
      return "ls -ld \(quoted(facts.pipeline.watchlist ?? "config/watchlist.jsonl"))  # mend that, \(then)"
    case .folder(let variable):
      return "export \(variable.rawValue)=...  # a folder that can be written, \(then)"
    case .credentialsMissing, .credentialsExposed, .credentialsForeign, .tokenCacheExposed:
      return giveCredentials(cause, facts)
    case .noRoot, .configuration, .untilPassed, nil: break
    }
    switch status {
    case 64: return "\(facts.command) --help  # start it again with the option corrected"
    case 69:
      return "\(facts.reach)  # \(then)"
    case 73:
      return "ls -la \(folder) \(folder)/.run  # give this user access to what is named above, \(then)"
    case 74: return "df -h \(folder) && dmesg | tail  # \(then)"
    case 75: return "pgrep -af 'kis-fetch|jsonl-sink'  # stop the other one, \(then)"
    case 78: return "\(facts.health) config  # mend what is named above, \(then)"
    default: return facts.restart
    }
  }

  /// What is to be done about credentials that cannot be used.
  static func giveCredentials(_ cause: FailureCause?, _ facts: HealthFacts) -> String {
    let file = facts.pipeline.credentials.map(quoted)
    let set = "export KIS_APP_KEY=... KIS_APP_SECRET=..."
    switch (cause, file) {
    case (.credentialsExposed, let file?): return "chmod 600 \(file) && \(facts.restart)"
    // Started by another user than the archive's: the file is right for the one who is to start it.
    case (.credentialsForeign, _) where facts.asOwner("restart") != nil: return facts.restart
    case (.credentialsForeign, let file?): return "sudo chown \"$(id -u)\" \(file) && \(facts.restart)"
    case (.credentialsExposed, nil):
      return "\(set)  # or give the file of --credentials mode 600, then: \(facts.restart)"
    case (.tokenCacheExposed, _):
      return "export KIS_TOKEN_CACHE_DIR=...  # a folder of your own, mode 700, then: \(facts.restart)"
    default: return "\(set)  # or mend the file of --credentials, then: \(facts.restart)"
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
      ? "echo 005930  # a line of this form into the pipeline's standard input, its watchlist"
      : "\(makeFolder(of: list))echo 005930 >> \(quoted(list)) && \(facts.restart)"
  }
}
