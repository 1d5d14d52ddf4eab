import Glibc
import Plumbing
import TestSupport
import Testing

@testable import KIS

/// Files that others could have written: no number in them stops or holds the program.
@Suite struct DamagedStateTests {
  private static let now = Moment(monotonic: 1_000_000_000_000, wall: 1_785_369_600_000)

  private func write(_ text: String, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(descriptor) }
    _ = text.withCString { Glibc.write(descriptor, $0, strlen($0)) }
  }

  @Test(arguments: [
    (Int.min, Int.min), (.min, .max), (.max, .min), (.max, .max), (0, .min), (-1, 2),
    (0, 253_402_268_400_000),
  ])
  func aTokenOfNoTimeIsNone(_ issued: Int, _ expires: Int) throws {
    let folder = try Tool.temporaryFolder("token")
    write(
      "{\"access_token\":\"t\",\"issued_ms\":\(issued),\"expires_ms\":\(expires)}", to: folder + "/x.token")
    let keeper = TokenKeeper(store: TokenStore(folder: folder, fingerprint: "x"), seed: 1)
    #expect(keeper.step(Self.now) == .issue)
  }

  @Test(arguments: ["a b", "a\\r\\nx: y", "", "é"]) func aTokenThatNoHeaderTakesIsNone(_ text: String) {
    let file = "{\"access_token\":\"\(text)\",\"issued_ms\":0,\"expires_ms\":1785456000000}"
    #expect(AccessToken(stored: Array(file.utf8)) == nil)
  }

  /// What is not known is no reason to wait; what lies in the future is waited for once, not for ever.
  @Test(arguments: [
    ("\(Int64.min)", true), ("\(Int64.max)", true), ("-1", true), ("x", true), ("", true), ("0", true),
    ("253402268399999", false), ("1785369599000", false),
  ])
  func aStampOfNoTimeIsNotWaitedFor(_ text: String, _ isIssued: Bool) throws {
    let folder = try Tool.temporaryFolder("token")
    write(text + "\n", to: folder + "/x.token.lock")
    let keeper = TokenKeeper(store: TokenStore(folder: folder, fingerprint: "x"), seed: 1)
    #expect((keeper.step(Self.now) == .issue) == isIssued)
    #expect(keeper.step(Self.now.advanced(by: .seconds(66))) == .issue)
  }

  @Test(arguments: [
    ("next", Int64.min), ("next", .max), ("next", 1_590_000_000_000), ("call", .min), ("call", .max),
    ("call", 1_590_000_000_000),
  ])
  func aLedgerFromElsewhereHoldsNobody(_ place: String, _ time: Int64) throws {
    let path = try Tool.temporaryFolder("ledger") + "/x.rate"
    let calls = (0..<40).map { "\($0) \(place == "call" ? time : 0)\n" }.joined()
    write("b \(place == "next" ? time : 0)\n" + calls, to: path)
    let ledger = try LimiterFile(path: path, boot: "b")
    let rule = LimiterRule(callsPerSecond: 18)
    #expect(try ledger.reserve(now: Self.now.monotonic, rule: rule) == Self.now.monotonic)
    #expect(try ledger.commit(now: Self.now.monotonic, rule: rule, id: 1) == nil)
  }

  /// A horizon that is too near would forget what others of a slow key still hold.
  @Test(arguments: [0.01, 0.5, 1, 3, 18, 1000]) func theHorizonHoldsSixteenProcessesAtTheirSlowest(
    _ rate: Double
  ) {
    let rule = LimiterRule(callsPerSecond: rate)
    var state = LimiterState()
    let slots = (0..<16).map { _ in state.reserve(now: 0, rule: rule, multiplier: 8) }
    #expect(zip(slots, slots.dropFirst()).allSatisfy { $1 - $0 == rule.spacing * 8 })
    #expect(rule.horizon >= rule.window + LimiterRule.margin + LimiterRule.doubt)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, 0, -1])
  func anyRateIsARule(_ rate: Double) {
    let rule = LimiterRule(callsPerSecond: rate)
    #expect(rule.permits >= 1 && rule.window >= 1 && rule.spacing >= 1)
  }

  /// Whatever stands where the cache, the ledger or a lock belongs: one line, or one warning, and no waiting.
  @Test(.timeLimit(.minutes(1)), arguments: ["FIFO", "folder"]) func nothingElseIsOpened(_ kind: String)
    throws
  {
    let folder = try Tool.temporaryFolder("kinds")
    for name in ["x.token", "x.token.lock", "x.rate", "x.session"] {
      #expect((kind == "FIFO" ? mkfifo("\(folder)/\(name)", 0o600) : mkdir("\(folder)/\(name)", 0o700)) == 0)
    }
    let store = TokenStore(folder: folder, fingerprint: "x")
    #expect(store.load() == nil)
    for failure in [
      #expect(throws: SystemError.self) { try store.tryLock() },
      #expect(throws: SystemError.self) { try LimiterFile(path: folder + "/x.rate") },
    ] {
      #expect(failure?.description.hasSuffix("it is a \(kind), not a regular file") == true)
    }
    let session = #expect(throws: ToolFailure.self) { try SessionLock(path: folder + "/x.session") }
    #expect(session?.status == .cannotCreate && session?.message.contains("it is a \(kind)") == true)
  }
}
