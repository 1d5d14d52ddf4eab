import Plumbing

/// For a sample now and then: it looks the columns up by name.
extension FrameRecord {
  /// The moment of the record's trade, in the exchange's whole seconds, as `inputs.trade_time` of its snapshot says it; nil
  /// where the ledger judges no trades of its channel, or where it says none.
  public func tradeTime(received: Milliseconds) -> Milliseconds? {
    let layouts = channel.row.layouts
    let layout = layouts[layout % FrameLayouts.perChannel]
    let clock = layout.clock
    guard layout.trade != nil, clock.time >= 0, max(clock.date, clock.time) < stride else { return nil }
    let date = clock.date >= 0 ? field(clock.date) : UnsafeBufferPointer(start: nil, count: 0)
    return SnapshotTime.instant(date: date, time: field(clock.time), received: received)
  }
}
