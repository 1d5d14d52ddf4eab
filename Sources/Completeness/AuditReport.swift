import JSONBytes
import Market
import Plumbing
import Values

/// What an audit says in the end: a line for each feed of each symbol and day, and one for each day.
public struct AuditReport: Sendable {
  /// Lines by day, product, venue, symbol and feed.
  public let subjects: [SubjectLine]
  /// Every day from the first to the last that the records are of.
  public let days: [DayLine]

  init(
    _ lines: [SubjectLine], known: [Int: KnownDay], rejects: [Int: DayRejects], only: Int?,
    _ calendar: MarketCalendar, now: Int64
  ) {
    subjects = lines.sorted { SubjectKey.isBefore($0.audit.key, $1.audit.key) }
    let byDay = Dictionary(grouping: subjects) { $0.audit.key.day }
    var seen = Set(byDay.keys).union(known.keys)
    if let only { seen = [only] }
    func line(_ day: Int) -> DayLine {
      DayLine(
        day, byDay[day] ?? [], known: known[day], rejects: rejects[day] ?? DayRejects(), calendar, now: now)
    }
    guard let first = seen.min(), let last = seen.max(), last - first < Self.maxDays else {
      days = seen.sorted().map(line)
      return
    }
    days = (first...last).map(line)
  }

  /// Appends everything as JSON, a line each: the feeds first, then the days.
  public func append(to buffer: inout ByteBuffer) {
    for subject in subjects {
      subject.members.append(to: &buffer)
      buffer.append(UInt8(ascii: "\n"))
    }
    for day in days {
      day.members.append(to: &buffer)
      buffer.append(UInt8(ascii: "\n"))
    }
  }

  /// A span longer than any archive comes from a record with a wrong date: days without records are then not listed.
  private static let maxDays = 40_000
}

extension Audit {
  /// The report on all lines taken; `now` (epoch milliseconds) tells which day is not over yet.
  public func report(now: Int64) -> AuditReport {
    AuditReport(
      subjects.enumerated().map { place, subject in
        SubjectLine(audit: subject, place: place, standing: trust[subject.channel].standing)
      }, known: known, rejects: rejects, only: only, calendar, now: now)
  }
}

/// One feed of one symbol on one day.
public struct SubjectLine: Sendable {
  let audit: SubjectAudit
  /// Its place among the audit's subjects.
  let place: Int
  /// What may be claimed of its channel.
  let standing: ChannelTrust.Standing

  var sums: LedgerSums { audit.ledger.sums }
  var isTrades: Bool { audit.isTrades }
  /// What is claimed to be missing; nothing where the channel is not proven.
  var missed: Loss { standing == .trusted ? sums.missed : .none }
  /// Records of which nothing can be said.
  var unverifiable: Int64 { standing == .unfit ? sums.records : sums.unverifiable }

  /// Shares that count: all that were reported but those from before the first record.
  var expected: Int64 { max(0, (sums.reportedShares ?? 0) - sums.beforeStart) }

  /// What keeps the day from being available.
  var reasons: [DayReason] {
    var found: [DayReason] = []
    let (symbol, market) = (audit.key.symbol, audit.key.market)
    if isTrades && sums.records > 0 {
      if missed.shares.times(1000) > expected {
        found.append(.missedTrades(symbol: symbol, market: market, shares: missed.shares, of: expected))
      }
      if unverifiable * 1000 > sums.records {
        found.append(.unverifiable(symbol: symbol, market: market, records: unverifiable))
      }
      if !sums.isStartProven, let reported = sums.reportedShares, sums.beforeStart.times(1000) > reported {
        found.append(.lateStart(symbol: symbol, market: market, shares: sums.beforeStart, of: reported))
      }
      if standing == .learning && sums.missed.shares.times(1000) > expected {
        found.append(.unproven(channel: "\(audit.key.product) \(audit.key.market)"))
      }
    }
    for (reason, gaps) in audit.gaps.sorted(by: { $0.key < $1.key }) where gaps.critical > 0 {
      found.append(
        .criticalGap(
          symbol: symbol, market: market, feed: audit.key.feed, reason: reason,
          seconds: gaps.milliseconds / 1000))
    }
    return found
  }

