import Foundation
import TestSupport
import Testing

/// snap-audit at the pipe: its numbers are held against what the simulator did, and against real frames.
@Suite struct SnapAuditTests {
  /// What the simulator does to trades, its option, and the members of the two accounts that must agree.
  struct Kind: Sendable, CustomTestStringConvertible {
    let option: String
    let rate: String
    /// The simulator's word.
    let done: String
    /// The audit's member.
    let said: String

    var testDescription: String { option }
  }

  static let kinds = [
    Kind(option: "--lose", rate: "0.003", done: "lost", said: "missed_trades"),
    Kind(option: "--double", rate: "0.02", done: "doubled", said: "duplicates"),
    Kind(option: "--reverse", rate: "0.01", done: "reversed", said: "reversals"),
    Kind(option: "--swap", rate: "0.003", done: "swapped", said: "late"),
  ]

  /// Each kind of loss: done by the simulator, said live by gap records and metrics, and said by the audit, to the trade and
  /// to the share.
  @Test(arguments: kinds) func whatWasDoneIsSaid(kind: Kind) throws {
    let simulator = try Simulator([
      "--ticks-per-second", "3000", "--bundle", "3", "--subscribed", "--count", "3000", "--seed", "11",
      kind.option, kind.rate,
    ])
    let metrics = simulator.cache + "/fetch.prom"
    let running = try simulator.start(["--feed", "trades", "--metrics", metrics])
    running.write("005930\n000660\n035420\n")
    try #require(Tool.waitUntil(40) { (try? simulator.stats()["count_reached"] as? Bool) == true })
    running.signal(SIGTERM)
    let archive = running.wait(timeout: 20)
    let live = try LiveLedger(archive.out, metrics: metrics)
    let account = try #require((try simulator.stats()["trades"] as? [String: Any])?["KRX"] as? [String: Any])
    let audit = try Tool.run("snap-audit", ["--format", "ndjson"], input: archive.out)
    #expect(audit.status == 0, "\(audit.errText)")
    var total = 0
    var missing = LiveLedger.Sum()
    var sums: [String: Int] = [:]
    for line in try Line.all(audit) where line["audit"] as? String == "subject" {
      let symbol = try #require(line["symbol"] as? String)
      let truth = try #require(account[symbol] as? [String: Any])
      func done(_ word: String, _ unit: String) -> Int {
        ((truth[word] as? [String: Any])?[unit] as? Int) ?? 0
      }
      func said(_ member: String) -> Int { (line[member] as? Int) ?? -1 }
      #expect(line["channel"] as? String == "trusted")
      for kind in Self.kinds {
        #expect(said(kind.said) == done(kind.done, "trades"), "\(symbol) \(kind.said)")
      }
      #expect(said("missed_shares") == done("lost", "shares"), "\(symbol)")
      #expect(said("shares") == done("sent", "shares") - done("reversed", "shares"), "\(symbol)")
      #expect(said("unverifiable") == 0)
      let lost = LiveLedger.Sum(
        trades: done("lost", "trades"), shares: done("lost", "shares"), value: done("lost", "value"))
      #expect(live.missing(symbol) == lost, "\(symbol) live")
      missing = missing + lost
      for kind in Self.kinds { sums[kind.done, default: 0] += done(kind.done, "trades") }
      total += done(kind.done, "trades")
    }
    #expect(total > 3, "the simulator did nothing of the kind")
    missing.value = 0
    #expect(live.missingByMetrics == missing)
    #expect(live.ends.isEmpty)
    #expect(live.metric("observer_duplicate_trades_total") == sums["doubled"])
    #expect(live.metric("observer_reversed_trades_total") == (sums["reversed"] ?? 0) + (sums["swapped"] ?? 0))
    #expect(live.metric("observer_missed_trades_total", "came_late") == sums["swapped"])
    #expect(live.metric("observer_unverifiable_trades_total") + live.metric("observer_suspected_trades") == 0)
  }

  /// All pairs of neighbours in real frames keep the identities, and nothing is lost between them.
  @Test func realTradesAreVerified() throws {
    let frames = Tool.repository.appendingPathComponent("Tests/Golden/real-trades.frames").path
    let snapshots = try Tool.run("kis-fetch", ["--replay", frames, "--speed", "max"])
    let audit = try Tool.run("snap-audit", ["--format", "ndjson"], input: snapshots.out)
    let days = try Line.all(audit).filter { $0["audit"] as? String == "day" && $0["records"] as? Int != 0 }
    func sum(_ member: String) -> Int { days.reduce(0) { $0 + (($1[member] as? Int) ?? 0) } }
    #expect(sum("records") == 30 && sum("verified") == 20)
    #expect(sum("missed_trades") == 0 && sum("unverifiable") == 0 && sum("duplicates") == 0)
  }

