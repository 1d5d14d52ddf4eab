import Foundation
import TestSupport
import Testing

/// Watchlists as people have them: what cannot be watched is named, and a list that names nothing is no success.
@Suite(.serialized, .waiting) struct KisFetchWatchlistTests {
  @Test(arguments: [
    "", "# only a comment\n", "5930\n", "A005930\n", "[\"005930\",\"000660\"]\n", "{\"symbol\":5930}\n",
    "005930,Samsung\n",
  ])
  func onceWithoutAUsableLineIs78(_ list: String) throws {
    let simulator = try Simulator()
    let outcome = try simulator.fetch(["--once"], list)
    #expect(outcome.status == 78 && outcome.out.isEmpty, "\(outcome.errText)")
    #expect(outcome.log("ERROR").count == 1 && outcome.errText.contains("the watchlist names no symbol"))
    #expect(outcome.log("WARNING").count == (list.isEmpty || list.hasPrefix("#") ? 0 : 1))
  }

  @Test func aByteOrderMarkIsPassedOver() throws {
    let simulator = try Simulator()
    let outcome = try simulator.fetch(["--once"], "\u{feff}005930\n\u{feff}{\"symbol\":\"000660\"}\r\n")
    #expect(outcome.status == 0 && outcome.log("WARNING").isEmpty, "\(outcome.errText)")
    #expect(try Line.all(outcome).map(\.symbol) == ["005930", "000660"])
  }

  /// Beside the metrics, for the owner: which lines were ignored and why, and which symbols are refused.
  @Test func theNotesNameLinesAndSymbols() throws {
    let simulator = try Simulator(["--fault", "bad-key=111111", "--unknown", "222222"])
    let folder = try Tool.temporaryFolder("notes")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let place = folder + "/kis-fetch.symbols"
    let fetch = try Tool.start(
      "kis-fetch", simulator.arguments + ["--feed", "trades", "--feed", "price", "--interval", "0.2"],
      env: simulator.environment().merging([
        "OBSERVER_METRICS_DIR": folder, "OBSERVER_METRICS_INTERVAL": "0.1",
      ]) { $1 })
    func notes() -> [Substring] {
      ((try? String(contentsOfFile: place, encoding: .utf8)) ?? "").split(separator: "\n")
    }
    fetch.write("{\"symbol\":\"005930\",\"name\":\"삼성\\u001b전자\"}\nA000660\n111111\n222222\n\u{1B}[31m\n")
    let isTold = Tool.waitUntil(20) { notes().contains("refused 111111 KRX trades") && notes().count == 7 }
    #expect(isTold, "\(notes())")
    #expect(
      notes().prefix(2) == [
        "ignored 2 \"A000660\" is not a symbol (leave the A away: 000660)",
        "ignored 5 \"\\x1b[31m\" is not a symbol (six capital letters or digits, or Q and six)",
      ])
    #expect(notes()[2...].starts(with: ["named 005930 KRX 삼성\\x1b전자", "watched 005930 KRX"]))
    let mode = try FileManager.default.attributesOfItem(atPath: place)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    fetch.write("{\"symbol\":\"111111\",\"op\":\"remove\"}\n")
    #expect(Tool.waitUntil(20) { notes().count == 5 }, "\(notes())")
    fetch.signal(SIGTERM)
    #expect(fetch.wait(timeout: 20).status == 0)
  }

  /// `observer start` and the doctor name them too.
  @Test func startAndDoctorNameIgnoredLines() throws {
    let simulator = try Simulator(["--ticks-per-second", "200"])
    let place = try Tool.temporaryFolder("ignored")
    defer { try? FileManager.default.removeItem(atPath: place) }
    let (list, archive) = (place + "/list", place + "/observer")
    try "005930\n000660,SK\n".write(toFile: list, atomically: true, encoding: .utf8)
    let environment = simulator.environment().merging(["OBSERVER_BIN_DIR": Tool.folder.path]) { $1 }
    func observer(_ words: [String]) throws -> Outcome {
      try Tool.run("observer", words, env: environment)
    }
    let start = try observer(
      ["start", "--dir", archive, "--watchlist", list, "--feed", "trades"] + simulator.arguments)
    defer { _ = try? observer(["stop", "--dir", archive]) }
    let words = "\"000660,SK\" is not a symbol (one symbol a line, and # before a comment)"
    #expect(start.status == 0 && start.errText.contains("line 2 of the watchlist is ignored: \(words)"))
    let isNamed = Tool.waitUntil(20) {
      guard let doctor = try? observer(["doctor", "--dir", archive, "--format", "table"]) else {
        return false
      }
      return doctor.outText.contains("1 line of the watchlist is ignored (line 2: \(words))")
    }
    let last = try observer(["doctor", "--dir", archive, "--format", "table"])
    #expect(isNamed, "\(last.outText)")
  }
}
