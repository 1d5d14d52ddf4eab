import Foundation
import TestSupport
import Testing

/// A pipeline of its own against a simulator of its own, and the check that looks at it.
final class HealthBench {
  let folder: String
  let archive: String
  private var simulator: RunningTool?
  private var pipeline: RunningTool?
  private var addresses: [String: String] = [:]
  private static let secret = String(repeating: "simsecret=", count: 18)

  init(archive: String? = nil) throws {
    folder = try Tool.temporaryFolder("observer-bench")
    self.archive = archive ?? folder + "/archive"
    try FileManager.default.createDirectory(atPath: self.archive, withIntermediateDirectories: true)
    try "005930\n000660\n".write(toFile: folder + "/watchlist", atomically: true, encoding: .utf8)
  }

  deinit {
    stop()
    simulator?.signal(SIGTERM)
    _ = simulator?.wait(timeout: 5)
    try? FileManager.default.removeItem(atPath: folder)
  }

  var environment: [String: String] {
    var variables = [
      "OBSERVER_BIN_DIR": Tool.folder.path, "KIS_TOKEN_CACHE_DIR": folder + "/tokens", "OBSERVER_MODE": "SIM",
      "QTS_OBSERVER_STANDALONE": "1", "OBSERVER_METRICS_INTERVAL": "1",
      // Where the tests run in a container, their archives are on its layer.
      "OBSERVER_EPHEMERAL": "1",
      "KIS_APP_KEY": String(repeating: "PSIM", count: 9),
      "KIS_APP_SECRET": Self.secret, "HOME": folder,
    ]
    variables["KIS_REST_URL"] = addresses["rest_url"]
    variables["KIS_WS_URL"] = addresses["ws_url"]
    return variables
  }

  /// The simulator's REST port.
  var restPort: Int { addresses["rest_url"].flatMap { URL(string: $0)?.port } ?? 0 }

  /// Starts the simulator.
  func simulate(_ options: [String] = []) throws {
    let ready = folder + "/ready.json"
    simulator = try Tool.start(
      "kis-sim",
      ["--ready-file", ready, "--exit-with-parent", "--ticks-per-second", "40", "--token-floor", "0"]
        + options,
      env: ["KIS_APP_KEY": String(repeating: "PSIM", count: 9), "KIS_APP_SECRET": Self.secret])
    try #require(Tool.waitUntil(20) { FileManager.default.contents(atPath: ready)?.isEmpty == false })
    let data = try Data(contentsOf: URL(fileURLWithPath: ready))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    addresses = object.compactMapValues { $0 as? String }
  }

  /// Arms a fault, or with "clear" disarms all.
  func fault(_ json: String) throws {
    let program = """
      import sys, urllib.request
      urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/sim/fault", sys.argv[2].encode()), timeout=5)
      """
    let outcome = try Tool.run("python3", ["-c", program, addresses["rest_url"] ?? "", json], env: [:])
    try #require(outcome.status == 0, "\(outcome.errText)")
  }

  /// Starts the pipeline.
  func run(_ extra: [String: String] = [:], _ options: [String] = ["--feed", "trades"]) throws {
    // The thread of a test may block signals, and a shell cannot unblock what it inherits.
    let program = """
      import os, signal, sys
      signal.pthread_sigmask(signal.SIG_SETMASK, [])
      os.execv(sys.argv[1], sys.argv[1:])
      """
    pipeline = try Tool.start(
      "python3",
      [
        "-c", program, Tool.path("observer"), "run", "--dir", archive, "--watchlist", folder + "/watchlist",
        "--interval", "0.5", "--time-scale", "0.05",
      ] + options, env: environment.merging(extra) { $1 })
  }

  /// Starts one with all polled and real-time trades.
  func runAndWaitUntilHealthy(_ extra: [String: String] = [:], _ options: [String]? = nil) throws {
    try simulate()
    try run(extra, options ?? ["--feed", "trades", "--feed", "price"])
    let flows = Tool.waitUntil(20) {
      let file = try? FileManager.default.attributesOfItem(atPath: archive + "/observer.jsonl")
      return (file?[.size] as? Int ?? 0) > 150_000
    }
    try #require(flows, "\(pipeline?.errText ?? "")")
    try #require(try named("none", within: 20) != nil, "\(pipeline?.errText ?? "")")
  }

  func stop() {
    pipeline?.signal(SIGTERM)
    _ = pipeline?.wait(timeout: 15)
    pipeline = nil
  }

  /// Waits until the pipeline has ended by itself.
  func waitForEnd() -> Int32 { pipeline?.wait(timeout: 20).status ?? -1 }

  /// The pid of a stage, as its file says.
  func pid(of stage: String, ending: String = "pid", in run: String? = nil) -> Int32? {
    let file = "\(run ?? archive + "/.run")/\(stage).\(ending)"
    let text = try? String(contentsOfFile: file, encoding: .utf8)
    let first = text?.split(separator: "\n").first
    guard let words = first?.split(separator: " "), words.count == 2, words[0] == "pid" else { return nil }
    return Int32(words[1])
  }

  /// One check: exit status, the first broken link (or none) and the last line.
  func check(
    _ options: [String] = [], env: [String: String]? = nil, dir: Bool = true, in directory: String? = nil
  ) throws -> (status: Int32, first: String, line: String) {
    let place = dir ? ["--dir", archive] : []
    let outcome = try Tool.run(
      "observer-health",
      ["check", "--market", "open", "--sample", "0", "--listen", "127.0.0.1:1"] + place + options,
      env: env ?? environment, in: directory)
    let line = outcome.lines.last ?? outcome.errText
    let object = try? JSONSerialization.jsonObject(with: Data(line.utf8))
    let first = (object as? [String: Any])?["first"] as? String
    return (outcome.status, first ?? (outcome.status == 0 ? "none" : "?"), line)
  }

  /// Waits until `name` is the first broken link ("none": all hold). Gives the seconds it took, nil if it did not.
  func named(_ name: String, within seconds: Double = 12, _ options: [String] = []) throws -> Double? {
    let start = Date()
    var seen: [String] = []
    while Date().timeIntervalSince(start) < seconds {
      let now = try check(options)
      if now.first == name, now.status == (name == "none" ? 0 : 1) { return Date().timeIntervalSince(start) }
      if seen.last != now.line { seen.append(now.line) }
      usleep(100_000)
    }
    Issue.record("\(name) was not named within \(seconds) s, but: \(seen.suffix(3))")
    return nil
  }

  /// `named`, with the time said for the table of faults.
  func expectNamed(_ name: String, _ fault: String, within seconds: Double = 10, _ options: [String] = [])
    throws
  {
    let time = try named(name, within: seconds, options)
    try #require(time != nil)
    print("fault | \(fault) | \(name) | \(Int((time ?? 0) * 10)) tenths of a second")
  }
}
