import Foundation
import TestSupport
import Testing

/// The streaming half of kis-fetch against the simulator.
@Suite(.serialized, .waiting) struct KisFetchRealtimeTests {
  @Test func threeFeedsAtOnce() throws {
    let simulator = try Simulator(["--ticks-per-second", "400"])
    let outcome = try simulator.fetch(
      ["--feed", "trades", "--feed", "book", "--feed", "multi", "--interval", "0.2", "--duration", "1.5"],
      "005930\n000660\n")
    #expect(outcome.status == 0)
    let lines = try Line.all(outcome)
    for symbol in ["005930", "000660"] {
      let own = lines.filter { $0.symbol == symbol }
      #expect(
        own.contains { $0.tickSource == "rest" }
          && own.contains { $0["observation", "inputs", "trade_size"] != nil })
      #expect(
        own.contains { $0["observation", "inputs", "total_ask_size"] != nil && $0.tickSource == "websocket" })
    }
    let gaps = lines.count { $0.isGap }
    #expect(outcome.errText.contains("snapshots=\(lines.count - gaps) gaps=\(gaps) "))
    let ids = Set(lines.compactMap { $0["meta", "run_id"] as? String })
    #expect(ids.count == lines.count)
    let stats = try simulator.webSocketStats()
    #expect(
      stats["subscribes"] as? Int == 4 && stats["unsubscribes"] as? Int == 4
        && stats["closes_seen"] as? Int == 1)
  }

  @Test func countIsExact() throws {
    let simulator = try Simulator(["--ticks-per-second", "2000", "--bundle", "20"])
    let outcome = try simulator.fetch(["--feed", "trades", "--count", "333"], "005930\n")
    #expect(outcome.status == 0 && outcome.lines.count == 333)
    #expect(outcome.errText.contains("snapshots=333 gaps=0"))
  }

  @Test func watchlistGrowsAndShrinksWhileRunning() throws {
    let simulator = try Simulator(["--ticks-per-second", "200"])
    let running = try simulator.start(["--feed", "trades"])
    func has(_ symbol: String) -> Bool {
      String(decoding: running.out, as: UTF8.self).contains("\"symbol\":\"\(symbol)\"")
    }
    running.write("005930\n")
    #expect(Tool.waitUntil { has("005930") } && !has("000660"))
    running.write("000660\nbad\n")
    #expect(Tool.waitUntil { has("000660") })
    running.write("{\"symbol\":\"005930\",\"op\":\"remove\"}\n")
    #expect(Tool.waitUntil { (try? simulator.webSocketStats()["unsubscribes"] as? Int) == 1 })
    running.signal(SIGTERM)
    let outcome = running.wait(timeout: 10)
    #expect(outcome.status == 0)
    #expect(outcome.log("WARNING").contains { $0.contains("line 3") })
    let stats = try simulator.webSocketStats()
    #expect(
      stats["subscribes"] as? Int == 2 && stats["unsubscribes"] as? Int == 2
        && stats["closes_seen"] as? Int == 1)
    #expect(try Line.all(outcome).filter { $0.isGap }.isEmpty)
  }

  @Test func termClosesCleanlyWithEverythingWritten() throws {
    let simulator = try Simulator(["--ticks-per-second", "1000"])
    let running = try simulator.start(["--feed", "trades"])
    running.write("005930\n000660\n")
    running.closeInput()
    #expect(Tool.waitUntil { running.out.count > 200_000 })
    let begin = Date()
    running.signal(SIGTERM)
    let outcome = running.wait(timeout: 10)
    #expect(outcome.status == 0 && Date().timeIntervalSince(begin) < 2.5)
    #expect(outcome.out.last == 0x0A)
    #expect(outcome.errText.contains("snapshots=\(try Line.all(outcome).count) gaps=0"))
    #expect(try simulator.webSocketStats()["closes_seen"] as? Int == 1)
  }

  @Test func closedOutputEndsTheSessionQuietly() throws {
    let simulator = try Simulator()
    let command = "(echo 005930; exec sleep 4) | { \"$0\" \"$@\"; echo $? >&3; } | head -1"
    let shell = try Tool.start(
      "bash",
      ["-c", "exec 3>\"$STATUS\"; " + command, Tool.path("kis-fetch")] + simulator.arguments
        + ["--feed", "trades"],
      env: simulator.environment().merging(["STATUS": simulator.cache + "/status"]) { $1 })
    let ended = Tool.waitUntil(3) {
      FileManager.default.contents(atPath: simulator.cache + "/status")?.isEmpty == false
    }
    #expect(ended)
    let status = FileManager.default.contents(atPath: simulator.cache + "/status") ?? Data()
    #expect(String(decoding: status, as: UTF8.self) == "141\n")
    #expect(shell.out.split(separator: 0x0A).count == 1 && !shell.errText.contains("ERROR"))
    #expect(try simulator.webSocketStats()["closes_seen"] as? Int == 1)
    shell.signal(SIGKILL)
    _ = shell.wait(timeout: 1)
  }

  @Test func secondSessionOfAKeyEnds75() throws {
    let simulator = try Simulator()
    let first = try simulator.start(["--feed", "trades"])
    first.write("005930\n")
    #expect(Tool.waitUntil { !first.out.isEmpty })
    let second = try simulator.fetch(["--feed", "book"], "005930\n")
    #expect(second.status == 75 && second.out.isEmpty && second.errText.contains("app key in use"))
    // REST needs no session.
    #expect(try simulator.fetch(["--once"], "005930\n").status == 0)
    first.signal(SIGINT)
    #expect(first.wait(timeout: 10).status == 0)
  }

  @Test(arguments: [["--max-registrations", "2"], []])
  func whatHasNoRoomIsPolled(_ limit: [String]) throws {
    let simulator = try Simulator(limit.isEmpty ? ["--max-registrations", "2"] : [])
    let outcome = try simulator.fetch(
      limit + ["--feed", "trades", "--interval", "0.3", "--duration", "1.5"],
      "005930\n000660\n035720\n005380\n")
    #expect(outcome.status == 0)
    let lines = try Line.all(outcome)
    for (symbol, source) in [
      ("005930", "websocket"), ("000660", "websocket"), ("035720", "rest"), ("005380", "rest"),
    ] {
      let own = lines.filter { $0.symbol == symbol && !$0.isGap }
      #expect(!own.isEmpty && own.allSatisfy { $0.tickSource == source }, "\(symbol)")
    }
    #expect(outcome.log("WARNING").contains { $0.contains("polled over REST") })
    #expect(outcome.log("WARNING").contains { $0.contains("Limit learned") } == limit.isEmpty)
  }

  @Test func recordingGivesTheSameSnapshotsAgain() throws {
    let simulator = try Simulator(["--ticks-per-second", "300"])
    let file = simulator.cache + "/wire"
    let outcome = try simulator.fetch(
      [
        "--feed", "trades", "--feed", "book", "--feed", "price", "--interval", "0.3", "--duration", "1",
        "--record", file,
      ],
      "005930\n000660\n")
    #expect(outcome.status == 0)
    let recorded = try String(contentsOfFile: file, encoding: .utf8)
    #expect(!recorded.contains(Simulator.appKey) && !recorded.contains("approval_key\":\""))
    let replay = try Tool.run(
      "kis-fetch", ["--replay", file, "--speed", "max", "--mode", "TEST"],
      env: ["OBSERVER_SESSION_ID": "test-session"])
    #expect(replay.status == 0)
    func inputs(_ outcome: Outcome) throws -> [String] {
      try outcome.lines.filter { !$0.contains("\"event\":\"gap\"") }.map { line in
        let start = try #require(line.range(of: "\"observation\":"))
        return String(line[start.lowerBound...])
      }
    }
    #expect(try inputs(replay) == inputs(outcome))
  }

  @Test func limitsOfTheRunAreKept() throws {
    let simulator = try Simulator()
    let begin = Date()
    #expect(try simulator.fetch(["--feed", "price", "--until", "00:00"], "005930\n").status == 0)
    #expect(Date().timeIntervalSince(begin) < 2)
    let removed = try simulator.fetch(
      ["--feed", "price"], "005930\n{\"symbol\":\"005930\",\"op\":\"remove\"}\n")
    #expect(removed.status == 0 && removed.errText.contains("Nothing to watch"), "\(removed.errText)")
    // A list that never named anything is a mistake.
    let empty = try simulator.fetch(["--feed", "price"], "# nothing\n")
    #expect(empty.status == 78 && empty.errText.contains("names no symbol"), "\(empty.errText)")
  }

  @Test func idleRunCostsNothing() throws {
    let simulator = try Simulator(["--count", "10"])
    let running = try simulator.start(["--feed", "trades"])
    running.write("005930\n")
    #expect(Tool.waitUntil { running.out.split(separator: 0x0A).count == 10 })
    func ticks() throws -> Int {
      let text = try String(contentsOfFile: "/proc/\(running.pid)/stat", encoding: .utf8)
      let fields = try #require(text.split(separator: ")").last).split(separator: " ")
      return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
    }
    let before = try ticks()
    usleep(2_000_000)
    // A busy loop would take 200 ticks of 10 ms.
    #expect(try ticks() - before <= 2)
    running.signal(SIGTERM)
    #expect(running.wait(timeout: 10).status == 0)
  }
}
