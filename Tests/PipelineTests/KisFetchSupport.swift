import Foundation
import FoundationNetworking
import TestSupport
import Testing

/// A running kis-sim and what a kis-fetch needs to speak to it.
final class Simulator {
  static let appKey = String(repeating: "PSIM", count: 9)
  static let appSecret = String(repeating: "simsecret=", count: 18)

  let restURL: String
  let webSocketURL: String
  /// Of the forward proxy (`--proxy 0`); empty without one.
  let proxyURL: String
  let cache: String
  private let process: RunningTool

  /// Starts a simulator on free ports and waits until it listens.
  init(_ arguments: [String] = []) throws {
    cache = try Tool.temporaryFolder("kis-cache")
    let ready = cache + "/ready.json"
    process = try Tool.start("kis-sim", ["--ready-file", ready, "--exit-with-parent"] + arguments)
    let running = process
    let isReady = Tool.waitUntil(20) {
      !running.isRunning || (FileManager.default.contents(atPath: ready)?.isEmpty == false)
    }
    let text = FileManager.default.contents(atPath: ready) ?? Data()
    let addresses = try #require(
      isReady ? try JSONSerialization.jsonObject(with: text) as? [String: Any] : nil, "\(process.errText)")
    restURL = try #require(addresses["rest_url"] as? String)
    webSocketURL = try #require(addresses["ws_url"] as? String)
    proxyURL = addresses["proxy_url"] as? String ?? ""
  }

  deinit {
    // It has nothing to save, and may have been started with SIGTERM blocked.
    process.signal(SIGKILL)
    _ = process.wait(timeout: 5)
    try? FileManager.default.removeItem(atPath: cache)
  }

  /// Arguments that lead here, with waits shortened to a fiftieth.
  var arguments: [String] { ["--rest-url", restURL, "--ws-url", webSocketURL, "--time-scale", "0.02"] }

  func environment(secret: String = appSecret) -> [String: String] {
    [
      "KIS_APP_KEY": Self.appKey, "KIS_APP_SECRET": secret, "KIS_TOKEN_CACHE_DIR": cache,
      "OBSERVER_SESSION_ID": "test-session", "OBSERVER_MODE": "TEST",
    ]
  }

  func fetch(_ arguments: [String], _ watchlist: String, timeout: Double = 30) throws -> Outcome {
    let outcome = try Tool.run(
      "kis-fetch", self.arguments + arguments, text: watchlist, env: environment(), timeout: timeout)
    Self.expectNoSecret(outcome)
    return outcome
  }

  func start(_ arguments: [String]) throws -> RunningTool {
    try Tool.start("kis-fetch", self.arguments + arguments, env: environment())
  }

  static func expectNoSecret(_ outcome: Outcome) {
    for text in [outcome.outText, outcome.errText] {
      #expect(!text.contains(appKey) && !text.contains(appSecret) && !text.contains("Bearer"))
    }
  }

  /// What the server saw so far.
  func stats() throws -> [String: Any] {
    let url = try #require(URL(string: restURL + "/sim/stats"))
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
    return try #require(object as? [String: Any])
  }

  /// Arms faults, one right after the other.
  func fault(_ faults: String...) throws {
    let program = """
      import sys, urllib.request
      for fault in sys.argv[2:]:
          urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/sim/fault", fault.encode()), timeout=5)
      """
    let outcome = try Tool.run("python3", ["-c", program, restURL] + faults, env: [:])
    try #require(outcome.status == 0, "\(outcome.errText)")
  }

  func webSocketStats() throws -> [String: Any] { try #require(try stats()["ws"] as? [String: Any]) }
}

/// One output line, read by somebody else's JSON parser.
struct Line {
  let object: [String: Any]

  init(_ text: String) throws {
    object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  static func all(_ outcome: Outcome) throws -> [Line] { try outcome.lines.map { try Line($0) } }

  subscript(path: String...) -> Any? {
    path.reduce(object as Any?) { ($0 as? [String: Any])?[$1] }
  }

  var symbol: String? { self["context", "symbol"] as? String }
  var feed: String? { self["context", "feed"] as? String }
  var source: String? { self["context", "source"] as? String }
  var tickSource: String? { self["meta", "tick_source"] as? String }
  var isGap: Bool { self["observation", "state", "event"] as? String == "gap" }
  var reason: String? { self["observation", "state", "reason"] as? String }
  var gapID: String? { self["observation", "state", "gap_id"] as? String }
  var seconds: Double? { (self["observation", "state", "seconds"] as? NSNumber)?.doubleValue }
  var isFinal: Bool { self["observation", "state", "final"] as? Bool == true }
  var severity: String? { self["observation", "state", "severity"] as? String }
  var price: Double? { (self["observation", "inputs", "price"] as? NSNumber)?.doubleValue }
}

extension Outcome {
  /// Lines of the log at this level.
  func log(_ level: String) -> [String] {
    errText.split(separator: "\n").map(String.init).filter { $0.contains(" | \(level) | ") }
  }
}
