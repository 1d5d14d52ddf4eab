import Foundation
import TestSupport
import Testing

/// Something else than a file where a file is read: a FIFO without a writer, a folder, an endless device. Who looks says
/// so, or looks on without it, and never waits.
struct OddFilesTests {
  enum Kind: String, CaseIterable {
    case fifo, folder, device, link

    func place(_ path: String) throws {
      try? FileManager.default.removeItem(atPath: path)
      switch self {
      case .fifo: mkfifo(path, 0o600)
      case .folder: mkdir(path, 0o700)
      case .device: symlink("/dev/zero", path)
      case .link: symlink(path, path)
      }
    }
  }

  static let state = [
    "observer.pid", "pipeline.lock", "kis-fetch.pid", "kis-fetch.words", "jsonl-sink.prom", "jsonl-sink.prev",
  ]

  @Test(arguments: state, Kind.allCases) func theDoctorLooksAndEnds(name: String, kind: Kind) throws {
    let bench = try HealthBench()
    mkdir(bench.archive + "/.run", 0o700)
    try "status 77 credentials-missing\n".write(
      toFile: bench.archive + "/.run/kis-fetch.pid", atomically: false, encoding: .utf8)
    try kind.place(bench.archive + "/.run/" + name)
    let seen = try Tool.run(
      "observer-health", ["check", "--dir", bench.archive, "--sample", "0", "--listen", "127.0.0.1:1"],
      env: bench.environment, timeout: 20)
    #expect(
      seen.status == 1 && seen.lines.last?.contains("\"verdict\"") == true, "\(seen.status) \(seen.errText)")
    if name.hasSuffix(".pid") {
      #expect(seen.outText.contains("/.run/\(name): "), "\(seen.outText)")
    }
  }

  @Test(arguments: ["holidays.jsonl", "deployment_config.json"], Kind.allCases)
  func theConfigurationIsReadOrRefused(name: String, kind: Kind) throws {
    let bench = try HealthBench()
    let config = bench.folder + "/config"
    mkdir(config, 0o700)
    try "{}".write(toFile: config + "/deployment_config.json", atomically: false, encoding: .utf8)
    try kind.place("\(config)/\(name)")
    for command in ["check", "config"] {
      let seen = try Tool.run(
        "observer-health", [command, "--dir", bench.archive, "--config", config + "/deployment_config.json"],
        env: bench.environment, timeout: 20)
      let isRefused = name == "deployment_config.json"
      #expect(seen.status == (command == "check" ? 1 : isRefused ? 78 : 0), "\(seen.status) \(seen.errText)")
      if isRefused {
        #expect((seen.outText + seen.errText).contains("/config/\(name): "), "\(seen.outText)\(seen.errText)")
      }
    }
  }

  /// Metrics never disturb the data.
  @Test(arguments: ["pid", "words", "prom", "prom.new", "prom.old", "prev", "prev.new"], Kind.allCases)
  func aStageWorksOn(ending: String, kind: Kind) throws {
    let folder = try Tool.temporaryFolder("odd")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try kind.place("\(folder)/snap-guard.\(ending)")
    let line = #"{"meta":{},"context":{"stage":"raw"},"observation":{},"validation":{"severity":"INFO"}}"#
    let outcome = try Tool.run(
      "snap-guard", ["--plain"], text: line + "\n", env: ["OBSERVER_METRICS_DIR": folder], timeout: 20)
    #expect(outcome.status == 0 && outcome.lines == [line], "\(outcome.status) \(outcome.errText)")
  }
}