  /// The line's members.
  var members: JSONMembers {
    var line = JSONMembers()
    line.put("audit", text: "subject")
    line.put("date", text: audit.key.date)
    line.put("product", text: audit.key.product)
    line.put("market", text: audit.key.market)
    line.put("symbol", text: audit.key.symbol)
    line.put("feed", text: audit.key.feed)
    line.put("records", audit.records)
    line.put("first", time: audit.records > 0 ? audit.first : nil)
    line.put("last", time: audit.records > 0 ? audit.last : nil)
    line.put("longest_silence_s", seconds: audit.longestSilence)
    if isTrades && sums.records > 0 { putTrades(&line) }
    if !isTrades {
      line.put("crossed", audit.crossed)
      line.put("outside_limits", audit.outsideLimits)
      if audit.prices.close != nil { putPrices(&line) }
    }
    putGaps(&line)
    line.put(audit.flags)
    putLayouts(&line)
    return line
  }

  private func putTrades(_ line: inout JSONMembers) {
    line.put("trades", sums.trades)
    line.put("shares", sums.archivedShares)
    line.put("reported_shares", sums.reportedShares)
    line.put("reported_value", sums.reportedValue)
    line.put("coverage", decimal: sums.coverage.map { Decimal(Int64(clamping: $0 * 1_000_000), scale: 6) })
    line.put("verified", sums.verified)
    line.put("missed_trades", missed.trades)
    line.put("missed_shares", missed.shares)
    line.put("missed_value", missed.value)
    if standing == .learning {
      line.put("suspected_trades", sums.missed.trades)
      line.put("suspected_shares", sums.missed.shares)
    }
    line.put("unverifiable", unverifiable)
    line.put("duplicates", sums.duplicates)
    line.put("reversals", sums.reversals)
    line.put("late", sums.late)
    line.put("before_start", sums.beforeStart)
    line.put("start_proven", flag: sums.isStartProven)
    line.put("channel", text: standing.rawValue)
    putPrices(&line)
    line.put("vwap", decimal: audit.prices.vwap)
    line.put("capture_p50_ms", audit.captureTimes.quantile(0.5))
    line.put("capture_p99_ms", audit.captureTimes.quantile(0.99))
  }

  private func putPrices(_ line: inout JSONMembers) {
    line.put("open", decimal: audit.prices.open)
    line.put("high", decimal: audit.prices.high)
    line.put("low", decimal: audit.prices.low)
    line.put("close", decimal: audit.prices.close)
  }

  private func putGaps(_ line: inout JSONMembers) {
    var reasons = JSONMembers()
    for (reason, gaps) in audit.gaps.sorted(by: { $0.key < $1.key }) {
      var gap = JSONMembers()
      gap.put("count", gaps.count)
      gap.put("seconds", seconds: gaps.milliseconds)
      if let missed = gaps.missed {
        gap.put("trades", missed.trades)
        gap.put("shares", missed.shares)
      }
      reasons.put(reason, object: gap)
    }
    line.put("gaps", object: reasons)
  }

  private func putLayouts(_ line: inout JSONMembers) {
    guard !audit.layouts.counts.isEmpty else { return }
    var layouts = JSONMembers()
    for (members, count) in audit.layouts.counts.sorted(by: { $0.members < $1.members }) {
      layouts.put(String(members), count)
    }
    line.put("layouts", object: layouts)
  }
}

extension JSONMembers {
  /// What the guard's rules of values said, by flag; nothing where they said nothing.
  fileprivate mutating func put(_ counts: FlagCounts) {
    guard !counts.isEmpty else { return }
    var flags = JSONMembers()
    for (flag, count) in counts.named { flags.put("\(flag.text)", count) }
    put("flags", object: flags)
  }
}

