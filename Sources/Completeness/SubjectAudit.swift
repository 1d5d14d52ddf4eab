import Market
import Plumbing
import Values

/// What one feed of one symbol did on one day.
struct SubjectAudit: Sendable {
  /// Gaps of one reason.
  struct Gaps: Sendable {
    private(set) var count: Int64 = 0
    private(set) var milliseconds: Int64 = 0
    private(set) var critical = 0
    /// What they say was missed in them, by the running totals; nil where none says so.
    private(set) var missed: Loss?

    /// What a loss is called that was told live.
    static let ofLosses = "missed_trades"
    /// From how long on a gap is CRITICAL, milliseconds (DESIGN 3).
    private static let criticalFrom: Int64 = 300_000

    mutating func add(_ gap: GapFact) {
      count += 1
      milliseconds.add(gap.milliseconds)
      // How long a loss was looked for says nothing about how bad it is: the ledger does.
      if gap.milliseconds >= Self.criticalFrom, gap.reason != Self.ofLosses { critical += 1 }
      guard let loss = gap.missed else { return }
      missed = (missed ?? .none) + loss
    }
  }

  /// How many members `raw` had in how many records: a layout that changed shows. Bounded.
  struct Layouts: Sendable {
    private(set) var counts: [(members: Int32, records: Int64)] = []
    private static let most = 8

    @inline(__always)
    mutating func note(_ members: Int32) {
      if let first = counts.first, first.members == members {
        counts[0].records += 1
      } else {
        noteOther(members)
      }
    }

    private mutating func noteOther(_ members: Int32) {
      if let place = counts.firstIndex(where: { $0.members == members }) {
        counts[place].records += 1
      } else if counts.count < Self.most {
        counts.append((members, 1))
      }
    }
  }

  let key: SubjectKey
  /// What a record calls it; empty where none does.
  let name: String
  /// What its trades carry.
  let totals: ChannelTotals
  /// Place of its channel's trust.
  let channel: Int
  var ledger = SymbolLedger()
  private(set) var multiplier: MultiplierChoice
  /// What is missing, and the totals before the first trade: for trades that come late into the archive.
  var stretches = MissingStretches()
  var start: TradeTotals?
  /// Capture of the trade that was read last, and whether it, or any, stood behind one that was captured later.
  var read = Int64.min
  var isReadLate = false, hasReadLate = false
  /// How often the exchange began to count anew, as far as that is certain.
  private var begun: Int64 = 0
  var records: Int64 = 0
  /// Earliest and latest capture, epoch milliseconds.
  var first = Int64.max
  var last = Int64.min
  /// Trades, each once.
  var prices = PriceRange()
  /// The trade with which the totals fell, and those since, until it is known what they were.
  private var fallen: (price: Decimal, size: Int64)?
  /// The totals before that trade and after the last one since.
  private var fallenFrom = TradeTotals(shares: 0), fallenTo = TradeTotals(shares: 0)
  private var since = PriceRange()
  private(set) var gaps: [String: Gaps] = [:]
  private var lasting = LastingGaps()
  /// Books whose best bid is not below the best ask.
  var crossed: Int64 = 0
  /// Prices beyond the day's limits, where the same answer names them.
  var outsideLimits: Int64 = 0
  /// What the guard's rules of values said of its records.
  var flags = FlagCounts()
  /// Capture of the trade before, epoch milliseconds.
  var lastTradeTime: Int64?
  /// Time from trade to capture, milliseconds.
  var captureTimes = CaptureTimes()
  var layouts = Layouts()
  /// The longest time without a record while trading was continuous, milliseconds; nil where the hours are not known.
  var longestSilence: Int64?
  /// Reasons are few; a file that invents more does not fill the memory.
  private static let maxReasons = 32

  init(_ key: SubjectKey, name: String, channel: Int) {
    self.key = key
    self.name = name
    self.channel = channel
    totals = ChannelTotals(product: key.product)
    multiplier = MultiplierChoice(among: totals.multipliers)
  }

  /// Judges a trade, and adds its price if it is here once.
  @inline(__always)
  mutating func judge(_ trade: Trade) -> Verdict {
    guard ledger.isCertain else { return judgeAfterFall(trade) }
    let verdict = judgeAlone(trade)
    switch verdict {
    case .verified, .duplicate: break
    default: place(trade, verdict)
    }
    guard verdict != .duplicate, let price = trade.price else { return verdict }
    if ledger.isCertain { prices.add(price, size: trade.size) } else { fallen = (price, trade.size) }
    return verdict
  }

