import Glibc
import Plumbing
import TestSupport
import Testing

@testable import KIS

@Suite struct TokenTests {
  private static let start = Moment(monotonic: 1_000_000_000_000, wall: 1_785_369_600_000)
  private static let second: Nanoseconds = .seconds(1)

  private func token(_ name: String, _ now: Moment, hours: Int = 24) -> AccessToken {
    AccessToken(value: Secret(name), issued: now.wall, expires: now.wall + .hours(hours))
  }

  private func keeper(_ folder: String, seed: UInt64 = 1) -> TokenKeeper {
    TokenKeeper(store: TokenStore(folder: folder, fingerprint: "real-x"), seed: seed)
  }

  @Test(arguments: [
    ("2023-12-22 08:16:59", 1_703_200_619_000 as Milliseconds?), ("2026-07-30 00:00:00", 1_785_337_200_000),
    ("2023-12-22T08:16:59", nil), ("2023-12-22 08:16", nil), ("2023-13-22 08:16:59", nil), ("", nil),
    ("2023-12-22 08:16:5x", nil), ("2023-12-22 24:16:59", nil), ("2026-02-29 08:16:59", nil),
  ])
  func expiryIsKST(_ text: String, _ expected: Milliseconds?) {
    #expect(AccessToken.parseExpiry(text) == expected)
  }

  @Test func renewalIsTenMinutesEarlyOrATenthOfAShortLife() {
    #expect(AccessToken(value: Secret("t"), issued: 0, expires: 86_400_000).renewal == 85_800_000)
    #expect(AccessToken(value: Secret("t"), issued: 0, expires: 10_000).renewal == 9_000)
  }

