import Plumbing

/// From the filters to the disk.
extension HealthRules {
  /// The share of refused lines that is an alarm.
  static let manyRefused = 0.1

  static let validation: Rule = { facts in
    refusals(facts, "snap-validate", "validation", "fail validation", "검증에 실패합니다", "contract")
  }

  static let guarding: Rule = { facts in
    refusals(facts, "snap-guard", "guard", "are blocked by the guard", "가드에 막힙니다", "verdict")
  }

  static let records: Rule = { facts in
    refusals(facts, "snap-enrich", "records", "cannot be made into records", "레코드로 만들 수 없습니다", "form")
  }

  private static func refusals(
    _ facts: HealthFacts, _ stage: String, _ name: String, _ what: String, _ korean: String, _ look: String
  ) -> [HealthCheck] {
    let own = facts.stage(stage)
    guard own.isRunning, let sample = own.now else { return [.silent(name, stage)] }
    let lines = own.growth(.linesIn)
    let refused = own.growth(.rejects)
    let isAll = refused >= 3 && refused == lines
    guard isAll || (refused >= 5 && refused > manyRefused * lines) else {
      let total = Int(clamping: sample.sum(.rejects))
      let flags = marketFlags(sample)
      return [
        .good(
          name,
          "\(Int(clamping: refused)) of the last \(Int(clamping: lines)) lines refused, \(total) since the start"
            + flags.english,
          "최근 \(Int(clamping: lines))줄 중 \(Int(clamping: refused))줄 거부, 시작 후 \(total)줄"
            + flags.korean
        )
      ]
    }
    func most(_ metric: Metric) -> String? {
      sample.each(metric).map { ($0.labels[0], $0.value - (own.before?[metric, $0.labels[0]] ?? 0)) }
        .max { $0.1 < $1.1 }?.0
    }
    let word = most(.rejects) ?? ""
    let rule = word == "market_rule" ? most(.ruleBlocks) : nil
    let reason = Sample.word(word) + (rule.map { " \(Sample.word($0))" } ?? "")
    let share = isAll ? "all" : "\(Int(clamping: refused * 100 / lines)) % of the"
    let koreanShare = isAll ? "모든" : "\(Int(clamping: refused * 100 / lines))%의"
    return [
      .broken(
        name, "\(share) snapshots \(what) (\(reason))", "\(koreanShare) 스냅샷이 \(korean) (\(reason))",
        fix:
          "tail -n 1 \(quoted((facts.directory ?? ".") + "/rejects/\(stage).jsonl"))  # the \(look), with the reason"
          + (rule == nil ? "" : "; where its limit is wrong, mend guard.* of the configuration")
      )
    ]
  }

  /// What the market rules flagged most since the start, where they are on; `WARMING_UP` says nothing of a value.
  private static func marketFlags(_ sample: Sample) -> (english: String, korean: String) {
    guard sample[.ruleSubjects] != nil else { return ("", "") }
    let most = sample.each(.ruleFlags).filter { $0.value > 0 && $0.labels[0] != "WARMING_UP" }
      .sorted { $0.value > $1.value }.prefix(3)
    if most.isEmpty { return ("; market rules flagged nothing", "; 시장 규칙 표시 없음") }
    let list = most.map { "\(Sample.word($0.labels[0])) \(Int(clamping: $0.value))" }.joined(separator: ", ")
    return ("; market rules flagged \(list)", "; 시장 규칙 표시: \(list)")
  }

  static let sink: Rule = { facts in
    let own = facts.stage("jsonl-sink")
    guard own.isRunning, let sample = own.now else { return [.silent("sink", "jsonl-sink")] }
    let syncs = sample[.archiveSyncErrors] ?? 0
    let writes = own.growth(.archiveWriteErrors)
    let waits = sample[.archiveWaitingForRoom] ?? 0
    guard syncs > 0 || writes > 0 || waits > 0 else {
      return [.good("sink", "no write or sync error", "쓰기와 동기화 오류가 없습니다")]
    }
    let (what, korean) =
      waits > 0
      ? ("waits for room on the disk", "디스크 여유를 기다림")
      : syncs > 0 ? ("cannot sync", "동기화 실패") : ("cannot write", "쓰기 실패")
    return [
      .broken(
        "sink", "jsonl-sink \(what)", "jsonl-sink 가 저장하지 못합니다 (\(korean))",
        fix: "df -h \(quoted(facts.directory ?? "."))  # and: \(facts.logs("jsonl-sink"))")
    ]
  }

