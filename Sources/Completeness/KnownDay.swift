import JSONBytes
import Plumbing

/// What an earlier audit said of a day: its line `{"audit":"day",…}`, read again.
struct KnownDay: Sendable {
  /// Days since 1970-01-01, KST.
  let day: Int
  let condition: DayCondition
  let reasons: [DayReason]
  /// Reasons that it has beside these.
  let more: Int64

  /// Reads a line; nil when it does not say a date and a condition.
  init?(_ line: JSONValue) {
    guard let day = line["date"]?.string.flatMap(KST.day(ofDate:)),
      let condition = line["condition"]?.string.flatMap({ DayCondition(rawValue: $0) })
    else { return nil }
    self.day = day
    self.condition = condition
    let listed = line["reasons"]?.elements ?? []
    reasons = listed.compactMap { DayReason($0) }
    more = (line["more_reasons"]?.count ?? 0).plus(Int64(listed.count - reasons.count))
  }
}

extension DayReason {
  /// Adds the members that `init(_:)` reads, and the text for people.
  func put(in object: inout JSONMembers) {
    object.put("code", text: code)
    if let (symbol, market) = subject {
      object.put("symbol", text: symbol)
      if !market.isEmpty { object.put("market", text: market) }
    }
    switch self {
    case .missedTrades(_, _, let shares, let total), .lateStart(_, _, let shares, let total):
      object.put("shares", shares)
      object.put("of", total)
    case .unverifiable(_, _, let records): object.put("records", records)
    case .unproven(let channel): object.put("channel", text: channel)
    case .earlyEnd(let market, let last, let close):
      object.put("market", text: market)
      object.put("last", text: last)
      object.put("close", text: close)
    case .criticalGap(_, _, let feed, let reason, let seconds):
      object.put("feed", text: feed)
      object.put("reason", text: reason)
      object.put("seconds", seconds)
    }
    object.put("text", text: text)
  }

  /// Reads a reason that `put` wrote; nil for any other. Numbers are counts, 0 to 2^53.
  init?(_ object: JSONValue) {
    func text(_ name: String) -> String { String((object[name]?.string ?? "").prefix(64)) }
    func number(_ name: String) -> Int64 { object[name]?.count ?? 0 }
    guard ["symbol", "channel", "market"].contains(where: { object[$0]?.string != nil }) else { return nil }
    let (symbol, market) = (text("symbol"), text("market"))
    switch object["code"]?.string {
    case "missed_trades":
      self = .missedTrades(symbol: symbol, market: market, shares: number("shares"), of: number("of"))
    case "late_start":
      self = .lateStart(symbol: symbol, market: market, shares: number("shares"), of: number("of"))
    case "unverifiable": self = .unverifiable(symbol: symbol, market: market, records: number("records"))
    case "unproven": self = .unproven(channel: text("channel"))
    case "early_end": self = .earlyEnd(market: market, last: text("last"), close: text("close"))
    case "critical_gap":
      self = .criticalGap(
        symbol: symbol, market: market, feed: text("feed"), reason: text("reason"), seconds: number("seconds")
      )
    default: return nil
    }
  }
}
