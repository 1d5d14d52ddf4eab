import Plumbing

/// Which stage is down, and why: the cause, not what fell with it.
extension HealthRules {
  static let credentials: Rule = { facts in
    let fetch = facts.stage("kis-fetch")
    if fetch.isRunning { return [.good("credentials", "accepted so far", "지금까지 승인되었습니다")] }
    guard !facts.hasFailedToStart, case .ended(77, let message, let cause) = fetch.end else {
      return [
        .unknown("credentials", "kis-fetch has not complained about them", "kis-fetch 가 문제를 알린 적이 없습니다")
      ]
    }
    return [
      .broken(
        "credentials", "the credentials are missing or refused\(said(message))",
        "KIS 인증 정보가 없거나 거부되었습니다\(said(message))", fix: giveCredentials(cause, facts))
    ]
  }

  /// A stage's last words, as data: nothing is read out of them.
  private static func said(_ message: String) -> String { message.isEmpty ? "" : ": \(message.quoted())" }

  static let archiveLock: Rule = { facts in
    let sink = facts.stage("jsonl-sink")
    guard !sink.isRunning, !facts.hasFailedToStart, case .ended(75, let message, _) = sink.end else {
      return [
        sink.isRunning
          ? .good("lock", "held by the sink\(sink.pidWords)", "저장 단계가 잡고 있습니다\(sink.pidWords)")
          : .good("lock", "not held by another", "다른 프로그램이 잡고 있지 않습니다")
      ]
    }
    // A sink leaves its pid in the file; another program leaves nothing, and the system knows it.
    let file = quoted((facts.directory ?? ".") + "/observer.lock")
    return [
      .broken(
        "lock", "another program holds the archive's lock\(said(message))",
        "다른 프로그램이 아카이브 잠금을 잡고 있습니다\(said(message))",
        fix: "cat \(file); fuser -v \(file)  # stop that pid, then: \(facts.restart)"
      )
    ]
  }

  static let stages: Rule = { facts in
    if facts.directory == nil {
      return facts.stages.map { .placeless($0.name) }
    }
    if facts.isResting {
      return facts.stages.map { .good($0.name, "ended in order; none is expected now", "정상 종료. 지금은 없어도 됩니다") }
    }
    // What kept the pipeline from starting, or stopped it as a whole, is the reason for all of them.
    let isExplained =
      pipeline(facts).contains { $0.ok == false }
      || !facts.stage("kis-fetch").isRunning && watchlist(facts).contains { $0.ok == false }
    let culprit = facts.stages.last { $0.endedBadly }?.name ?? facts.stages.first { !$0.isRunning }?.name
    let hanging = facts.stages.last { $0.hangs(at: facts.wall) }?.name
    return facts.stages.map { stage in
      if facts.isEnding, case .ended(0, _, _) = stage.end, !stage.isRunning {
        return .good(stage.name, "ended in order (--until)", "정상 종료 (--until)")
      }
      if !stage.isRunning { return down(stage, facts, isCulprit: stage.name == culprit && !isExplained) }
      if stage.hangs(at: facts.wall) { return stuck(stage, facts, isCulprit: stage.name == hanging) }
      return .good(stage.name, "runs\(stage.pidWords)", "실행 중\(stage.pidWords)")
    }
  }

  private static func stuck(_ stage: StageFacts, _ facts: HealthFacts, isCulprit: Bool) -> HealthCheck {
    let seconds = (facts.wall - (stage.now?.time(.metricsTime) ?? .zero)).wholeSeconds
    let (what, korean, fix) =
      switch stage.state {
      case "T"?: (" (stopped by a signal)", " (시그널로 정지됨)", "kill -CONT \(stage.pid ?? 0)")
      case "D"?:
        (" (waits for the disk)", " (디스크 응답 대기)", "sudo dmesg | tail  # is the disk there, or frozen?")
      default: ("", "", facts.restart)
      }
    return .broken(
      stage.name, "\(stage.name)\(stage.pidWords) hangs: no sign of life for \(seconds) s\(what)",
      "\(stage.name) 단계가 \(seconds)초 동안 응답이 없습니다\(korean)", fix: fix, isConsequence: !isCulprit)
  }

  private static func down(_ stage: StageFacts, _ facts: HealthFacts, isCulprit: Bool) -> HealthCheck {
    let name = stage.name
    let start = facts.restart
    guard isCulprit else {
      return .broken(
        name, "\(name) does not run: it ended with the pipeline", "\(name) 단계가 함께 멈췄습니다", fix: start,
        isConsequence: true)
    }
    switch stage.end {
    case .neverStarted:
      return .broken(
        name, "\(name) was never started", "\(name) 단계가 시작되지 않았습니다", fix: start)
    case .killed:
      return .broken(
        name, "\(name) died without a word: killed, out of memory, or a power cut",
        "\(name) 단계가 강제 종료되었습니다 (kill, 메모리 부족, 전원)", fix: "dmesg | tail  # then: \(start)")
    case .ended(0, _, _):
      return .broken(
        name, "the pipeline is stopped: \(name) ended in order", "파이프라인이 정지되어 있습니다 (\(name) 정상 종료)",
        fix: start)
    case .ended(let status, let message, let cause):
      let isAnsweredElsewhere =
        (name == "kis-fetch" && status == 77) || (name == "jsonl-sink" && status == 75)
      return .broken(
        name, "\(name) ended with status \(status)\(said(message))",
        "\(name) 단계가 상태 \(status) 로 끝났습니다\(said(message))",
        fix: wayOut(status, cause, facts), isConsequence: isAnsweredElsewhere)
    }
  }
}
