import Foundation
import TestSupport
import Testing

/// What kis-fetch has said about missing trades: by its gap records, symbol by symbol, and by its metrics.
struct LiveLedger {
  /// Trades, shares and money.
  struct Sum: Equatable {
    var trades = 0, shares = 0, value = 0

    static func + (one: Sum, other: Sum) -> Sum {
      Sum(
        trades: one.trades + other.trades, shares: one.shares + other.shares, value: one.value + other.value)
    }

    static func - (one: Sum, other: Sum) -> Sum {
      Sum(
        trades: one.trades - other.trades, shares: one.shares - other.shares, value: one.value - other.value)
    }
  }

  /// Losses that were told on their own, those taken back included.
  private(set) var losses: [String: Sum] = [:]
  /// What the ends of gaps say.
  private(set) var ends: [String: Sum] = [:]
  /// Records of losses by their cause.
  private(set) var causes: [String: Int] = [:]
  /// The totals before the first trade of a symbol, and after its last.
  private(set) var edges: [String: (first: Sum, last: Sum)] = [:]
  /// The trades that came.
  private(set) var seen: [String: Sum] = [:]
  private let metrics: [Substring]

  /// Reads what kis-fetch wrote, and its metrics file.
  init(_ output: [UInt8], metrics path: String) throws {
    metrics = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    for text in String(decoding: output, as: UTF8.self).split(separator: "\n") {
      let line = try Line(String(text))
      if !line.isGap { try note(line) }
      guard line.isFinal, let symbol = line.symbol,
        let state = line["observation", "state"] as? [String: Any],
        let trades = state["missed_trades"] as? Int
      else { continue }
      let sum = Sum(
        trades: trades, shares: try #require(state["missed_volume"] as? Int),
        value: try #require(state["missed_value"] as? Int))
      if line.reason == "missed_trades" {
        losses[symbol] = (losses[symbol] ?? Sum()) + sum
        causes[try #require(state["cause"] as? String), default: 0] += 1
      } else {
        ends[symbol] = (ends[symbol] ?? Sum()) + sum
      }
    }
  }

  private mutating func note(_ line: Line) throws {
    guard let symbol = line.symbol, let inputs = line["observation", "inputs"] as? [String: Any],
      let raw = inputs["raw"] as? [String: String]
    else { return }
    func number(_ name: String) -> Int { (inputs[name] as? Int) ?? 0 }
    let size = number("trade_size")
    var totals = Sum(trades: 0, shares: number("volume"), value: number("value"))
    totals.trades = (Int(raw["seln_cntg_csnu"] ?? "") ?? 0) + (Int(raw["shnu_cntg_csnu"] ?? "") ?? 0)
    let own = Sum(trades: 1, shares: size, value: size * number("price"))
    edges[symbol] = (edges[symbol]?.first ?? totals - own, totals)
    seen[symbol] = (seen[symbol] ?? Sum()) + own
  }

  /// What was traded between two moments at which the simulator told its totals, and lies outside of what came.
  func outside(_ symbol: String, from start: Sum, to end: Sum) -> Sum {
    guard let edges = edges[symbol] else { return end - start }
    return (edges.first - start) + (end - edges.last)
  }

  /// All that is missing of a symbol.
  func missing(_ symbol: String) -> Sum { (losses[symbol] ?? Sum()) + (ends[symbol] ?? Sum()) }

  /// The sum of a metric over all series whose labels hold `label`.
  func metric(_ name: String, _ label: String = "") -> Int {
    metrics.reduce(0) { sum, line in
      guard line.hasPrefix(name + "{"), label.isEmpty || line.contains(label),
        let number = line.split(separator: " ").last
      else { return sum }
      return sum + (Int(number) ?? 0)
    }
  }

  /// What the metrics say is missing: all causes, less what was taken back. (They do not sum money.)
  var missingByMetrics: Sum {
    func net(_ name: String) -> Int {
      metric(name) - 2 * (metric(name, "cause=\"came_late\"") + metric(name, "cause=\"withdrawn\""))
    }
    return Sum(trades: net("observer_missed_trades_total"), shares: net("observer_missed_shares_total"))
  }
}