  static let file: Rule = { facts in
    if let archive = facts.archive {
      let said = "\(archive.path), \(size(archive.size))"
      return [.good("file", said, said)]
    }
    let records = facts.stage("jsonl-sink").now?[.archiveRecords] ?? 0
    guard records > 0 else { return [.unknown("file", "there is no record yet", "아직 레코드가 없습니다")] }
    return [
      .broken(
        "file",
        "the sink stored \(Int(clamping: records)) records, but there is no data file in \(facts.directory ?? "?")",
        "저장된 레코드가 있는데 데이터 파일이 없습니다",
        fix: "ls -la \(quoted(facts.directory ?? "."))  # is a volume mounted over it?")
    ]
  }

  static let growth: Rule = { facts in
    let grown = facts.archive.map { archive in
      archive.growth.map {
        (
          "+\($0.bytes) bytes, +\($0.lines) lines in \($0.seconds) s",
          "\($0.seconds)초 동안 +\($0.bytes)바이트, +\($0.lines)줄"
        )
      } ?? ("looked at once: \(archive.size) bytes", "한 번 확인: \(archive.size)바이트")
    }
    let made = facts.stage("kis-fetch").growth(.linesOut)
    let stored = facts.stage("jsonl-sink").growth(.archiveRecords)
    let isRunning = facts.stages.allSatisfy(\.isRunning) && !facts.stages.isEmpty
    let refused = ["snap-validate", "snap-guard", "snap-enrich", "jsonl-sink"]
      .reduce(0) { $0 + facts.stage($1).growth(.rejects) }
    let lastMade = facts.stage("kis-fetch").now?.time(.lastLine) ?? .zero
    let isBehind = lastMade - (facts.archive?.modified ?? .zero) > .seconds(5)
    if isRunning, made - refused >= 10, stored == 0, isBehind {
      return [
        .broken(
          "growth", "\(Int(clamping: made)) snapshots were made lately, but the archive does not grow",
          "스냅샷은 만들어지는데 아카이브가 커지지 않습니다", fix: facts.logs("jsonl-sink"),
          isConsequence: facts.stages.contains { $0.hangs(at: facts.wall) })
      ]
    }
    return [
      grown.map { .good("growth", $0.0, $0.1) }
        ?? .unknown("growth", "there is no data file", "데이터 파일이 없습니다")
    ]
  }

  /// What the sink has taken in is in the file a moment later. What does not come at all is another link's matter.
  static let age: Rule = { facts in
    let last = facts.archive?.modified ?? .zero
    let ago = max(.zero, facts.wall - last).wholeSeconds
    let said = last == .zero ? "no record yet" : "the last record came \(ago) s ago"
    let sink = facts.stage("jsonl-sink")
    let taken = sink.now?.time(.lastLine) ?? .zero
    if sink.isRunning, taken - last > longestDelay {
      return [
        .broken(
          "age", "the sink took a line \(max(.zero, facts.wall - taken).wholeSeconds) s ago, but \(said)",
          "저장 단계는 \(max(.zero, facts.wall - taken).wholeSeconds)초 전에 줄을 받았는데 마지막 레코드가 \(last == .zero ? "없습니다" : "\(ago)초 전입니다")",
          fix: facts.logs("jsonl-sink"))
      ]
    }
    let isClosed = facts.market.closure != nil
    let closed = isClosed ? "; none is expected now (\(facts.market.closure ?? ""))" : ""
    let korean = last == .zero ? "아직 레코드가 없습니다" : "마지막 레코드가 \(ago)초 전에 왔습니다"
    let koreanClosed = isClosed ? " (\(facts.market.words(korean: true)): 지금은 없어도 됩니다)" : ""
    return [.good("age", said + closed, korean + koreanClosed)]
  }

  /// From the sink to the file: more is an alarm.
  static let longestDelay: Milliseconds = .minutes(1)
}
