import Plumbing

/// Decides where the access token comes from: memory, the cache on disk, or KIS.
///
/// KIS allows one issue a minute, sends the owner a message for each, and one token serves all processes of the
/// key. So only the holder of the lock issues, it looks into the cache again once it holds the lock, and 60 s
/// pass between two issues, by whichever process. Nothing here waits: `step` says until when the caller should.
public final class TokenKeeper {
  /// What the caller does next.
  public enum Step: Equatable {
    /// Use this token.
    case ready(AccessToken)
    /// Ask again at this monotonic time.
    case wait(until: Nanoseconds)
    /// Call tokenP now, then `issued` or `tooSoon`. The lock is held until then.
    case issue
    /// There will be no token.
    case stop(ToolFailure)
  }

  /// Waits.
  public struct Timing: Sendable {
    /// Between two issues (KIS: one a minute, EGW00133).
    public var floor: Nanoseconds = .seconds(60)
    /// On top of the floor, at most, so that processes do not come together.
    public var jitter: Nanoseconds = .seconds(5)
    /// Between two looks at a lock that another process holds.
    public var look: Nanoseconds = .milliseconds(40)
    /// Between two looks into the cache while the floor is waited for.
    public var reread: Nanoseconds = .seconds(1)

    /// The normal waits.
    public init() {}

    /// All waits multiplied by `factor`.
    public func scaled(by factor: Double) -> Timing {
      var timing = self
      timing.floor = floor.scaled(by: factor)
      timing.jitter = jitter.scaled(by: factor)
      timing.reread = reread.scaled(by: factor)
      return timing
    }
  }

  private let store: TokenStore
  private let timing: Timing
  private var generator: SeededGenerator
  private var current: AccessToken?
  private var rejected: Secret?
  private var rejections = 0
  private var waitUntil: Nanoseconds = .min

  /// A keeper of the token in `store`; `token` is one that is known already.
  public init(store: TokenStore, timing: Timing = Timing(), seed: UInt64, token: AccessToken? = nil) {
    self.store = store
    current = token
    self.timing = timing
    generator = SeededGenerator(seed: seed)
  }

  /// Between two issues.
  var floor: Nanoseconds { timing.floor }
  /// The token in use, if there is one.
  public var token: AccessToken? { current }

  /// What to do to get a valid token.
  public func step(_ now: Moment) -> Step {
    if let current, current.renewal > now.wall { return .ready(current) }
    if let cached = cached(now) { return .ready(cached) }
    if now.monotonic < waitUntil { return .wait(until: min(waitUntil, now.monotonic + timing.reread)) }
    if rejections >= 2 {
      return .stop(
        ToolFailure(
          .refused,
          "KIS refuses the access token twice in a row, a fresh one included: check that the app key belongs to"
            + " this service (--env) and to this address (--rest-url)"))
    }
    do {
      guard try store.tryLock() else {
        return .wait(
          until: now.monotonic + Nanoseconds.random(in: timing.look / 2...timing.look, using: &generator))
      }
    } catch {
      return .stop(
        ToolFailure(.cannotCreate, "token cache: \(error); set KIS_TOKEN_CACHE_DIR", cause: .folder(.tokens)))
    }
    // Another process may have issued one between the look and the lock.
    if let cached = cached(now) {
      store.unlock()
      return .ready(cached)
    }
    if let rejected { store.remove(rejected) }
    if let last = store.lastIssue {
      // A stamp from the future is a clock that was set back: the floor begins anew, now.
      let stamp = min(last, now.wall)
      if stamp != last { store.noteIssue(at: stamp) }
      let passed = now.wall - stamp
      if passed < Milliseconds(timing.floor) {
        store.unlock()
        return pause(now, atLeast: timing.floor - Nanoseconds(passed))
      }
    }
    return .issue
  }

  /// A token arrived. Gives a warning for the log when the cache could not be written or the clock is wrong.
  public func issued(_ token: AccessToken, _ now: Moment) -> String? {
    defer { store.unlock() }
    token.value.hide()
    rejected = nil
    store.noteIssue(at: now.wall)
    if token.expires <= now.wall {
      // KIS has just issued it, so it is this host's clock that is wrong, or what the answer says of its life.
      current = AccessToken(value: token.value, issued: now.wall, expires: now.wall + .hours(6))
      return
        "the new access token has already expired by this host's clock, and is used all the same: is the clock right?"
    }
    current = token
    do {
      try store.save(token)
      return nil
    } catch {
      return "the access token could not be cached (\(error)): every process will ask for its own"
    }
  }

  /// No token for us, but one was issued within the last minute: to another process (EGW00133), or in vain.
  public func tooSoon(_ now: Moment) {
    store.noteIssue(at: now.wall)
    _ = pause(now, atLeast: timing.floor)
    store.unlock()
  }

  /// Gives the issue lock back without a result.
  public func abandon() { store.unlock() }

  /// KIS refused `sent` (EGW00121, 122, 123). Counts only the first refusal of one token.
  public func reject(_ sent: Secret) {
    guard current?.value == sent else { return }
    current = nil
    rejected = sent
    rejections += 1
  }

  /// A call with the current token succeeded.
  public func accepted() { rejections = 0 }

  private func cached(_ now: Moment) -> AccessToken? {
    guard let token = store.load(), token.renewal > now.wall, token.value != rejected else { return nil }
    token.value.hide()
    current = token
    return token
  }

  private func pause(_ now: Moment, atLeast wait: Nanoseconds) -> Step {
    waitUntil = now.monotonic + wait + Nanoseconds.random(in: .zero...timing.jitter, using: &generator)
    return .wait(until: min(waitUntil, now.monotonic + timing.reread))
  }
}