  @Test func oneIssuesTheOthersWaitAndTakeIt() throws {
    let folder = try Tool.temporaryFolder("token")
    let keepers = (0..<10).map { keeper(folder, seed: UInt64($0)) }
    var now = Self.start
    let steps = keepers.map { $0.step(now) }
    #expect(steps.count { $0 == .issue } == 1 && steps[0] == .issue)
    for step in steps.dropFirst() {
      guard case .wait(let until) = step else { return #expect(Bool(false), "\(step)") }
      #expect(until > now.monotonic && until <= now.monotonic + Self.second)
    }
    now = now.advanced(by: 200_000_000)
    #expect(keepers[0].issued(token("t1", now), now) == nil)
    for keeper in keepers { #expect(keeper.step(now) == .ready(token("t1", now))) }
  }

  @Test func cacheIsPrivateAndNeedsNoLock() throws {
    let folder = try Tool.temporaryFolder("token")
    let first = keeper(folder)
    #expect(first.step(Self.start) == .issue)
    _ = first.issued(token("t1", Self.start), Self.start)
    var status = stat()
    #expect(stat(folder + "/real-x.token", &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(keeper(folder).step(Self.start) == .ready(token("t1", Self.start)))
    chmod(folder + "/real-x.token", 0o644)
    #expect(keeper(folder).step(Self.start) != .ready(token("t1", Self.start)))
  }

  @Test func renewedBeforeItEnds() throws {
    let folder = try Tool.temporaryFolder("token")
    let own = keeper(folder)
    _ = own.step(Self.start)
    _ = own.issued(token("t1", Self.start), Self.start)
    let late = Self.start.advanced(by: (24 * 60 - 11) * 60 * Self.second)
    #expect(own.step(late) == .ready(token("t1", Self.start)))
    #expect(own.step(late.advanced(by: 61 * Self.second)) == .issue)
  }

  @Test func aMinuteBetweenIssuesWhoeverMadeThem() throws {
    let folder = try Tool.temporaryFolder("token")
    let first = keeper(folder)
    _ = first.step(Self.start)
    _ = first.issued(token("t1", Self.start), Self.start)
    first.reject(Secret("t1"))
    let second = keeper(folder, seed: 2)
    _ = second.step(Self.start)
    second.reject(Secret("t1"))
    var now = Self.start
    var issues: [Int] = []
    while issues.isEmpty, now.monotonic - Self.start.monotonic < 100 * Self.second {
      for own in [first, second] {
        if own.step(now) == .issue { issues.append((now.monotonic - Self.start.monotonic) / Self.second) }
      }
      now = now.advanced(by: 200_000_000)
    }
    #expect(issues.count == 1 && (60...65).contains(issues.first ?? 0), "\(issues)")
  }

  @Test func tokenOfAnotherProcessEndsTheWait() throws {
    let folder = try Tool.temporaryFolder("token")
    let first = keeper(folder)
    _ = first.step(Self.start)
    first.tooSoon(Self.start)
    let store = TokenStore(folder: folder, fingerprint: "real-x")
    let soon = Self.start.advanced(by: 5 * Self.second)
    guard case .wait(let until) = first.step(soon) else { return #expect(Bool(false)) }
    #expect(until <= soon.monotonic + Self.second)
    #expect(try store.tryLock())
    try store.save(token("t2", soon))
    store.unlock()
    #expect(first.step(soon) == .ready(token("t2", soon)))
  }

  @Test func onlyTheTokenThatWasSentIsDropped() throws {
    let folder = try Tool.temporaryFolder("token")
    let own = keeper(folder)
    _ = own.step(Self.start)
    _ = own.issued(token("t1", Self.start), Self.start)
    own.reject(Secret("old"))
    #expect(own.step(Self.start) == .ready(token("t1", Self.start)))
    // Ten calls in the air with the same bad token are one rejection.
    for _ in 0..<10 { own.reject(Secret("t1")) }
    let later = Self.start.advanced(by: 70 * Self.second)
    #expect(own.step(later) == .issue)
  }

  @Test func secondRefusalInARowIsFinal() throws {
    let folder = try Tool.temporaryFolder("token")
    let own = keeper(folder)
    _ = own.step(Self.start)
    _ = own.issued(token("t1", Self.start), Self.start)
    own.reject(Secret("t1"))
    let later = Self.start.advanced(by: 70 * Self.second)
    #expect(own.step(later) == .issue)
    // Within six hours KIS gives the same token again: it is tried once more all the same.
    _ = own.issued(token("t1", later), later)
    #expect(own.step(later) == .ready(token("t1", later)))
    own.reject(Secret("t1"))
    guard case .stop(let failure) = own.step(later) else { return #expect(Bool(false)) }
    #expect(failure.status == .refused)
  }

  @Test func aSuccessInBetweenForgivesTheFirst() throws {
    let folder = try Tool.temporaryFolder("token")
    let own = keeper(folder)
    var now = Self.start
    for number in 0..<4 {
      #expect(own.step(now) == .issue)
      _ = own.issued(token("t\(number)", now), now)
      own.accepted()
      own.reject(Secret("t\(number)"))
      now = now.advanced(by: 70 * Self.second)
    }
  }

  @Test func wrongHostClockDoesNotAskForever() throws {
    let folder = try Tool.temporaryFolder("token")
    let own = keeper(folder)
    _ = own.step(Self.start)
    let stale = AccessToken(
      value: Secret("t1"), issued: Self.start.wall, expires: Self.start.wall - 3_600_000)
    #expect(own.issued(stale, Self.start)?.contains("clock") == true)
    guard case .ready(let used) = own.step(Self.start) else { return #expect(Bool(false)) }
    #expect(used.value == Secret("t1"))
  }

  @Test func stampFromTheFutureHoldsNobodyLongerThanAMinute() throws {
    let folder = try Tool.temporaryFolder("token")
    let store = TokenStore(folder: folder, fingerprint: "real-x")
    #expect(try store.tryLock())
    store.noteIssue(at: Self.start.wall + 3_600_000)
    store.unlock()
    let own = keeper(folder)
    guard case .wait = own.step(Self.start) else { return #expect(Bool(false)) }
    #expect(own.step(Self.start.advanced(by: 66 * Self.second)) == .issue)
  }

  @Test(arguments: [
    "", "{", "{\"access_token\":1}", "{\"access_token\":\"t\",\"issued_ms\":\"x\",\"expires_ms\":9}",
  ])
  func damagedCacheIsNoToken(_ content: String) throws {
    let folder = try Tool.temporaryFolder("token")
    let descriptor = open(folder + "/real-x.token", O_WRONLY | O_CREAT, 0o600)
    _ = content.withCString { write(descriptor, $0, strlen($0)) }
    close(descriptor)
    #expect(keeper(folder).step(Self.start) == .issue)
  }

  @Test func folderIsPrivateAndItsNameKnown() throws {
    let base = try Tool.temporaryFolder("state")
    let places = [
      (["KIS_TOKEN_CACHE_DIR": base + "/a", "XDG_STATE_HOME": base + "/b"], base + "/a"),
      (["XDG_STATE_HOME": base + "/b", "HOME": base], base + "/b/observer"),
      (["HOME": base + "/home"], base + "/home/.local/state/observer"),
    ]
    for (variables, expected) in places {
      #expect(try StateFolder.open(Environment { variables[$0] }) == expected)
      var status = stat()
      #expect(stat(expected, &status) == 0 && status.st_mode & 0o777 == 0o700)
    }
    let open = base + "/open"
    #expect(mkdir(open, 0o700) == 0 && chmod(open, 0o777) == 0)
    let failure = #expect(throws: ToolFailure.self) {
      try StateFolder.open(Environment { $0 == "KIS_TOKEN_CACHE_DIR" ? open : nil })
    }
    #expect(failure?.status == .refused)
  }
}
