import Foundation
import TestSupport
import Testing

/// Missing trades through lost connections, and the same from a recording.
@Suite struct KisFetchMissingTests {
  private static let symbols = ["005930", "000660"]

  /// Trades are lost one by one, and two connections with what was traded meanwhile: the gap records add up to what the
  /// simulator did, a reconnect's cost stands in its gap's end, and a recording gives the same losses again.
  @Test func whatReconnectsCostIsInTheirEnds() throws {
    let simulator = try Simulator([
      "--ticks-per-second", "1200", "--bundle", "9", "--books-per-second", "0", "--seed", "3", "--lose",
      "0.004",
    ])
    let (metrics, recording) = (simulator.cache + "/fetch.prom", simulator.cache + "/wire")
    let running = try simulator.start(["--feed", "trades", "--metrics", metrics, "--record", recording])
    running.write("005930\n000660\n")
    for session in 1...3 {
      try #require(
        Tool.waitUntil(30) { (try? simulator.webSocketStats()["subscribes"] as? Int) == session * 2 })
      let before = running.out.count
      try #require(Tool.waitUntil(20) { running.out.count > before + 1_500_000 })
      if session < 3 { try simulator.fault(#"{"name":"cut"}"#) }
    }
    for symbol in Self.symbols { try simulator.fault(#"{"name":"halt","symbol":"\#(symbol)"}"#) }
    running.signal(SIGTERM)
    let outcome = running.wait(timeout: 20)
    let live = try LiveLedger(outcome.out, metrics: metrics)
    let account = try #require((try simulator.stats()["trades"] as? [String: Any])?["KRX"] as? [String: Any])
    var all = LiveLedger.Sum()
    for symbol in Self.symbols {
      func done(_ fate: String, _ names: [String] = ["trades", "shares", "value"]) throws -> LiveLedger.Sum {
        let sum = try #require((account[symbol] as? [String: Any])?[fate] as? [String: Int])
        return LiveLedger.Sum(
          trades: sum[names[0]] ?? 0, shares: sum[names[1]] ?? 0, value: sum[names[2]] ?? 0)
      }
      let totals = ["sided_trades", "volume", "value"]
      // What went on before the first record or after the last one shows in no record. (Of what was sent at the end some
      // may not have been read.)
      let traded = try done("now", totals) - done("at_start", totals)
      let unseen = try live.outside(symbol, from: done("at_start", totals), to: done("now", totals))
      let seen = try #require(live.seen[symbol])
      #expect(live.missing(symbol) + seen == traded - unseen, "\(symbol)")
      #expect(try done("unheard").trades >= 6, "nothing was traded while nobody listened")
      // A trade that got lost right beside a cut is told with those that nobody heard.
      let beside = try #require(live.ends[symbol]) - done("unheard")
      #expect(beside == LiveLedger.Sum() || (1...2).contains(beside.trades), "\(symbol)")
      #expect(live.losses[symbol]?.trades ?? 0 > 0)
      all = all + live.missing(symbol)
    }
    all.value = 0
    #expect(live.missingByMetrics == all)
    // The simulator loses trades inside frames too: early in the day a few of them can make the channel doubtful for a while.
    // (And a busy machine stops kis-fetch itself now and then.)
    #expect(Set(live.causes.keys).subtracting(["withdrawn", "paused"]) == ["not_received"])
    try Self.expect(board: simulator.cache + "/board.json", live)
    let replay = try Tool.run(
      "kis-fetch", ["--replay", recording, "--speed", "max"], env: ["OBSERVER_SESSION_ID": "s"])
    let again = try LiveLedger(replay.out, metrics: metrics)
    // A recording does not say that a connection was lost: there it is a loss like others.
    for symbol in Self.symbols { #expect(again.missing(symbol) == live.missing(symbol)) }
  }

  /// What the live page is told is what was written.
  private static func expect(board path: String, _ live: LiveLedger) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let board = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let rows = try #require(board["symbols"] as? [[String: Any]])
    #expect(rows.compactMap { $0["symbol"] as? String } == symbols)
    for row in rows {
      let symbol = try #require(row["symbol"] as? String)
      #expect(row["trades"] as? Int == live.seen[symbol]?.trades, "\(symbol)")
      #expect(row["missed_trades"] as? Int == live.missing(symbol).trades, "\(symbol)")
      #expect(row["missed_shares"] as? Int == live.missing(symbol).shares, "\(symbol)")
      #expect((row["losses"] as? [[Int]])?.isEmpty == false && (row["gaps"] as? [[Int]])?.isEmpty == false)
      let minutes = try #require(row["records"] as? String).split(separator: ",").compactMap { Int($0) }
      #expect(minutes.reduce(0, +) == live.seen[symbol]?.trades)
    }
  }
}
