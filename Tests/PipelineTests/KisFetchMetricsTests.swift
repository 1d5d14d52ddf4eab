import Foundation
import TestSupport
import Testing

/// What kis-fetch tells about its watchlist while it runs.
@Suite(.serialized, .waiting) struct KisFetchMetricsTests {
  /// Runs until the metrics file has all of `wanted`, then changes the watchlist by `change` and waits for `after`.
  private func run(
    _ simulator: Simulator, _ arguments: [String], _ watchlist: String, until wanted: [String],
    then change: String = "", until after: [String] = []
  ) throws {
    let file = simulator.cache + "/kis-fetch.prom"
    let running = try Tool.start(
      "kis-fetch", simulator.arguments + arguments + ["--metrics", file],
      env: simulator.environment().merging(["OBSERVER_METRICS_INTERVAL": "0.1"]) { $1 })
    func lines() -> Set<Substring> {
      Set((try? String(contentsOfFile: file, encoding: .utf8))?.split(separator: "\n") ?? [])
    }
    func text(_ sample: String) -> Substring {
      let (name, value) = (sample.split(separator: " ")[0], sample.split(separator: " ")[1])
      let labels = name.split(separator: "{").dropFirst().map { "," + $0.dropLast() }.joined()
      return "\(name.prefix { $0 != "{" }){stage=\"kis-fetch\"\(labels)} \(value)"
    }
    running.write(watchlist)
    #expect(Tool.waitUntil { lines().isSuperset(of: wanted.map(text)) }, "\(wanted) in \(lines())")
    if !change.isEmpty {
      running.write(change)
      #expect(Tool.waitUntil { lines().isSuperset(of: after.map(text)) }, "\(after) in \(lines())")
    }
    running.signal(SIGTERM)
    #expect(running.wait(timeout: 10).status == 0)
  }

  @Test(arguments: ["price", "multi", "trades", "book"])
  func aHealthyWatchlistIsCountedByVenue(_ feed: String) throws {
    let simulator = try Simulator()
    try run(
      simulator, ["--feed", feed, "--interval", "0.1"],
      "005930\n000660\n{\"symbol\":\"005930\",\"market\":\"NXT\"}\n",
      until: [
        "observer_watched_symbols 3", "observer_watched_symbols_by_venue{venue=\"KRX\"} 2",
        "observer_watched_symbols_by_venue{venue=\"NXT\"} 1",
        "observer_watched_symbols_by_venue{venue=\"UN\"} 0",
        "observer_unknown_symbols 0",
      ])
  }

  @Test(arguments: ["price", "multi"])
  func polledSymbolsWithoutDataAreUnknown(_ feed: String) throws {
    let simulator = try Simulator(["--unknown", "111111,222222"])
    try run(
      simulator, ["--feed", feed, "--interval", "0.1"], "005930\n111111\n222222\n",
      until: ["observer_watched_symbols 3", "observer_unknown_symbols 2"],
      then: "{\"symbol\":\"111111\",\"op\":\"remove\"}\n", until: ["observer_unknown_symbols 1"])
  }

  /// Refused once, not asked again: it stays unknown, until it is watched no more.
  @Test func aRefusedSymbolIsUnknown() throws {
    let simulator = try Simulator(["--list-later", "111111@3600"])
    try run(
      simulator, ["--feed", "price", "--interval", "0.1"], "111111\n",
      until: ["observer_unknown_symbols 1", "observer_gaps_open 1"],
      then: "{\"symbol\":\"111111\",\"op\":\"remove\"}\n005930\n",
      until: ["observer_unknown_symbols 0", "observer_watched_symbols 1"])
  }

  @Test(arguments: ["trades", "book"])
  func aRegistrationThatIsRefusedIsUnknown(_ feed: String) throws {
    let simulator = try Simulator(["--fault", "bad-key=111111"])
    try run(
      simulator, ["--feed", feed], "005930\n111111\n",
      until: ["observer_unknown_symbols 1", "observer_kis_registrations{state=\"confirmed\"} 1"],
      then: "{\"symbol\":\"111111\",\"op\":\"remove\"}\n",
      until: ["observer_unknown_symbols 0", "observer_watched_symbols 1"])
  }

  /// One feed of two has it.
  @Test func whatOneFeedKnowsIsKnown() throws {
    let simulator = try Simulator(["--fault", "bad-key=111111"])
    try run(
      simulator, ["--feed", "trades", "--feed", "price", "--interval", "0.1"], "111111\n",
      until: ["observer_unknown_symbols 0", "observer_kis_registrations{state=\"refused\"} 1"])
  }

  /// Without room in the session it is polled, and that is all it is asked for by.
  @Test func anOverflowWithoutDataIsUnknown() throws {
    let simulator = try Simulator(["--unknown", "222222"])
    try run(
      simulator, ["--feed", "trades", "--max-registrations", "1", "--interval", "0.1"],
      "005930\n222222\n",
      until: ["observer_unknown_symbols 1", "observer_kis_registrations{state=\"confirmed\"} 1"])
  }

  /// A header whose name begins as `HTTP/` does is no new head: what came before it counts.
  @Test func theServersTimeOutlastsTheHeadersBehindIt() throws {
    let server = """
      import http.server, json
      class Answer(http.server.BaseHTTPRequestHandler):
          def do_POST(self):
              self.rfile.read(int(self.headers.get("Content-Length", 0)))
              self.reply({"access_token": "t", "expires_in": 86400})
          def do_GET(self): self.reply({"rt_cd": "0", "msg_cd": "MCA00000", "output": {"stck_prpr": "1000"}})
          def reply(self, answer):
              body = json.dumps(answer).encode()
              self.send_response_only(200)
              self.send_header("Date", "Thu, 26 Nov 2026 01:00:00 GMT")
              self.send_header("Host-Id", "H1")
              self.send_header("HTTP", "no/version")
              self.send_header("Content-Length", str(len(body)))
              self.end_headers()
              self.wfile.write(body)
          def log_message(self, *words): pass
      server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
      print(server.server_port, flush=True)
      server.serve_forever()
      """
    let exchange = try Tool.start("python3", ["-c", server])
    defer { exchange.signal(SIGKILL) }
    try #require(Tool.waitUntil(20) { exchange.out.last == 0x0A })
    let folder = try Tool.temporaryFolder("date")
    let run = try Tool.run(
      "kis-fetch",
      [
        "--once", "--rest-url",
        "http://127.0.0.1:\(String(decoding: exchange.out.dropLast(), as: UTF8.self))",
        "--metrics", folder + "/m.prom",
      ], text: "005930\n",
      env: ["KIS_APP_KEY": "a", "KIS_APP_SECRET": "b", "KIS_TOKEN_CACHE_DIR": folder, "HOME": folder],
      timeout: 20)
    #expect(run.status == 0, "\(run.errText)")
    let written = try String(contentsOfFile: folder + "/m.prom", encoding: .utf8)
    #expect(written.contains("\nobserver_kis_clock_offset_seconds{"), "\(written)")
    #expect(
      written.contains("\nobserver_kis_odd_values_total{stage=\"kis-fetch\",kind=\"number\"} 0\n"),
      "\(written)")
  }
}
