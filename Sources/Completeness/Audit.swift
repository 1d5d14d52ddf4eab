import JSONBytes
import Market
import Plumbing

/// Goes through an archive's lines once and keeps, for every feed of every symbol and day, what was archived, what the
/// exchange reported and what is missing. Memory grows with symbols and days, not with lines.
public struct Audit {
  let calendar: MarketCalendar
  private(set) var subjects: [SubjectAudit] = []
  private(set) var trust: [ChannelTrust] = []
  /// Days that an earlier audit has judged.
  private(set) var known: [Int: KnownDay] = [:]
  private var places: [SubjectKey: Int] = [:]
  private var channels: [SubjectKey: Int] = [:]
  /// Of each reader, where its subjects are here; -1 for a day that is not asked for.
  private var readers: [[Int]] = []
  /// The subject of the line before, and the capture time of its trade: two trades of a symbol that were captured in one
  /// moment came in one frame.
  private var frame: (subject: Int, time: Int64) = (-1, 0)
  /// The day it looks at, days since 1970-01-01; nil: all.
  let only: Int?
  /// Lines that filters refused, by day.
  private(set) var rejects: [Int: DayRejects] = [:]
  /// Lines that are neither snapshots nor records.
  public private(set) var malformed: Int64 = 0

  /// What is kept for a page, of the last day only.
  var strips: DayStrips?

  /// An audit that asks `calendar` for sessions. `only` is the day it looks at (days since 1970-01-01, KST), nil: all.
  /// `draws` says that a page will be made: minutes, losses and gaps of the last day are kept.
  public init(calendar: MarketCalendar, only: Int? = nil, draws: Bool = false) {
    self.calendar = calendar
    self.only = only
    strips = draws ? DayStrips() : nil
  }

  /// Takes what a reader made of the lines that come next. `reader` is its number, from 0.
  public mutating func take(_ facts: AuditFacts, of reader: Int) {
    while readers.count <= reader { readers.append([]) }
    for (key, name) in facts.subjects { readers[reader].append(place(of: key, name)) }
    malformed += facts.badCount
    let places = readers[reader]
    var next = 0
    for line in facts.rare {
      while next < line.at {
        take(facts.facts[next], places)
        next += 1
      }
      take(line.line, places)
    }
    while next < facts.facts.count {
      take(facts.facts[next], places)
      next += 1
    }
  }

  private mutating func place(of key: SubjectKey, _ name: String) -> Int {
    if let only, key.day != only { return -1 }
    if let place = places[key] { return place }
    var channel = key
    channel.symbol = ""
    if channels[channel] == nil {
      channels[channel] = trust.count
      trust.append(ChannelTrust())
    }
    places[key] = subjects.count
    subjects.append(SubjectAudit(key, name: name, channel: channels[channel] ?? 0))
    return subjects.count - 1
  }

  @inline(__always)
  private mutating func take(_ fact: AuditFact, _ places: [Int]) {
    let place = places[Int(fact.subject)]
    guard place >= 0 else { return }
    let (first, last) = (subjects[place].first, subjects[place].last)
    subjects[place].note(time: fact.time, calendar)
    subjects[place].flags.add(fact.flags)
    if fact.layout >= 0 { subjects[place].layouts.note(fact.layout) }
    if fact.kind == .trade, subjects[place].totals.hasShares {
      takeTrade(fact, place, between: first, last)
    } else {
      if fact.isCrossed { subjects[place].crossed += 1 }
      if fact.isOutsideLimits { subjects[place].outsideLimits += 1 }
      if !subjects[place].totals.hasShares { subjects[place].note(value: fact.price) }
      strips?.note(place, subjects[place].key.day, fact, shares: 0, missed: nil)
    }
  }

