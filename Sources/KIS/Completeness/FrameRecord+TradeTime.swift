import Plumbing

/// For a sample now and then: it looks the columns up by name.
extension FrameRecord {
  /// The moment of the record's trade, in the exchange's whole seconds, as `inputs.trade_time` of its snapshot says it; nil
  /// where the ledger judges no trades of its channel, or where it says none.
  public func tradeTime(received: Milliseconds) -> Milliseconds? {
    let layouts = channel.row.layouts
    let layout = layouts[layout % FrameLayouts.perChannel]
    guard layout.trade != nil else { return nil }
    for member in layout.members {
      switch member {
      case .time("trade_time", let date, let time):
        return SnapshotTime.instant(
          date: column(layout, date), time: column(layout, time), received: received)
      case .exchangeTime("trade_time", let date, let time, let koreanDate, let koreanTime):
        return SnapshotTime.zoned(
          date: column(layout, date), time: column(layout, time), koreanDate: column(layout, koreanDate),
          koreanTime: column(layout, koreanTime))?.instant
      default: continue
      }
    }
    return nil
  }

  /// A column by its name; empty where there is none.
  private func column(_ layout: FeedLayout, _ name: String?) -> UnsafeBufferPointer<UInt8> {
    guard let place = name.map({ layout.columns[$0] }), place < stride else {
      return UnsafeBufferPointer(start: nil, count: 0)
    }
    return field(place)
  }
}
