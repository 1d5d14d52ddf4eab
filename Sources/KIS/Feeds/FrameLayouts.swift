/// What cutting a frame needs of every layout: plain memory, in the order of the feed table.
struct FrameLayouts: ~Copyable {
  /// Most layouts of a channel: the newest, and one of another order.
  static let perChannel = 2

  /// One layout.
  struct Facts {
    /// The smallest record, the newest known, and what would be two records; 0 where there is no such layout.
    var minimum = 0, newest = 0, limit = 0
    /// The column of the time; -1: none.
    var time = -1
    /// The date, if the record has one, and the time in KST; -1: none.
    var clock: (date: Int, time: Int) = (-1, -1)
    var key = KeyForm.stock
    /// Bit n: n fields more than the smallest record are a length that is known.
    fileprivate var known: UInt64 = 0
    fileprivate var anchorCount = 0

    /// Whether records of this length have been described or seen, with the known columns in their places.
    @inline(__always)
    func isKnown(_ stride: Int) -> Bool {
      stride &- minimum < 64 && known &>> UInt64(stride &- minimum) & 1 != 0
    }
  }

  private let facts: UnsafeMutablePointer<Facts>
  private let anchors: UnsafeMutablePointer<FieldAnchor>
  /// The layouts themselves, of the channels that have come.
  private var layouts: [Int: (layout: FeedLayout, order: PriceOrder)] = [:]

  /// Most anchors of a layout.
  private static let slots = 10

  init() {
    let count = FeedTable.rows.count * Self.perChannel
    facts = .allocate(capacity: count)
    facts.initialize(repeating: Facts(), count: count)
    anchors = .allocate(capacity: count * Self.slots)
  }

  deinit {
    facts.deallocate()
    anchors.deallocate()
  }

  /// Makes a channel ready: its first frame has come.
  @inline(never)
  private mutating func prepare(_ channel: Channel) {
    let row = channel.row
    let all = row.layouts
    precondition(all.count <= Self.perChannel, "\(row.transactionID) has too many layouts")
    for (index, layout) in all.enumerated() {
      let place = first(of: channel) + index
      let clock = layout.clock
      precondition(layout.anchors.count <= Self.slots, "\(row.transactionID) has too many anchors")
      facts[place] = Facts(
        minimum: layout.minimum, newest: layout.newest, limit: layout.limit, time: clock.time, clock: clock,
        key: row.key, known: layout.lengths.reduce(0) { $0 | 1 << UInt64($1 - layout.minimum) },
        anchorCount: layout.anchors.count)
      for (slot, column) in layout.anchors.enumerated() {
        (anchors + place * Self.slots + slot).initialize(to: FieldAnchor(column, layout.columns.kind(column)))
      }
      layouts[place] = (layout, PriceOrder(layout, before: layout.minimum))
    }
  }

  /// The newest layout of a channel.
  @inline(__always)
  func first(of channel: Channel) -> Int { channel.index &* Self.perChannel }

  /// The newest layout that a record with `stride` fields is long enough for; nil when it is too short for all.
  @inline(__always)
  mutating func find(_ channel: Channel, _ stride: Int) -> Int? {
    let first = first(of: channel)
    if facts[first].minimum == 0 { prepare(channel) }
    if stride >= facts[first].minimum { return first }
    let other = facts[first + 1].minimum
    return other > 0 && stride >= other ? first + 1 : nil
  }

  @inline(__always)
  subscript(layout: Int) -> Facts { facts[layout] }

  /// The columns of a layout that has come, where speed does not matter.
  func columns(_ layout: Int) -> FeedColumns { layouts[layout]?.layout.columns ?? FeedColumns("") }

  /// The order of the prices among those of its columns that records of every length have.
  func order(_ layout: Int) -> PriceOrder? { layouts[layout]?.order }

  /// How many anchors of a layout stand before a column.
  @inline(__always)
  func anchorCount(_ layout: Int, before end: Int) -> Int {
    let first = anchors + layout &* Self.slots
    var count = facts[layout].anchorCount
    while count > 0, first[count &- 1].column >= end { count &-= 1 }
    return count
  }

  /// Whether the first `count` anchors hold what they should.
  @inline(__always)
  func hold(_ record: FrameRecord, _ count: Int) -> Bool {
    let first = anchors + record.layout &* Self.slots
    for place in 0..<count where !first[place].passes(record) {
      if !judge(record, first[place].column) { return false }
    }
    return true
  }

  @inline(never)
  private func judge(_ record: FrameRecord, _ column: Int) -> Bool {
    columns(record.layout).kind(column).fits(record.start(column), record.length(column))
  }
}
