import Plumbing

/// The time of a feed does not go back.
enum TimeBackRule: MarketRule {
  static let flag = MarketFlag.timeBack

  @inline(__always)
  static func judge(_ line: MarketLine, _ state: SubjectState, _ limits: MarketLimits) -> Finding {
    guard line.isTrade || line.isBook else { return .nothing }
    let latest = line.isTrade ? state.tradeTimes : state.bookTimes
    let step: Int64
    if let time = line.exchangeTime {
      guard let last = latest.exchange else { return .nothing }
      step = last.count - time.count
    } else {
      guard let time = line.received, let last = latest.received else { return .nothing }
      step = last.count - time.count
    }
    if step <= 0 { return .nothing }
    if step >= limits.timeBackBlock.asMilliseconds {
      return .blocked(Measure(milliseconds: step), limit: Measure(limits.timeBackBlock))
    }
    return Finding(flags: step >= limits.timeBackIgnore.asMilliseconds)
  }
}
