import Foundation
import TestSupport
import Testing

/// Links that break before anything runs.
struct HealthSetupTests {
  @Test func variableMissing() throws {
    let bench = try HealthBench()
    let seen = try bench.check(env: [:], dir: false, in: bench.folder)
    #expect(seen.status == 1 && seen.first == "variable", "\(seen.line)")
    let mended = try bench.check(env: ["OBSERVER_CONFIG_DIR": bench.folder], dir: false, in: bench.folder)
    #expect(mended.first == "folder", "\(mended.line)")
  }

  @Test func variableMisnamed() throws {
    let bench = try HealthBench()
    let seen = try bench.check(env: ["OBSERVER_STANDALONE": "1"], in: bench.folder)
    #expect(seen.status == 1 && seen.first == "variable" && seen.line.contains("QTS_"), "\(seen.line)")
    #expect(try bench.check(env: ["QTS_OBSERVER_STANDALONE": "1"], in: bench.folder).first == "kis-fetch")
  }

  @Test func configurationBroken() throws {
    let bench = try HealthBench()
    let file = bench.folder + "/broken.json"
    try "{\n  \"mode\": }".write(toFile: file, atomically: true, encoding: .utf8)
    let seen = try bench.check(["--config", file])
    #expect(
      seen.status == 1 && seen.first == "config" && seen.line.contains("broken.json:2:"), "\(seen.line)")
    try "{}".write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try bench.check(["--config", file]).first == "kis-fetch")
  }

  @Test func folderMissing() throws {
    let bench = try HealthBench()
    try FileManager.default.removeItem(atPath: bench.archive)
    let seen = try bench.check()
    #expect(seen.status == 1 && seen.first == "folder" && seen.line.contains("mkdir -p"), "\(seen.line)")
    try FileManager.default.createDirectory(atPath: bench.archive, withIntermediateDirectories: true)
    #expect(try bench.check().first == "kis-fetch")
  }

  @Test func folderNotWritable() throws {
    let bench = try HealthBench()
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: bench.folder)
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: bench.archive)
    // root may write anywhere: the check then runs as nobody.
    let program = """
      import os, sys
      if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)
      os.execv(sys.argv[1], sys.argv[1:])
      """
    func asNobody() throws -> Outcome {
      try Tool.run(
        "python3",
        [
          "-c", program, Tool.path("observer-health"), "check", "--dir", bench.archive, "--listen",
          "127.0.0.1:1",
        ],
        env: ["QTS_OBSERVER_STANDALONE": "1"])
    }
    let outcome = try asNobody()
    // Where nobody cannot even start the program there is nothing to see.
    guard outcome.status <= 1, !outcome.lines.isEmpty else { return }
    #expect(outcome.status == 1 && outcome.lines.last?.contains("\"first\":\"writable\"") == true)
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: bench.archive)
    #expect(try asNobody().lines.last?.contains("\"first\":\"kis-fetch\"") == true)
  }

  /// Where none can be mounted there is nothing to see.
  @Test(arguments: ["overlay", "tmpfs"]) func archiveThatIsLostWithItsContainer(type: String) throws {
    let bench = try HealthBench()
    let disk = bench.folder + "/disk"
    mkdir(disk, 0o700)
    guard try Tool.run("mount", ["-t", "tmpfs", "tmpfs", disk]).status == 0 else { return }
    defer { _ = try? Tool.run("umount", ["-l", disk]) }
    for name in ["lower", "upper", "work"] { mkdir("\(disk)/\(name)", 0o700) }
    let options = "lowerdir=\(disk)/lower,upperdir=\(disk)/upper,workdir=\(disk)/work"
    let mounted = try Tool.run(
      "mount",
      type == "tmpfs" ? ["-t", type, type, bench.archive] : ["-t", type, "-o", options, type, bench.archive])
    guard mounted.status == 0 else { return }
    defer { _ = try? Tool.run("umount", ["-l", bench.archive]) }
    func volume(_ variables: [String: String]) throws -> String? {
      let outcome = try Tool.run(
        "observer-health", ["check", "--dir", bench.archive, "--sample", "0", "--listen", "127.0.0.1:1"],
        env: ["QTS_OBSERVER_STANDALONE": "1"].merging(variables) { $1 })
      return outcome.lines.first { $0.contains("\"check\":\"volume\"") }
    }
    let lost = try #require(try volume(["OBSERVER_STARTED_BY": "container"]))
    #expect(
      lost.contains("\"ok\":false") && lost.contains(type) && lost.contains("docker compose"), "\(lost)")
    let accepted = try #require(try volume(["OBSERVER_STARTED_BY": "container", "OBSERVER_EPHEMERAL": "1"]))
    #expect(accepted.contains("\"ok\":true") && accepted.contains("OBSERVER_EPHEMERAL"), "\(accepted)")
  }

  @Test func koreanWhereTheLocaleIs() throws {
    let bench = try HealthBench()
    let seen = try bench.check(env: ["LANG": "ko_KR.UTF-8", "QTS_OBSERVER_STANDALONE": "1"])
    #expect(seen.line.contains("kis-fetch 단계가 시작되지 않았습니다"), "\(seen.line)")
  }

  /// The stages wait, but nobody is the trigger.
  @Test func triggerNotStarted() throws {
    let bench = try HealthBench()
    let script = """
      export OBSERVER_METRICS_DIR=\(bench.archive)/.run
      B=\(Tool.folder.path)
      sleep 20 | $B/snap-validate | $B/snap-guard | $B/snap-enrich | $B/jsonl-sink --dir \(bench.archive) --quiet
      """
    let stages = try Tool.start("bash", ["-c", script], env: ["QTS_OBSERVER_STANDALONE": "1"])
    #expect(Tool.waitUntil(10) { bench.pid(of: "jsonl-sink") != nil })
    try bench.expectNamed("kis-fetch", "kis-fetch not started")
    for stage in ["snap-validate", "snap-guard", "snap-enrich", "jsonl-sink"] {
      if let pid = bench.pid(of: stage) { kill(pid, SIGTERM) }
    }
    stages.signal(SIGTERM)
  }
}