  /// Notes where on the exchange's totals a record stands that does not go on from the one before.
  @inline(never)
  private mutating func place(_ trade: Trade, _ verdict: Verdict) {
    guard let totals = trade.totals else { return }
    let before = totals.before(own(trade))
    switch verdict {
    case .first: start = before
    case .missed: if ledger.isCertain { stretches.add(.init(from: ledger.missedFrom, to: before)) }
    case .reversal: (fallenFrom, fallenTo) = (before, totals)
    case .verified, .duplicate, .late, .unverifiable: break
    }
  }

  /// What a trade adds to the totals; no money as long as its contract's multiplier is not known.
  func own(_ trade: Trade) -> Loss { Loss(trade, multiplier.factor) }

  @inline(never)
  private mutating func judgeAfterFall(_ trade: Trade) -> Verdict {
    let before = ledger.sums
    let verdict = judgeAlone(trade)
    if ledger.isCertain || verdict == .reversal { settleFall(before) }
    if ledger.isCertain, ledger.sums.begun > begun { beginAnew() }
    place(trade, verdict)
    if !ledger.isCertain, verdict != .duplicate, let totals = trade.totals { fallenTo = totals }
    guard verdict != .duplicate, let price = trade.price else { return verdict }
    if ledger.isCertain {
      prices.add(price, size: trade.size)
    } else if verdict == .reversal {
      fallen = (price, trade.size)
    } else {
      since.add(price, size: trade.size)
    }
    return verdict
  }

  /// The exchange has begun to count anew: what was missing before has no place now.
  private mutating func beginAnew() {
    begun = ledger.sums.begun
    stretches = MissingStretches()
    start = TradeTotals(shares: 0)
  }

  /// Adds the prices of trades that are here once, as it is known now: `before` are the sums before it was.
  private mutating func settleFall(_ before: LedgerSums) {
    if ledger.sums.late > before.late {
      if let fallen { prices.add(fallen.price, size: fallen.size, place: .between) }
      prices.add(since, place: .between)
      _ = stretches.fill(.init(from: fallenFrom, to: fallenTo))
    } else if ledger.sums.reversals >= before.reversals {
      // What fell took trades back, or is the first of a new count.
      if ledger.sums.begun > begun, let fallen { prices.add(fallen.price, size: fallen.size) }
      prices.add(since)
      stretches.forget(beyond: fallenFrom.shares)
    }
    fallen = nil
    since = PriceRange()
  }

  @inline(__always)
  private mutating func judgeAlone(_ trade: Trade) -> Verdict {
    if case .known(let multiplier) = multiplier { return ledger.judge(trade, multiplier: multiplier) }
    return ledger.judge(trade, among: totals.multipliers, &multiplier)
  }

  /// Whether its records are trades that the ledger looks at.
  var isTrades: Bool { key.feed == "trades" && totals.hasShares }

  /// Takes a record of a gap; the gap if it is over with it.
  mutating func take(_ gap: GapFact) -> GapFact? { lasting.take(gap).flatMap { count($0) ? $0 : nil } }

  private mutating func count(_ gap: GapFact) -> Bool {
    guard gaps[gap.reason] != nil || gaps.count < Self.maxReasons else { return false }
    gaps[gap.reason, default: Gaps()].add(gap)
    return true
  }

  /// The archive ends. The gaps that nobody has ended.
  mutating func finish() -> [GapFact] {
    let before = ledger.sums
    ledger.finish()
    settleFall(before)
    return lasting.close().filter { count($0) }
  }

  /// Notes a value that is no trade's: an index has an open and a close too.
  mutating func note(value: Decimal?) {
    if let value { prices.add(value, size: 0) }
  }

  /// Notes a record's time; `calendar` tells how much of the time since the one before was continuous trading.
  mutating func note(time: Int64, _ calendar: MarketCalendar) {
    records += 1
    if last > Int64.min, time - last > longestSilence ?? 0 {
      if let silence = key.silence(from: last, to: time, calendar) {
        longestSilence = max(longestSilence ?? 0, silence)
      }
    }
    if time < first, let silence = key.silence(from: time, to: first, calendar), first < .max {
      longestSilence = max(longestSilence ?? 0, silence)
    }
    first = min(first, time)
    last = max(last, time)
  }
}