  /// Records and snapshots of one day, told apart by themselves, give the same account.
  @Test func recordsAndSnapshotsSayTheSame() throws {
    let frames = Tool.repository.appendingPathComponent("Tests/Golden/real-trades.frames").path
    let snapshots = try Tool.run("kis-fetch", ["--replay", frames, "--speed", "max"])
    let records = try Tool.run("snap-enrich", [], input: snapshots.out)
    let one = try Tool.run("snap-audit", ["--format", "ndjson"], input: snapshots.out)
    let other = try Tool.run("snap-audit", ["--format", "ndjson"], input: records.out)
    #expect(!one.out.isEmpty && one.out == other.out)
  }

  @Test func aLineThatIsNoRecordIsNamedAndTakesNothingWithIt() throws {
    let frames = Tool.repository.appendingPathComponent("Tests/Golden/real-trades.frames").path
    let snapshots = try Tool.run("kis-fetch", ["--replay", frames, "--speed", "max"])
    let clean = try Tool.run("snap-audit", ["--format", "ndjson"], input: snapshots.out)
    for jobs in ["1", "3"] {
      let words = ["--format", "ndjson", "--jobs", jobs, "--max-line", "40000"]
      let long = Array(repeating: UInt8(ascii: " "), count: 50_000) + Array("{}\n".utf8)
      let odd = try Tool.run("snap-audit", words, input: Array("{\n[]\n{}\n".utf8) + snapshots.out + long)
      #expect(odd.status == 65 && odd.errText.contains("4 lines are neither snapshots nor records"))
      #expect(odd.errText.contains("standard input:1: invalid JSON: "))
      #expect(odd.errText.contains("standard input:2: not a JSON object"))
      #expect(odd.errText.contains("standard input:3: neither a snapshot nor a record"))
      #expect(odd.errText.contains("standard input:34: line too long"))
      #expect(odd.out == clean.out)
    }
  }

  /// Readers on threads, pieces of an archive, plain and compressed, from a folder, from names, from a pipe: the same day.
  @Test func theReportIsTheSameHoweverItIsRead() throws {
    let folder = try Tool.temporaryFolder("audit")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let corpus = Tool.repository.path + "/Tests/harness/make-corpus"
    let made = try Tool.run(
      "bash",
      [
        "-c",
        #"cd "$1" && mkdir parts && "$0" trades 5 >all.jsonl && split -n l/4 -d --additional-suffix=.jsonl all.jsonl parts/p_"#
          + " && gzip -q parts/p_01.jsonl && (! command -v zstd >/dev/null || zstd -q --rm parts/p_02.jsonl)",
        corpus, folder,
      ])
    try #require(made.status == 0, "\(made.errText)")
    let whole = try Tool.run("snap-audit", ["--format", "ndjson", "--jobs", "1", folder + "/all.jsonl"])
    #expect(whole.status == 0 && whole.lines.count == 41, "\(whole.errText)")
    #expect(whole.outText.contains(#""channel":"trusted""#) && whole.outText.contains(#""missed_trades":1,"#))
    for words in [
      ["--jobs", "1", folder + "/parts"], ["--jobs", "2", folder + "/parts"],
      ["--jobs", "5", folder + "/all.jsonl"],
    ] {
      #expect(try Tool.run("snap-audit", ["--format", "ndjson"] + words).out == whole.out, "\(words)")
    }
    let text = try Data(contentsOf: URL(fileURLWithPath: folder + "/all.jsonl"))
    #expect(try Tool.run("snap-audit", ["--jobs", "3", "-"], input: Array(text)).out == whole.out)
    // Half of a compressed file: named, and what there is of it and of the others is said.
    let path = folder + "/parts/p_01.jsonl.gz"
    let packed = try Data(contentsOf: URL(fileURLWithPath: path))
    try packed.prefix(packed.count / 2).write(to: URL(fileURLWithPath: path))
    let cut = try Tool.run("snap-audit", ["--jobs", "2", folder + "/parts"])
    #expect(cut.status == 65 && cut.errText.contains("p_01.jsonl.gz is corrupt"), "\(cut.errText)")
    #expect(cut.lines.count == 41 && cut.out != whole.out)
  }

