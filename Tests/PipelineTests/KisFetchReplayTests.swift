import Foundation
import TestSupport
import Testing

/// `--replay` and `--record` from and to what is no plain file: what can be read is read, and a signal is heard.
@Suite(.serialized, .waiting) struct KisFetchReplayTests {
  private static let frame =
    "0|H0STCNT0|001|005930^093354^71900^5^-100^-0.14^72023.83^72100^72400^71700^71900^71800^1^3052507^219853241700"
    + "^5105^6937^1832^84.90^1366314^1159996^1^0.39^20.28^090020^5^-200^090820^5^-500^092619^2^200^20230612^20^N"
    + "^65945^216924^1118750^2199206^0.05^2424142^125.92^0^^72100\n"

  private func fifo() throws -> String {
    let path = try Tool.temporaryFolder("replay") + "/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    return path
  }

  /// A pipe that nobody writes to, and one whose writer says nothing: both are left on SIGTERM.
  @Test(arguments: [false, true]) func aSilentPipeIsLeftOnSIGTERM(_ hasWriter: Bool) throws {
    let path = try fifo()
    let writer = hasWriter ? open(path, O_RDWR) : -1
    defer { if hasWriter { close(writer) } }
    let running = try Tool.start("kis-fetch", ["--replay", path])
    let folder = "/proc/\(running.pid)/fd"
    #expect(
      Tool.waitUntil {
        let open = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return open.contains {
          (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) == path
        }
      })
    running.signal(SIGTERM)
    let outcome = running.wait(timeout: 10)
    #expect(outcome.status == 0 && outcome.errText.contains("stopped"), "\(outcome.errText)")
  }

  /// A writer that comes late is waited for; what it wrote goes out at once.
  @Test func aPipeIsPlayedAsItComes() throws {
    let path = try fifo()
    let running = try Tool.start("kis-fetch", ["--replay", path, "--speed", "max"])
    let writer = open(path, O_WRONLY)
    _ = Self.frame.withCString { write(writer, $0, strlen($0)) }
    #expect(Tool.waitUntil { String(decoding: running.out, as: UTF8.self).contains("\"price\":71900") })
    close(writer)
    #expect(running.wait(timeout: 10).status == 0)
  }

  @Test func aDashIsStandardInput() throws {
    let outcome = try Tool.run(
      "kis-fetch", ["--replay", "-", "--speed", "max"], text: Self.frame + Self.frame)
    #expect(outcome.status == 0 && outcome.lines.count == 2)
    let running = try Tool.start("kis-fetch", ["--replay", "-"])
    running.write(Self.frame)
    #expect(Tool.waitUntil { !running.out.isEmpty })
    running.signal(SIGTERM)
    #expect(running.wait(timeout: 10).status == 0)
  }

  /// Sizes and totals that no exchange sends, in every order: all frames go out, and the process ends as it should.
  @Test func numbersThatNoExchangeSendsEndNothing() throws {
    let columns = [2, 12, 13, 14, 15, 16]  // price, size, totals of shares and money, counts of both sides
    let numbers = ["0", "1", "999999999999999999", "999999999999999", "-999999999999999999", "7"]
    var random = SystemRandomNumberGenerator()
    var frames = String(repeating: Self.frame, count: 2)
    for _ in 0..<600 {
      var fields = Self.frame.split(separator: "^", omittingEmptySubsequences: false).map(String.init)
      for column in columns where Bool.random(using: &random) {
        fields[column] = numbers.randomElement(using: &random) ?? ""
      }
      frames += fields.joined(separator: "^")
    }
    // The size alone, many times: sums of it.
    var huge = Self.frame.split(separator: "^", omittingEmptySubsequences: false).map(String.init)
    huge[12] = "999999999999999999"
    frames += String(repeating: huge.joined(separator: "^"), count: 20)
    let outcome = try Tool.run("kis-fetch", ["--replay", "-", "--speed", "max"], text: frames)
    #expect(outcome.status == 0, "\(outcome.errText.suffix(500))")
    #expect(outcome.lines.count > 100)
  }

  /// An endless device holds nobody, and --duration counts while a pipe is silent.
  @Test func anEndlessSourceEnds() throws {
    let running = try Tool.start("kis-fetch", ["--replay", "/dev/zero"])
    #expect(
      Tool.waitUntil {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(running.pid)/fd")) != nil
      })
    running.signal(SIGTERM)
    #expect([0, 143].contains(running.wait(timeout: 10).status))
    let silent = try Tool.start("kis-fetch", ["--replay", try fifo(), "--duration", "0.2"])
    #expect(silent.wait(timeout: 10).status == 0)
  }

  @Test func aFolderIsNoRecording() throws {
    let outcome = try Tool.run("kis-fetch", ["--replay", "/"])
    #expect(outcome.status == 74 && outcome.log("ERROR").count == 1)
    #expect(outcome.errText.contains("--replay: cannot open /: it is a folder, not a regular file"))
  }

  @Test(arguments: ["FIFO", "folder"]) func aRecordingGoesToAFile(_ kind: String) throws {
    let path = kind == "FIFO" ? try fifo() : "/"
    let outcome = try Tool.run(
      "kis-fetch", ["--record", path], text: "005930\n", env: ["KIS_APP_KEY": "a", "KIS_APP_SECRET": "b"])
    #expect(outcome.status == 73 && outcome.log("ERROR").count == 1)
    #expect(outcome.errText.contains("it is a \(kind), not a regular file"), "\(outcome.errText)")
  }

  /// A FIFO or a folder where the ledger, a lock or the token belongs.
  @Test(arguments: [("rate", 73), ("token.lock", 73), ("session", 73), ("token", 0)], ["FIFO", "folder"])
  func stateThatIsNoFile(_ place: (String, Int32), _ kind: String) throws {
    let simulator = try Simulator(["--token-floor", "0"])
    let arguments = place.0 == "session" ? ["--feed", "trades", "--count", "1"] : ["--once"]
    _ = try simulator.fetch(arguments, "005930\n")
    let names = try FileManager.default.contentsOfDirectory(atPath: simulator.cache)
    let name = try #require(names.first { $0.hasSuffix("." + place.0) }, "\(names)")
    let path = simulator.cache + "/" + name
    unlink(path)
    if place.0 == "token.lock" { unlink(String(path.dropLast(5))) }
    #expect((kind == "FIFO" ? mkfifo(path, 0o600) : mkdir(path, 0o700)) == 0)
    let outcome = try simulator.fetch(arguments, "005930\n", timeout: 20)
    #expect(outcome.status == place.1, "\(outcome.errText)")
    if place.1 != 0 {
      #expect(outcome.log("ERROR").count == 1 && outcome.errText.contains("it is a \(kind)"))
      #expect(outcome.errText.contains("KIS_TOKEN_CACHE_DIR"))
    }
  }
}