/// One day.
public struct DayLine: Sendable {
  let day: Int
  /// The verdict.
  public let condition: DayCondition
  let reasons: [DayReason]
  /// Reasons that an earlier audit has only counted.
  let more: Int64
  let lines: [SubjectLine]
  /// Lines that the filters refused, as far as their files were read too.
  let rejects: DayRejects

  /// Reasons that are listed; the rest is counted.
  private static let maxReasons = 20

  init(
    _ day: Int, _ lines: [SubjectLine], known: KnownDay? = nil, rejects: DayRejects = DayRejects(),
    _ calendar: MarketCalendar, now: Int64
  ) {
    self.day = day
    self.lines = lines
    self.rejects = rejects
    // A session abroad ends in the next day's files: what was said of the whole day stands.
    if let known, lines.isEmpty || known.condition != .pending {
      condition = known.condition
      reasons = known.reasons
      more = known.more
      return
    }
    let midnight = KST.midnight(ofDay: Int(day)).count
    let kind = calendar.day(at: Milliseconds(midnight))
    more = 0
    let end = Self.end(lines)
    let isOver = now >= midnight + end.count
    var found = lines.flatMap(\.reasons)
    if isOver { found += EarlyEnd.reasons(lines, day, calendar) }
    reasons = found.reduce(into: []) { all, reason in
      // A channel is unproven once, whatever its symbols.
      if case .unproven = reason, all.contains(reason) { return }
      all.append(reason)
    }
    // Where trades are missing, somebody traded: a market abroad.
    let hasLost = reasons.contains { if case .missedTrades = $0 { true } else { false } }
    let hasRecords = lines.contains { $0.audit.records > 0 }
    switch kind {
    case .weekend, .holiday(isSure: true):
      let isPending = !isOver && (hasLost || hasRecords && end > SessionDay.usualEnd)
      condition = isPending ? .pending : hasLost ? .degraded : .closed
    case .holiday(isSure: false) where !hasRecords: condition = .closed
    default:
      condition = !isOver ? .pending : !hasRecords ? .missing : reasons.isEmpty ? .available : .degraded
    }
  }

  /// How long after its midnight the day is over: when the last session of what is here has ended. Where nothing is here,
  /// the session that has not begun yet may be one of an evening.
  private static func end(_ lines: [SubjectLine]) -> Milliseconds {
    lines.map { SessionDay.end(product: $0.audit.key.product, market: $0.audit.key.market) }.max()
      ?? .hours(24)
  }

  /// Different symbols, whatever their venues.
  var symbols: Int { Set(lines.map(\.audit.key.symbol)).count }

  /// The line's members.
  var members: JSONMembers {
    let trades = lines.filter { $0.isTrades && $0.sums.records > 0 }
    var line = JSONMembers()
    line.put("audit", text: "day")
    line.put("date", text: SubjectKey.date(day))
    line.put("condition", text: condition.rawValue)
    line.put("reasons", list: reasons.prefix(Self.maxReasons)) { reason, object in reason.put(in: &object) }
    let unlisted = more.plus(Int64(max(0, reasons.count - Self.maxReasons)))
    if unlisted > 0 { line.put("more_reasons", unlisted) }
    line.put("symbols", Int64(symbols))
    line.put("records", lines.reduce(0) { $0 + $1.audit.records })
    line.put("trades", trades.sum(\.sums.trades))
    line.put("shares", trades.sum(\.sums.archivedShares))
    line.put("reported_shares", trades.sum { $0.sums.reportedShares ?? 0 })
    line.put("before_start", trades.sum(\.sums.beforeStart))
    line.put("verified", trades.sum(\.sums.verified))
    line.put("missed_trades", trades.sum(\.missed.trades))
    line.put("missed_shares", trades.sum(\.missed.shares))
    line.put("unverifiable", trades.sum(\.unverifiable))
    line.put("duplicates", trades.sum(\.sums.duplicates))
    line.put("reversals", trades.sum(\.sums.reversals))
    line.put(lines.reduce(into: FlagCounts()) { $0.add($1.audit.flags) })
    line.put("rejects", rejects.total)
    return line
  }
}