  /// One day of several, and a day that an earlier audit has judged.
  @Test func daysAreToldApartAndTaken() throws {
    let frames = Tool.repository.appendingPathComponent("Tests/Golden/real-trades.frames").path
    let snapshots = try Tool.run("kis-fetch", ["--replay", frames, "--speed", "max"])
    let all = try Tool.run("snap-audit", input: snapshots.out)
    let date = try #require(try Line.all(all).first?["date"] as? String)
    let one = try Tool.run("snap-audit", ["--date", date], input: snapshots.out)
    #expect(one.lines == all.lines.filter { $0.contains(#""date":"\#(date)""#) } && one.lines.count == 2)
    let known = try Tool.run(
      "snap-audit", text: #"{"audit":"day","date":"2026-11-25","condition":"available","reasons":[]}"# + "\n")
    #expect(known.status == 0 && known.outText.contains(#""condition":"available""#), "\(known.outText)")
    #expect(try Tool.run("snap-audit", ["--date", "2026-02-30"]).status == 64)
  }

  private func line(
    _ product: String, at time: Int64, price: String, size: Int, volume: Int, value: Int = 0,
    counted: Int = 0,
    raw: String = #""a":"1""#
  ) -> String {
    #"{"meta":{"timestamp_ms":\#(time)},"context":{"source":"market","symbol":"S","market":"KRX","product":"\#(product)","feed":"trades"},"#
      + #""observation":{"inputs":{"price":\#(price),"trade_size":\#(size),"volume":\#(volume),"value":\#(value),"#
      + #""raw":{\#(raw),"seln_cntg_csnu":"\#(counted)","shnu_cntg_csnu":"0"}},"state":{}}}"# + "\n"
  }

  /// H0IFCNT0: the multiplier shows itself, and every trade is counted though none says its side.
  @Test func contractsAreHeldToTheirCountsAndMoney() throws {
    let prices = ["1080.30", "1080.24", "1080.40", "1080.40"]
    let values = [54015, 108_027, 162_047, 270_087]  // times 50; before the last one a trade is missing
    let text = zip(prices, values).enumerated().map { place, pair in
      let count = place == 3 ? 5 : place + 1
      return line(
        "index-future", at: 1_795_568_400_000 + Int64(place) * 1000, price: pair.0, size: 1, volume: count,
        value: pair.1, counted: count)
    }
    let said = try #require(try Line.all(try Tool.run("snap-audit", text: text.joined())).first)
    #expect(said["verified"] as? Int == 2 && said["unverifiable"] as? Int == 0, "\(said)")
    #expect(said["suspected_trades"] as? Int == 1 && said["suspected_shares"] as? Int == 1)
  }

  /// A session abroad goes on after midnight in Korea: it is one day, which does not begin in the middle.
  @Test func aSessionAbroadIsOneDay() throws {
    let midnight: Int64 = 1_795_618_800_000  // 2026-11-26T00:00+09:00
    let text = (0..<4).map { place in
      line(
        "overseas-stock", at: midnight + Int64(place - 2) * 1000, price: "10.5", size: 5,
        volume: 5 * (place + 1),
        raw: #""tymd":"20261125""#)
    }
    let said = try Line.all(try Tool.run("snap-audit", text: text.joined()))
    #expect(said.count == 2 && said[0]["date"] as? String == "2026-11-25", "\(said)")
    #expect(said[0]["verified"] as? Int == 3 && said[0]["before_start"] as? Int == 0)
  }

  /// `--strict` is for scripts: a day that is not whole ends with 1.
  @Test func strictEndsWithOneForADayThatIsNotWhole() throws {
    let frames = Tool.repository.appendingPathComponent("Tests/Golden/real-trades.frames").path
    let snapshots = try Tool.run("kis-fetch", ["--replay", frames, "--speed", "max"])
    // Each of these days begins in the middle: all that was traded before is "before the start".
    let words = ["--strict", "--format", "table"]
    let outcome = try Tool.run("snap-audit", words, input: snapshots.out)
    #expect(outcome.status == 1 && outcome.outText.contains("degraded"))
    #expect(outcome.outText.contains("were traded before the first record"))
  }

  @Test func aFileThatIsNotThereIsNamedAndTheOthersAreRead() throws {
    let folder = try Tool.temporaryFolder("audit")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data().write(to: URL(fileURLWithPath: folder + "/empty.jsonl"))
    let outcome = try Tool.run("snap-audit", [folder + "/none.jsonl", folder + "/empty.jsonl"])
    #expect(outcome.status == 74 && outcome.errText.contains("none.jsonl"))
  }
}