  @inline(__always)
  private mutating func takeTrade(_ fact: AuditFact, _ place: Int, between first: Int64, _ last: Int64) {
    let trade = Trade(
      day: subjects[place].key.day, price: fact.price, size: fact.size,
      isSided: fact.isSided || subjects[place].totals.counts == .all,
      totals: fact.totals.map { subjects[place].totals.kept($0) })
    if subjects[place].isLate(trade, at: fact.time, after: last) {
      return takeLate(trade, fact, place, first)
    }
    let isNeighbour = frame == (place, fact.time) && subjects[place].ledger.isCertain
    let known = strips == nil ? nil : subjects[place].ledger.sums
    let verdict = subjects[place].judge(trade)
    if isNeighbour { note(verdict, ofNeighbour: trade, place) }
    frame = (place, fact.time)
    if let known { draw(trade, fact, verdict, known, place) }
    subjects[place].lastTradeTime = fact.time
    guard verdict != .duplicate, verdict != .reversal else { return }
    if let tradeTime = fact.tradeTime { subjects[place].captureTimes.add(fact.time - tradeTime) }
  }

  @inline(__always)
  private mutating func note(_ verdict: Verdict, ofNeighbour trade: Trade, _ place: Int) {
    trust[subjects[place].channel].note(verdict)
    guard case .missed = verdict, let totals = trade.totals else { return }
    subjects[place].stretches.markInFrame(endingAt: totals.shares.minus(trade.size))
  }

  /// Takes a trade that came late into the archive; `first` is the first capture of its subject before it.
  @inline(never)
  private mutating func takeLate(_ trade: Trade, _ fact: AuditFact, _ place: Int, _ first: Int64) {
    var heals = false
    let verdict = subjects[place].judgeLate(trade, heals: &heals)
    if heals { trust[subjects[place].channel].heal() }
    frame.subject = -1
    let totals = trade.totals?.shares ?? 0
    if case .late(let found) = verdict {
      if let tradeTime = fact.tradeTime { subjects[place].captureTimes.add(fact.time - tradeTime) }
      if found.shares > 0 {
        strips?.takeBack(late: found, after: totals.minus(trade.size), place, trade.day)
      } else if found.shares < 0 {
        let loss = LossNote(
          subject: place, from: fact.time, to: first, totals: totals..<totals.minus(found.shares),
          loss: -found)
        strips?.note(earlier: loss, trade.day)
      }
    }
    strips?.note(late: fact, place, trade.day, shares: verdict == .duplicate ? 0 : trade.size)
  }

  /// Notes for a page what a trade showed; `known` are the sums before it.
  private mutating func draw(
    _ trade: Trade, _ fact: AuditFact, _ verdict: Verdict, _ known: LedgerSums, _ place: Int
  ) {
    let before = (trade.totals?.shares ?? 0).minus(trade.size)
    let sums = subjects[place].ledger.sums
    var found = known.missed - sums.missed
    var missed: Loss?
    switch verdict {
    case .reversal: strips?.noteFall(place, trade.day, after: before)
    case .missed(let loss):
      found += loss
      missed = loss
      strips?.note(
        LossNote(
          subject: place, from: subjects[place].lastTradeTime, to: fact.time,
          totals: min(before, before.minus(loss.shares))..<before, loss: loss), trade.day)
    default: break
    }
    if found.shares > 0, sums.late > known.late {
      strips?.takeBack(late: found, place, trade.day)
    } else if found.shares > 0 {
      strips?.takeBack(repeated: found, place, trade.day)
    }
    let counts = verdict != .duplicate && verdict != .reversal
    strips?.note(place, trade.day, fact, shares: counts ? fact.size : 0, missed: missed)
  }

  private mutating func take(_ line: AuditFacts.Rare, _ places: [Int]) {
    switch line {
    case .day(let day): if day.day == only ?? day.day { known[day.day] = day }
    case .reject(let reject): rejects[reject.day, default: DayRejects()].note(reject)
    case .gap(let gap):
      let place = places[Int(gap.subject)]
      guard place >= 0 else { return }
      if let gap = subjects[place].take(gap) { strips?.note(gap, place, subjects[place].key.day) }
    }
  }

  /// All lines are taken: what waited for a later one is settled as it stands.
  public mutating func finish() {
    for place in subjects.indices {
      let day = subjects[place].key.day
      let known = subjects[place].ledger.sums.missed
      for gap in subjects[place].finish() { strips?.note(gap, place, day) }
      let found = known - subjects[place].ledger.sums.missed
      if found.shares > 0 { strips?.takeBack(late: found, place, day) }
    }
  }
}
