import Foundation
import TestSupport
import Testing

/// Credentials as people hand them over: files, quotes that docker keeps, line ends of Windows.
@Suite(.serialized, .waiting) struct KisFetchCredentialsTests {
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

  /// The folder of tokens is this user's, or root's: another user could put another one in its place.
  @Test(.enabled(if: getuid() == 0, "needs root, to become another user")) func aForeignTokenFolderIsRefused()
    throws
  {
    let folder = try Tool.temporaryFolder("foreign")
    let program = folder + "/kis-fetch"
    #expect(try Tool.run("cp", [Tool.path("kis-fetch"), program]).status == 0)
    #expect(mkdir(folder + "/own", 0o755) == 0 && chown(folder + "/own", 65533, 65533) == 0)
    let run = try Tool.run(
      "setpriv",
      [
        "--reuid=65534", "--clear-groups", program, "--once", "--rest-url", "http://127.0.0.1:9", "--retries",
        "0",
      ],
      text: "005930\n",
      env: ["KIS_APP_KEY": "a", "KIS_APP_SECRET": "b", "KIS_TOKEN_CACHE_DIR": folder + "/own", "HOME": "/"])
    #expect(run.status == 77 && run.out.isEmpty, "\(run.errText)")
    #expect(run.errText.contains("\(folder)/own belongs to another user (uid 65533)"), "\(run.errText)")
  }

  /// An address that cannot be used is said with the place where it stands; 64 is for the command line alone.
  @Test(
    arguments: [
      (#"{"fetch":{"rest_url":"x y"}}"#, [:], "c.json: fetch.rest_url must be https://"),
      (#"{"environment":{"KIS_REST_URL":"foo"}}"#, [:], "c.json: environment.KIS_REST_URL must be https://"),
      (#"{"fetch":{"ws_url":"wss://x"}}"#, [:], "c.json: fetch.ws_url cannot be used: "),
      ("{}", ["KIS_REST_URL": "foo"], " | KIS_REST_URL must be https://"),
      ("{}", ["KIS_WS_URL": "wss://x"], " | KIS_WS_URL cannot be used: "),
      (#"{"fetch":{"env":"virtual","feeds":["multi"]}}"#, [:], "c.json: fetch.feeds multi is not served"),
      (
        #"{"environment":{"KIS_REST_URL":"","QTS_OBSERVER_STANDALONE":"1"},"fetch":{"rate":0}}"#, [:],
        "fetch.rate"
      ),
    ] as [(String, [String: String], String)])
  func aWrongSettingNamesItsPlace(_ text: String, _ variables: [String: String], _ message: String) throws {
    let folder = try Tool.temporaryFolder("setting")
    try text.write(toFile: folder + "/c.json", atomically: true, encoding: .utf8)
    let run = try Tool.run(
      "kis-fetch", ["--config", folder + "/c.json"], text: "005930\n",
      env: ["KIS_APP_KEY": "a", "KIS_APP_SECRET": "b", "HOME": folder].merging(variables) { $1 }, timeout: 20)
    #expect(run.status == 78 && run.out.isEmpty, "\(run.errText)")
    #expect(run.errText.contains(message) && run.errText.split(separator: "\n").count == 1, "\(run.errText)")
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
