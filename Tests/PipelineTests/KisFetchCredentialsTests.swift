import Foundation
import TestSupport
import Testing

/// Credentials as people hand them over: files, quotes that docker keeps, line ends of Windows.
@Suite(.serialized) struct KisFetchCredentialsTests {
  private func file(_ simulator: Simulator, _ text: String) throws -> String {
    let path = simulator.cache + "/keys.env"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    chmod(path, 0o600)
    return path
  }

  /// The address in the file is asked, not the real one; what was made up says so.
  @Test(arguments: ["\n", "\r\n"]) func theFilesOwnServerIsAsked(_ end: String) throws {
    let simulator = try Simulator()
    let lines = [
      "\u{FEFF}# keys", "export KIS_APP_KEY=\"\(Simulator.appKey)\"",
      "KIS_APP_SECRET='\(Simulator.appSecret)'",
      "KIS_REST_URL=\"\(simulator.restURL)\"", "KIS_TOKEN_CACHE_DIR=\(simulator.cache)",
      "OBSERVER_CONFIG_DIR=/x", "",
    ]
    let path = try file(simulator, lines.joined(separator: end))
    let outcome = try Tool.run(
      "kis-fetch", ["--once", "--feed", "price", "--credentials", path], text: "005930\n",
      env: ["HOME": "/nonexistent"])
    #expect(outcome.status == 0, "\(outcome.errText)")
    let line = try #require(try Line.all(outcome).first)
    #expect(line.symbol == "005930" && line["meta", "mode"] as? String == "SIM")
    #expect(outcome.log("WARNING").count == 1)
    #expect(outcome.log("WARNING")[0].contains("OBSERVER_CONFIG_DIR is not read from a credentials file"))
    Simulator.expectNoSecret(outcome)
  }

  /// docker's --env-file hands the quotes on.
  @Test func quotesInTheEnvironmentAreNoPartOfAValue() throws {
    let simulator = try Simulator()
    let environment = [
      "KIS_APP_KEY": "\"\(Simulator.appKey)\"", "KIS_APP_SECRET": "'\(Simulator.appSecret)'\r",
      "KIS_TOKEN_CACHE_DIR": "\"\(simulator.cache)\"", "KIS_REST_URL": "'\(simulator.restURL)'",
      "OBSERVER_MODE": "\"PROD\"", "OBSERVER_LOG_LEVEL": "\"info\"",
    ]
    let outcome = try Tool.run("kis-fetch", ["--once"], text: "005930\n", env: environment)
    #expect(outcome.status == 0, "\(outcome.errText)")
    #expect(try Line.all(outcome).first?["meta", "mode"] as? String == "PROD")
  }

  /// A pipe from another program is a file, too: --credentials <(pass show kis).
  @Test func aPipeIsReadToItsEnd() throws {
    let simulator = try Simulator()
    let outcome = try Tool.run(
      "bash",
      [
        "-c",
        #"shift; exec "$0" --once "$@" --credentials <(printf 'KIS_APP_KEY=%s\nKIS_APP_SECRET=%s\n' "$K" "$S")"#,
        Tool.path("kis-fetch"), "x",
      ] + simulator.arguments, text: "005930\n",
      env: ["K": Simulator.appKey, "S": Simulator.appSecret, "KIS_TOKEN_CACHE_DIR": simulator.cache])
    #expect(outcome.status == 0 && outcome.lines.count == 1, "\(outcome.errText)")
  }

  /// A pipe that never ends: SIGTERM ends the wait.
  @Test func aPipeThatGivesNothingIsLeftOnSIGTERM() throws {
    let simulator = try Simulator()
    let pipe = simulator.cache + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    let writer = open(pipe, O_RDWR)
    defer { close(writer) }
    let running = try simulator.start(["--once", "--credentials", pipe])
    let isOpen = { (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(running.pid)/fd/3")) }
    #expect(Tool.waitUntil { isOpen()?.hasSuffix("/pipe") == true })
    running.signal(SIGTERM)
    #expect(running.wait(timeout: 10).status == 143)
  }
}
