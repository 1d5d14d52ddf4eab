import Foundation
import TestSupport
import Testing

/// Servers that repeat what they were told: no secret comes out, on any way.
@Suite(.serialized, .waiting) struct KisFetchSecretTests {
  /// Every twelve signs in a row of every secret that the run knew.
  private func parts(_ simulator: Simulator) throws -> [String] {
    let folder = URL(fileURLWithPath: simulator.cache)
    let token = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .first { $0.pathExtension == "token" }
    let cache = try token.map { try String(contentsOf: $0, encoding: .utf8) } ?? "\"\"\"\""
    let secrets = [Simulator.appKey, Simulator.appSecret, cache.components(separatedBy: "\"")[3]]
    return Array(
      Set(
        secrets.flatMap { secret in
          let signs = Array(secret)
          return (0..<max(0, signs.count - 11)).map { String(signs[$0..<$0 + 12]) }
        }))
  }

  private func expectNone(_ texts: [String], _ simulator: Simulator) throws {
    let parts = try parts(simulator)
    for text in texts {
      for part in parts { #expect(!text.contains(part), "\(part)") }
      for mark in ["approval_key=", "appkey=", "appsecret=", "secretkey=", "authorization="] {
        for piece in text.components(separatedBy: mark).dropFirst() {
          #expect(
            piece.hasPrefix("****") || piece.hasPrefix("Bearer ****") || piece.count < 12,
            "\(mark)\(piece.prefix(60))")
        }
      }
    }
  }

  @Test(arguments: ["code=EGW00001@1", "code=OPSQ2001@1", "code=EGW77777@1", "code=EGW00105@1"])
  func refusalsOfCalls(_ fault: String) throws {
    let simulator = try Simulator(["--echo-secrets", "--token-floor", "0", "--fault", fault])
    let outcome = try Tool.run(
      "kis-fetch",
      simulator.arguments + [
        "--feed", "price", "--interval", "0.1", "--duration", "2", "--log-level", "debug",
      ],
      text: "005930\n000660\n", env: simulator.environment())
    #expect(outcome.errText.contains("appkey=****"), "\(outcome.errText)")
    try expectNone([outcome.outText, outcome.errText], simulator)
    let once = try Tool.run(
      "kis-fetch", simulator.arguments + ["--once"], text: "005930\n000660\n", env: simulator.environment())
    try expectNone([once.outText, once.errText], simulator)
  }

  @Test(arguments: ["EGW00133", "EGW00105", "EGW00001"])
  func refusalsOfTheToken(_ code: String) throws {
    let simulator = try Simulator(["--echo-secrets", "--token-floor", "0"])
    let fault = #"{"name":"code","msg_cd":"\#(code)","path":"/oauth2","n":1}"#
    let sent = try Tool.run("curl", ["-s", "--data", fault, simulator.restURL + "/sim/fault"])
    #expect(sent.status == 0)
    let outcome = try Tool.run(
      "kis-fetch", simulator.arguments + ["--once", "--log-level", "debug"], text: "005930\n",
      env: simulator.environment())
    #expect(outcome.errText.contains("****"), "\(outcome.errText)")
    try expectNone([outcome.outText, outcome.errText], simulator)
  }

  /// Data that repeats them: a column behind the known ones, a member, a name. Snapshots and the board stay clean.
  @Test(arguments: ["trades", "price", "multi"])
  func dataThatRepeatsThem(_ feed: String) throws {
    let simulator = try Simulator(["--fault", "echo-data", "--token-floor", "0"])
    let metrics = simulator.cache + "/.run/kis-fetch.prom"
    try FileManager.default.createDirectory(
      atPath: simulator.cache + "/.run", withIntermediateDirectories: true)
    let record = simulator.cache + "/wire.jsonl"
    let outcome = try simulator.fetch(
      [
        "--feed", feed, "--interval", "0.2", "--count", "20", "--metrics", metrics, "--record", record,
        "--log-level", "debug",
      ], "005930\n000660\n")
    #expect(outcome.status == 0 && outcome.lines.count >= 20, "\(outcome.errText)")
    // (A slow machine makes gaps: they hold none.)
    let lines = outcome.lines.filter { $0.contains(#""source":"market""#) }
    #expect(!lines.isEmpty && lines.allSatisfy { $0.contains("****") }, "\(lines.first ?? "")")
    #expect(try lines.map { try Line($0) }.allSatisfy { ($0.price ?? 0) > 0 })
    let written = try FileManager.default.contentsOfDirectory(atPath: simulator.cache + "/.run").map {
      try String(contentsOfFile: simulator.cache + "/.run/" + $0, encoding: .utf8)
    }
    let wire = try String(contentsOfFile: record, encoding: .utf8)
    #expect(!written.isEmpty && wire.contains("****"))
    try expectNone([outcome.outText, outcome.errText, wire] + written, simulator)
  }

  /// Registrations, the gaps that stand for them, and the recording of both.
  @Test func refusalsOfRegistrationsAndTheRecording() throws {
    let simulator = try Simulator([
      "--echo-secrets", "--fault", "bad-key=111111", "--fault", "bad-approval=1",
    ])
    let record = simulator.cache + "/wire.jsonl"
    let outcome = try simulator.fetch(
      ["--feed", "trades", "--count", "200", "--record", record, "--log-level", "debug"], "005930\n111111\n")
    #expect(outcome.status == 0, "\(outcome.errText)")
    let wire = try String(contentsOfFile: record, encoding: .utf8)
    #expect(wire.contains("appkey=****") && outcome.outText.contains("appkey=****"), "\(outcome.errText)")
    try expectNone([outcome.outText, outcome.errText, wire], simulator)
    // What was taken out disturbs no replay.
    let replay = try Tool.run("kis-fetch", ["--replay", record, "--speed", "max"])
    #expect(replay.status == 0 && replay.lines.count >= 200)
  }
}
