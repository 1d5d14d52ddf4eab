import Completeness
import Plumbing

/// The ledgers of all symbols of all trade channels, live: each record is judged as it comes, and what is missing is told
/// at once, as gap records.
///
/// A loss is claimed on a channel that keeps the identities (`ChannelTrust`, anew each day, as in the audit of an archive);
/// what was suspected before is claimed as soon as it does. A record costs a look at eight columns and at a table: nothing
/// is allocated but for a new symbol and for a loss.
public struct TradeLedger: ~Copyable {
  /// One symbol on one channel. Plain memory.
  struct Entry {
    /// What is faster to judge than by the ledger, and told to it later (`settleRun`).
    /// First, so that a pointer to the entry is one to the run (`run(of:)`).
    var run = PlainTrade.Run()
    var ledger = SymbolLedger()
    var multiplier: MultiplierChoice
    let channel: Int
    /// When its last record came.
    var seen: Milliseconds
    /// Whether the book has something that its next record settles.
    var isAwaited = false
    /// The last price that was judged in full, the close before, and the day that it is of.
    var price = Decimal(0)
    var previousClose = Double.nan
    var closeDay = Int.min
  }

  /// One channel.
  struct ChannelState {
    var trust = ChannelTrust()
    var standing = ChannelTrust.Standing.learning
    var day = Int.min
    var counts = TradeCounts()
    var multipliers: [Int64] = []
    /// Neighbours that kept the identities and are not noted yet.
    var kept: Int64 = 0
    /// Whether a record has come.
    var isUsed = false
  }

  private let readers: UnsafeMutableBufferPointer<TradeReader>
  private let plains: UnsafeMutableBufferPointer<PlainTrade?>
  /// How plain trades of the frame at hand are told; nil: each is judged in full.
  private var plain: PlainTrade?
  /// Whether neighbours are judged in full, so that the channel is trusted as soon as it can be.
  private var isLearning = true
  private var days = TradeDays()
  private var places = SymbolPlaces()
  /// The place of the record before in the same frame; -1: none.
  private var before = -1
  private(set) var entries: UnsafeMutablePointer<Entry>
  private var capacity = 64
  let channels: UnsafeMutableBufferPointer<ChannelState>
  var book: LossBook

  /// Nothing seen. A `seed` makes the ids of gaps repeatable.
  public init(seed: UInt64? = nil) {
    readers = .allocate(capacity: Channel.all.count * FrameLayouts.perChannel)
    readers.initialize(repeating: TradeReader())
    plains = .allocate(capacity: readers.count)
    plains.initialize(repeating: nil)
    channels = .allocate(capacity: Channel.all.count)
    channels.initialize(repeating: ChannelState())
    entries = .allocate(capacity: capacity)
    book = LossBook(seed: seed)
  }

  deinit {
    readers.deallocate()
    plains.deallocate()
    channels.deinitialize()
    channels.deallocate()
    entries.deallocate()
  }

  /// Says that records from here on are of this frame: something can have been lost before it.
  @inline(__always)
  public mutating func begin(_ frame: Frame) {
    before = -1
    let standing = channels[frame.channel.index].standing
    plain = standing == .unfit ? nil : plains[frame.layout]
    isLearning = standing == .learning
  }

  /// Whether a record that came at `time` is a trade that is judged.
  public mutating func judges(_ record: FrameRecord, at time: Milliseconds) -> Bool {
    prepare(record) && readers[record.layout].read(record, at: time, &days) != nil
  }

  /// Judges a record that came at `time` (of the wall clock). True when there is something to tell before it (`takeNews`).
  @inline(__always)
  public mutating func judge(
    _ record: FrameRecord, at time: Milliseconds, _ subject: @autoclosure () -> Subject
  ) -> Bool {
    if let plain {
      let place = places.glance(at: record)
      if place >= 0, place != before || !isLearning {
        let entry = entries + place
        if plain.continues(Self.run(of: entry), record) {
          entry.pointee.seen = time
          if place == before { channels[record.channel.index].kept &+= 1 }
          before = place
          return false
        }
      }
    }
    return judgeInFull(record, at: time, subject())
  }

  /// An entry's run, in its place: the first member stands where the entry does.
  @inline(__always)
  private static func run(of entry: UnsafeMutablePointer<Entry>) -> UnsafeMutablePointer<PlainTrade.Run> {
    assert(MemoryLayout<Entry>.offset(of: \.run) == 0)
    return UnsafeMutableRawPointer(entry).assumingMemoryBound(to: PlainTrade.Run.self)
  }

