import KIS
import Plumbing

/// All that belongs to one app key: its calls with their token and limiter, and its real-time session with its lock.
///
/// Keys are told apart by their number, from 1 in the order of `--credentials`; the key itself is never shown.
final class KeyLane {
  /// Makes a session of this key; takes the lock that one session of it needs.
  typealias SessionMaker = () throws(ToolFailure) -> (RealtimeLane, SessionLock?)
  /// Makes a lane for calls that nothing else depends on: with this key, its limiter and its token, without a retry.
  typealias SideMaker = () throws(ToolFailure) -> RestLane

  /// Before a session that was given up is tried again; it doubles up to the longest.
  private static let firstWait: Nanoseconds = .seconds(600), longestWait: Nanoseconds = .hours(1)

  let number: Int
  let rest: RestLane
  /// The session; nil where no feed needs one, or while it is given up.
  private(set) var realtime: RealtimeLane?
  /// A session that says goodbye although the run goes on.
  private(set) var leaving: RealtimeLane?
  /// Why it is not fully in service; nil when it is.
  private(set) var failure: ToolFailure?
  /// Whether its calls are made.
  private(set) var makesCalls = true
  /// When a session that was given up is tried again, monotonic; nil: not in this run.
  private(set) var againAt: Nanoseconds?
  /// Counts of all its sessions.
  private var kept: (counts: RealtimeCounts, account: FrameAccount)?
  private let makeSession: SessionMaker?
  /// Nil where such calls are not made (tests).
  let makeSideLane: SideMaker?
  private var lock: SessionLock?
  private var wait = KeyLane.firstWait

  /// A key; `session` is nil where no feed needs one.
  init(number: Int, rest: RestLane, session: SessionMaker?, side: SideMaker? = nil) {
    self.number = number
    self.rest = rest
    makeSession = session
    makeSideLane = side
  }

  /// Makes a session that waits for something to observe, where one is needed.
  ///
  /// - Throws: `ToolFailure`: another process of this host holds it.
  func beginSession() throws(ToolFailure) {
    guard let makeSession, makesCalls else { return }
    lock = nil
    (realtime, lock) = try makeSession()
    if let kept {
      realtime?.counts = kept.counts
      realtime?.account = kept.account
    }
    failure = nil
    againAt = nil
  }

  /// Gives the session up. It is tried again later when the key was in use elsewhere or out of reach, not when it was
  /// refused.
  func giveUpSession(_ why: ToolFailure, _ now: Nanoseconds) {
    if let realtime {
      realtime.leave(now)
      kept = (realtime.counts, realtime.account)
      leaving = realtime
    }
    realtime = nil
    failure = why
    againAt = nil
    guard makesCalls, why.status == .tryLater || why.status == .unavailable else { return }
    againAt = now + wait
    wait = min(wait * 2, Self.longestWait)
  }

  /// Gives the calls up too; returns the answers that have arrived and the unanswered quotes.
  func giveUpCalls(_ why: ToolFailure, _ now: Moment) -> (events: [RestEvent], left: [RestWork]) {
    makesCalls = false
    giveUpSession(why, now.monotonic)
    return rest.abandon(now)
  }

  /// What was counted over all its sessions; nil where there never was one.
  var counts: RealtimeCounts? { realtime?.counts ?? kept?.counts }
  /// What could be read over all its sessions.
  var account: FrameAccount? { realtime?.account ?? kept?.account }

  /// Cuts farewells short that take too long; whether all of it is closed.
  @discardableResult
  func closeIfDue(at now: Nanoseconds) -> Bool {
    if leaving?.closeIfDue(at: now) ?? true { leaving = nil }
    return leaving == nil && realtime?.closeIfDue(at: now) ?? true
  }

  /// All sessions that can still say something.
  var open: [RealtimeLane] { [realtime, leaving].compactMap { $0 } }
}
