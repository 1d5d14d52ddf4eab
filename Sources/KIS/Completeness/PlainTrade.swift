/// The way of nearly all trades: a record whose totals are those of the one before and itself.
///
/// It is seen without checking a digit: a byte that is none adds up only where its low half is the digit that belongs
/// there. What does not add up is read with care (`TradeReader`).
struct PlainTrade {
  /// Columns; what `TradeColumns` says.
  private let price: Int, size: Int, shares: Int, value: Int, sells: Int, buys: Int, side: Int, date: Int

  /// Nil for a layout that lacks one of the totals, a side or a date, whose value has another unit, or whose columns
  /// stand so near to the end of a record that eight bytes cannot be read there.
  init?(_ layout: FeedLayout) {
    guard let trade = layout.trade, trade.multipliers == [1], let value = trade.value,
      let sells = trade.sells, let buys = trade.buys, let side = trade.side, let date = trade.date
    else { return nil }
    price = layout.columns[trade.price]
    size = layout.columns[trade.size]
    shares = layout.columns[trade.shares]
    self.value = layout.columns[value]
    self.sells = layout.columns[sells]
    self.buys = layout.columns[buys]
    self.side = layout.columns[side]
    self.date = layout.columns[date]
    let last = [price, size, shares, self.value, self.sells, self.buys, self.side, self.date].max() ?? 0
    guard last + 8 < layout.minimum else { return nil }
  }

  /// The totals of a symbol after a record, and the run of plain trades that led to them. Plain memory.
  struct Run {
    var shares: Int64 = 0, value: Int64 = 0, sided: Int64 = 0
    /// The date of the record, as it lies in memory; 0: the next record is not to be taken for a plain one.
    var date: UInt64 = 0
    /// Trades since the run was last told to the ledger, and the price of the last one.
    var count: Int64 = 0, price: Int64 = 0
  }

  /// The date of a record, as it lies in memory.
  @inline(__always)
  func date(of record: FrameRecord) -> UInt64 {
    UnsafeRawPointer(record.start(date)).loadUnaligned(as: UInt64.self)
  }

  /// Whether the record goes on from the run; then the run includes it.
  @inline(__always)
  func continues(_ run: UnsafeMutablePointer<Run>, _ record: FrameRecord) -> Bool {
    let size = record.few(size)
    let price = record.few(price)
    let amount = price &* size
    let shares = run.pointee.shares &+ size
    let value = run.pointee.value &+ amount
    let code = record.start(side).pointee
    let sided = run.pointee.sided &+ (code == 0x31 || code == 0x35 ? 1 : 0)
    let odd =
      (record.many(self.shares) ^ shares) | (record.many(self.value) ^ value)
      | (record.sum(sells, buys) ^ sided) | Int64(bitPattern: date(of: record) ^ run.pointee.date)
    guard odd == 0, amount > 0 else { return false }
    run.pointee.shares = shares
    run.pointee.value = value
    run.pointee.sided = sided
    run.pointee.count &+= 1
    run.pointee.price = price
    return true
  }
}