  /// As `judge`, of any record.
  @inline(never)
  private mutating func judgeInFull(
    _ record: FrameRecord, at time: Milliseconds, _ subject: @autoclosure () -> Subject
  ) -> Bool {
    if readers[record.layout].state != .ready, !prepare(record) { return false }
    guard let trade = readers[record.layout].read(record, at: time, &days) else { return false }
    let place = places.place(of: record)
    if place == book.subjects.count { add(subject(), record.channel, time) }
    settleRun(place)
    if let price = trade.price {
      entries[place].price = price
      if trade.day != entries[place].closeDay {
        entries[place].closeDay = trade.day
        entries[place].previousClose = readers[record.layout].previousClose(record, price)
      }
    }
    defer {
      if !entries[place].isAwaited, let plain = plains[record.layout],
        let totals = entries[place].ledger.settled
      {
        entries[place].run.shares = totals.shares
        entries[place].run.value = totals.value ?? 0
        entries[place].run.sided = totals.sided ?? 0
        entries[place].run.date = plain.date(of: record)
      }
    }
    return judge(trade, place, at: time)
  }

  /// Tells the ledger what was judged without it.
  func settleRun(_ place: Int) {
    let run = entries[place].run
    entries[place].run.date = 0
    guard run.count > 0 else { return }
    entries[place].run.count = 0
    entries[place].price = Decimal(run.price)
    let channel = entries[place].channel
    channels[channel].counts.verified += run.count
    let before = entries[place].ledger.sums.archivedShares
    entries[place].ledger.verify(
      run.count, upTo: TradeTotals(shares: run.shares, value: run.value, sided: run.sided))
    channels[channel].counts.shares.add(entries[place].ledger.sums.archivedShares.minus(before))
  }

  private mutating func judge(_ trade: Trade, _ place: Int, at time: Milliseconds) -> Bool {
    let entry = entries + place
    let channel = entry.pointee.channel
    if trade.day != channels[channel].day { turn(channel, to: trade.day) }
    let before = entry.pointee.ledger.day == trade.day ? entry.pointee.ledger.sums : LedgerSums()
    let isNeighbour = place == self.before && entry.pointee.ledger.isCertain
    let verdict: Verdict
    if case .known(let multiplier) = entry.pointee.multiplier {
      verdict = entry.pointee.ledger.judge(trade, multiplier: multiplier)
    } else {
      verdict = entry.pointee.ledger.judge(
        trade, among: channels[channel].multipliers, &entry.pointee.multiplier)
    }
    let hasTurned = isNeighbour && learn(verdict, channel)
    self.before = place
    defer { entry.pointee.seen = time }
    if case .verified = verdict, channels[channel].standing != .unfit, !hasTurned, !entry.pointee.isAwaited,
      entry.pointee.ledger.sums.missed == before.missed
    {
      channels[channel].counts.verified &+= 1
      channels[channel].counts.shares.add(trade.size)
      return false
    }
    channels[channel].counts.duplicates += entry.pointee.ledger.sums.duplicates - before.duplicates
    let found = before.missed + verdict.loss - entry.pointee.ledger.sums.missed
    settle(verdict, found.shares > 0 ? found : nil, trade, place, at: time, hasTurned)
    return !book.news.isEmpty
  }

  /// Notes a verdict on a neighbour; true when from now on something else may be claimed of the channel.
  private func learn(_ verdict: Verdict, _ channel: Int) -> Bool {
    channels[channel].trust.keep(channels[channel].kept)
    channels[channel].kept = 0
    channels[channel].trust.note(verdict)
    let standing = channels[channel].trust.standing
    if standing == channels[channel].standing { return false }
    channels[channel].standing = standing
    return true
  }

  /// Makes a layout ready when its first record comes. Whether it has trades that are judged.
  @inline(never)
  @discardableResult
  private func prepare(_ record: FrameRecord) -> Bool {
    if readers[record.layout].state == .unknown {
      let row = record.channel.row
      let layout = row.layouts[record.layout % FrameLayouts.perChannel]
      readers[record.layout] = TradeReader(layout, of: row.product)
      plains[record.layout] = PlainTrade(layout)
      channels[record.channel.index].multipliers = layout.trade?.multipliers ?? []
    }
    return readers[record.layout].state == .ready
  }

  @inline(never)
  private mutating func add(_ subject: Subject, _ channel: Channel, _ time: Milliseconds) {
    let place = book.add(subject)
    if place == capacity {
      let more = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
      more.moveInitialize(from: entries, count: capacity)
      entries.deallocate()
      entries = more
      capacity *= 2
    }
    let multipliers = channels[channel.index].multipliers
    (entries + place).initialize(
      to: Entry(
        multiplier: MultiplierChoice(among: multipliers), channel: channel.index, seen: time))
    channels[channel.index].isUsed = true
  }

  /// A channel's first record of a day: what it was trusted for yesterday says nothing about today.
  @inline(never)
  private mutating func turn(_ channel: Int, to day: Int) {
    guard day > channels[channel].day else { return }
    channels[channel].day = day
    channels[channel].trust = ChannelTrust()
    channels[channel].kept = 0
    channels[channel].standing = .learning
    for place in book.subjects.indices where entries[place].channel == channel {
      book.suspicions[place] = nil
      book.claims[place] = nil
    }
  }
}

extension Verdict {
  /// What is missing before the record.
  var loss: Loss {
    if case .missed(let loss) = self { return loss }
    return .none
  }
}
