import Foundation
import TestSupport
import Testing

/// Links broken once in a running pipeline: each is named, and mending it turns the answer healthy again.
struct HealthFaultTests {
  @Test func credentialsWrong() throws {
    let bench = try HealthBench()
    try bench.simulate()
    try bench.run(["KIS_APP_SECRET": "wrong"])
    try bench.expectNamed("credentials", "credentials wrong")
    _ = bench.waitForEnd()
    try bench.run()
    #expect(try bench.named("none", within: 20) != nil)
  }

  @Test func exchangeRefusesConnections() throws {
    let bench = try HealthBench()
    try bench.runAndWaitUntilHealthy()
    try bench.fault(#"{"name":"refuse","seconds":7,"target":"rest"}"#)
    try bench.expectNamed("requests", "KIS refuses connections")
    #expect(try bench.named("none", within: 25) != nil)
  }

  @Test func exchangeAnswersErrors() throws {
    let bench = try HealthBench()
    try bench.runAndWaitUntilHealthy()
    try bench.fault(#"{"name":"http-500","n":-1}"#)
    try bench.expectNamed("requests", "KIS answers only errors")
    #expect(try bench.check().line.contains("only errors"))
    try bench.fault(#"{"name":"clear"}"#)
    #expect(try bench.named("none", within: 20) != nil)
  }

  @Test func socketHalfDead() throws {
    let bench = try HealthBench()
    try bench.runAndWaitUntilHealthy([:], ["--feed", "trades", "--watchdog", "16"])
    // Until the list has shown its pace.
    func number(_ name: String) -> Double {
      let path = bench.archive + "/.run/kis-fetch.prom"
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      return text.split(separator: "\n").first { $0.hasPrefix("observer_session_\(name){") }
        .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) } ?? 0
    }
    try #require(Tool.waitUntil(60) { number("busy_seconds") > 21 && number("records") > 200 })
    try bench.fault(#"{"name":"half-dead"}"#)
    // It is named after 8 s; after 16 the session is replaced.
    try bench.expectNamed("socket", "socket half dead", within: 14)
    #expect(try bench.named("none", within: 30) != nil)
  }

  @Test func subscriptionsRefused() throws {
    let bench = try HealthBench()
    try bench.simulate(["--fault", "internal-error=-1"])
    try bench.run()
    try bench.expectNamed("subscriptions", "subscriptions refused", within: 15)
    try bench.fault(#"{"name":"clear"}"#)
    #expect(try bench.named("none", within: 40) != nil)
  }

  /// Nothing but gap records: the archive grows, and holds nothing.
  @Test(arguments: ["price", "multi"])
  func allSymbolsUnknown(feed: String) throws {
    let bench = try HealthBench()
    try bench.simulate(["--unknown", "005930", "--unknown", "000660"])
    try bench.run([:], ["--feed", feed])
    try bench.expectNamed("watchlist", "all symbols unknown (\(feed))", within: 15)
    #expect(try bench.check(["--market", "closed"]).first == "watchlist")
  }

  @Test func clockFarOff() throws {
    let bench = try HealthBench()
    try bench.simulate(["--clock-at", "20270104T100000"])
    try bench.run([:], ["--feed", "price"])
    try bench.expectNamed("clock", "clock far off")
  }

  @Test(arguments: [("snap-enrich", SIGKILL), ("jsonl-sink", SIGKILL), ("snap-guard", SIGSTOP)])
  func stageEnds(stage: String, signal: Int32) throws {
    let bench = try HealthBench()
    try bench.runAndWaitUntilHealthy([:], ["--feed", "trades"])
    let pid = try #require(bench.pid(of: stage))
    if signal == SIGSTOP {

      kill(pid, SIGSTOP)
      try bench.expectNamed(stage, "\(stage) hangs", within: 40)
      kill(pid, SIGCONT)
    } else {
      kill(pid, signal)
      try bench.expectNamed(stage, "\(stage) killed")
      _ = bench.waitForEnd()
      try bench.run()
    }
    #expect(try bench.named("none", within: 20) != nil)
  }

  @Test func lockHeldByAnother() throws {
    let bench = try HealthBench()
    try bench.simulate()
    let holder = try Tool.start("jsonl-sink", ["--dir", bench.archive, "--quiet"], env: [:])
    try #require(
      Tool.waitUntil(10) { FileManager.default.fileExists(atPath: bench.archive + "/observer.lock") })
    try bench.run()
    try bench.expectNamed("lock", "archive's lock held by another")
    _ = bench.waitForEnd()
    holder.closeInput()
    _ = holder.wait(timeout: 10)
    try bench.run()
    #expect(try bench.named("none", within: 20) != nil)
  }

  @Test func portTaken() throws {
    let bench = try HealthBench()
    try bench.runAndWaitUntilHealthy([:], ["--feed", "trades"])
    let listen = ["--listen", "127.0.0.1:\(bench.restPort)"]
    try bench.expectNamed("port", "port taken", listen)
    let server = try Tool.run(
      "observer-health", ["serve", "--dir", bench.archive] + listen, env: bench.environment)
    #expect(server.status == 75 && server.errText.contains("is taken"), "\(server.errText)")
    #expect(try bench.check(["--market", "closed"]).first == "none")
  }

  /// The schema of the exchange's answers, and the guard's mind, change while it runs.
  @Test(arguments: [
    ("kis-fetch", "\"meta\":", "\"mata\":", "validation"),
    ("snap-validate", "\"severity\":\"INFO\"", "\"severity\":\"BLOCK\"", "guard"),
  ])
  func everythingRefused(stage: String, old: String, new: String, link: String) throws {
    let bench = try HealthBench()
    let bin = bench.folder + "/bin"
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    for name in ["kis-fetch", "snap-validate", "snap-guard", "snap-enrich", "jsonl-sink", "observer-health"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(bin)/\(name)", withDestinationPath: Tool.path(name))
    }
    try FileManager.default.removeItem(atPath: "\(bin)/\(stage)")
    let change = """
      import os, sys
      for line in sys.stdin.buffer:
          if os.path.exists(sys.argv[1]): line = line.replace(sys.argv[2].encode(), sys.argv[3].encode(), 1)
          sys.stdout.buffer.write(line); sys.stdout.buffer.flush()
      """
    try change.write(toFile: bin + "/change.py", atomically: true, encoding: .utf8)
    let wrapper = """
      #!/bin/bash
      exec '\(Tool.path(stage))' "$@" > >(exec python3 '\(bin)/change.py' '\(bench.folder)/broken' '\(old)' '\(new)')
      """
    try wrapper.write(toFile: "\(bin)/\(stage)", atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(bin)/\(stage)")
    try bench.runAndWaitUntilHealthy(["OBSERVER_BIN_DIR": bin], ["--feed", "trades"])
    try "".write(toFile: bench.folder + "/broken", atomically: true, encoding: .utf8)
    try bench.expectNamed(link, "\(link) refuses everything")
    try FileManager.default.removeItem(atPath: bench.folder + "/broken")
    #expect(try bench.named("none", within: 25) != nil)
  }

  /// On a small file system of its own; where none can be mounted there is nothing to fill.
  @Test func diskFull() throws {
    let mount = try Tool.temporaryFolder("health-disk")
    defer { try? FileManager.default.removeItem(atPath: mount) }
    guard try Tool.run("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", mount]).status == 0 else { return }
    defer { _ = try? Tool.run("umount", ["-l", mount]) }
    let bench = try HealthBench(archive: mount + "/observer")
    try bench.runAndWaitUntilHealthy([:], ["--feed", "trades"])
    let filler = mount + "/filler"
    _ = try Tool.run("dd", ["if=/dev/zero", "of=\(filler)", "bs=1M"])
    try bench.expectNamed("space", "disk full")
    try FileManager.default.removeItem(atPath: filler)
    #expect(try bench.named("none", within: 20) != nil)
    bench.stop()
  }

  /// No more files fit, though there is room in bytes.
  @Test func inodesExhausted() throws {
    let mount = try Tool.temporaryFolder("health-inodes")
    defer { try? FileManager.default.removeItem(atPath: mount) }
    let options = "size=64m,nr_inodes=200"
    guard try Tool.run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", mount]).status == 0 else { return }
    defer { _ = try? Tool.run("umount", ["-l", mount]) }
    let bench = try HealthBench(archive: mount + "/observer")
    try bench.runAndWaitUntilHealthy([:], ["--feed", "trades"])
    _ = try Tool.run("bash", ["-c", "while : >'\(mount)'/$((n += 1)).small; do :; done 2>&-"])
    try bench.expectNamed("inodes", "inodes exhausted")
    _ = try Tool.run("bash", ["-c", "rm -f '\(mount)'/*.small"])
    #expect(try bench.named("none", within: 20) != nil)
    bench.stop()
  }

  /// A disk that answers nothing any more, as a frozen file system does.
  @Test func diskHangs() throws {
    let place = try Tool.temporaryFolder("health-frozen")
    defer { try? FileManager.default.removeItem(atPath: place) }
    let mount = place + "/mount"
    try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    let make = """
      truncate -s 64M '\(place)/disk' && mkfs.ext4 -q '\(place)/disk' && mount -o loop '\(place)/disk' '\(mount)' &&
      fsfreeze -f '\(mount)' && fsfreeze -u '\(mount)'
      """
    guard try Tool.run("bash", ["-c", make]).status == 0 else {
      _ = try Tool.run("umount", [mount])
      return
    }
    defer { _ = try? Tool.run("umount", ["-l", mount]) }
    let bench = try HealthBench(archive: mount + "/observer")
    try bench.runAndWaitUntilHealthy([:], ["--feed", "trades"])
    // It thaws even if this process dies: what waits for a frozen disk cannot be killed.
    let frost = try Tool.start("bash", ["-c", "fsfreeze -f '\(mount)'; sleep 40; fsfreeze -u '\(mount)'"])
    defer {
      frost.signal(SIGKILL)
      _ = try? Tool.run("fsfreeze", ["-u", mount])
    }
    try bench.expectNamed("jsonl-sink", "disk hangs", within: 12)
    #expect(try bench.check().line.contains("waits for the disk"))
    _ = try Tool.run("fsfreeze", ["-u", mount])
    #expect(try bench.named("none", within: 20) != nil)
    bench.stop()
  }
}
