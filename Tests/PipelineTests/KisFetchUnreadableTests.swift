import Foundation
import TestSupport
import Testing

/// A layout that no longer fits, while another feed still flows: the loss is in the archive, the frames are kept, and
/// the numbers for the health check say which column it was.
@Suite struct KisFetchUnreadableTests {
  /// Frames of which nothing can be read, not even what they are of: a gap for all that is registered, and the numbers tell.
  @Test(arguments: [("encrypted", 5.0), ("packed", 0)])
  func framesThatNameNoSymbolAreAGapOfAll(_ kind: String, _ inRow: Double) throws {
    let simulator = try Simulator(["--ticks-per-second", "50", "--fault", "unreadable=\(kind)"])
    let (kept, metrics) = (simulator.cache + "/kis-fetch.wire", simulator.cache + "/kis-fetch.prom")
    let outcome = try simulator.fetch(
      ["--feed", "trades", "--duration", "2", "--rejects", kept, "--metrics", metrics], "005930\n000660\n")
    let lines = try Line.all(outcome)
    #expect(outcome.status == 0 && !lines.isEmpty, "\(outcome.errText)")
    #expect(lines.allSatisfy { $0.isGap && $0.reason == "unreadable" }, "\(outcome.outText)")
    #expect(Set(lines.filter(\.isFinal).compactMap(\.symbol)) == ["005930", "000660"])
    #expect(outcome.log("WARNING").count { $0.contains("Feed unreadable") && $0.contains(kept) } == 1)
    let numbers = try String(contentsOfFile: metrics, encoding: .utf8)
    func number(_ name: String) -> Double {
      numbers.split(separator: "\n").first { $0.hasPrefix(name) }
        .flatMap { Double($0.split(separator: " ")[1]) } ?? 0
    }
    let refused = number("observer_kis_frames_refused_total")
    #expect(refused > 5 && number("observer_kis_frames_kept_total") == refused)
    for name in ["refused_in_row", "frames_refused_total"] {
      let channel = number("observer_kis_channel_\(name){stage=\"kis-fetch\",tr=\"H0STCNT0\"}")
      #expect(inRow == 0 ? channel == 0 : channel == refused, "\(numbers)")
    }
  }

  @Test(arguments: [
    ("H0STASP0", "book", "insert:3", "ANTC_CNTG_VRSS_SIGN"),
    ("H0STASP0", "book", "remove:30", "ANTC_CNTG_VRSS_SIGN"),
    ("H0STCNT0", "trades", "remove:20", "CCLD_DVSN"), ("H0STCNT0", "trades", "insert:1", "STCK_CNTG_HOUR"),
    ("H0STCNT0", "trades", "prefix", "MKSC_SHRN_ISCD"),
  ])
  func aChangedLayoutIsAGap(_ channel: String, _ feed: String, _ change: String, _ column: String) throws {
    let simulator = try Simulator([
      "--ticks-per-second", "100", "--books-per-second", "100", "--layout", "\(channel):\(change)@4",
    ])
    let kept = simulator.cache + "/kis-fetch.wire"
    let metrics = simulator.cache + "/kis-fetch.prom"
    let running = try Tool.start(
      "kis-fetch",
      simulator.arguments + ["--feed", "trades", "--feed", "book", "--rejects", kept, "--metrics", metrics],
      env: simulator.environment().merging(["OBSERVER_METRICS_INTERVAL": "0.1"]) { $1 })
    running.write("005930\n000660\n")
    func written() -> String { (try? String(contentsOfFile: metrics, encoding: .utf8)) ?? "" }
    let row = "observer_kis_channel_refused_in_row{stage=\"kis-fetch\",tr=\"\(channel)\"} "
    #expect(
      Tool.waitUntil(30) {
        written().split(separator: "\n").contains {
          $0.hasPrefix(row) && Int($0.dropFirst(row.count)) ?? 0 > 9
        }
      }, "\(written())")
    running.signal(SIGTERM)
    let outcome = running.wait(timeout: 10)
    let gaps = try Line.all(outcome).filter { $0.isGap }
    #expect(gaps.allSatisfy { $0.reason == "unreadable" && $0.feed == feed }, "\(outcome.errText)")
    #expect(Set(gaps.filter(\.isFinal).compactMap(\.symbol)) == ["005930", "000660"])
    #expect(gaps.count(where: \.isFinal) == 2 && Set(gaps.compactMap(\.gapID)).count == 2)
    #expect(
      written().contains(
        "observer_kis_channel_last_refusal_timestamp_seconds{stage=\"kis-fetch\",tr=\"\(channel)\",column=\"\(column)\"}"
      ), "\(written())")
    #expect(outcome.log("WARNING").count { $0.contains("Feed unreadable") && $0.contains(kept) } == 1)
    // What was kept are the frames, in a form that can be played.
    let lines = try String(contentsOfFile: kept, encoding: .utf8).split(separator: "\n")
    #expect(lines.count >= 10 && lines.allSatisfy { $0.contains("\"text\":\"0|\(channel)|") })
    let replay = try Tool.run("kis-fetch", ["--replay", kept, "--speed", "max"], env: [:])
    #expect(replay.status == 0 && replay.errText.contains("refused=\(lines.count) malformed=0"))
  }
}
