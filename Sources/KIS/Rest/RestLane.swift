import Glibc
import Plumbing

/// How patient the lane is.
public struct RestPolicy: Sendable {
  /// Tries after the first one, for each call.
  public var retries = 5
  /// Whether an outage is waited for without end (a service that streams), beyond `retries`.
  public var isPatient = false
  /// Whether the address is KIS's own: what answers there in another's words is an outage (a maintenance page), and
  /// no mistake of the user's.
  public var isKISAddress = false
  /// The longest time without any answer; nil: no end.
  public var maxWait: Nanoseconds?
  /// All waits are multiplied by this (tests).
  public var timeScale = 1.0
  /// Calls in the air at once.
  public var inFlight = 16
  /// The longest a whole call may take.
  public var whole: Nanoseconds = .seconds(20)

  /// The normal policy of a one-shot run.
  public init() {}
}

/// All REST calls of the process, one after the other at the allowed rate, each with its retries.
///
/// It is a state machine that never waits: `advance` does what is due, `deadline` says when to come back, and
/// the transport's descriptor says when an answer is there.
public final class RestLane {
  struct Call {
    let id: Int
    let work: RestWork
    /// Whether it asks for what a larger call was asked for in vain.
    let isPart: Bool
    var attempts = 0
    /// Answers that gave nothing.
    var doubts = 0
    /// Whether the last answer came, in KIS's form or in none that can be read: of several symbols one may be odd.
    var isAnswered = false
    /// When it was first sent, monotonic.
    var begun: Nanoseconds?
    var notBefore: Nanoseconds = .zero
    /// However short the pause, not before this.
    var floor: Nanoseconds = .zero
    var sent: Moment?
    /// When its answer is waited for no longer, monotonic.
    var until: Nanoseconds = .max
    var token: Secret?
  }

  let policy: RestPolicy
  let profile: Profile
  /// Where the access token comes from.
  public let keeper: TokenKeeper
  /// What makes the requests; poll its descriptor.
  public let transport: any RestTransport
  let credentials: Credentials
  let limiter: LimiterFile
  let rule: LimiterRule
  var penalty = RatePenalty()
  var generator: SeededGenerator
  var waiting = CallQueue()
  var flying: [Int: Call] = [:]
  var events: [RestEvent] = []
  var slot: Nanoseconds?
  var blockedUntil: Nanoseconds?
  let clock: () -> Nanoseconds
  var latency = LatencyFloor()
  let owner: UInt64
  var tokenWait: Nanoseconds?
  private var nextID: Int
  var outageFailures = 0
  /// When a call was given up last after all its tries, monotonic.
  var lastExhausted: Nanoseconds?
  var holdUntil: Nanoseconds = .min
  var silentSince: Nanoseconds?
  private var attention = Attention()
  /// Whether a `stop` was told: no call is made afterwards.
  var isStopped = false
  /// Whether the service has given one good answer.
  var hasAnswered = false
  var service = ServiceRecord()
  var lastFailure: Nanoseconds = .min
  var earlyTokens = 0

  /// What was counted so far.
  public internal(set) var counts = RestCounts()
  /// Calls made so far.
  public internal(set) var calls = 0

  /// Makes a lane; `rate` is in calls a second. Two lanes of one key number their calls from different starts (`firstID`,
  /// below 2³²), for the limiter tells them apart by that.
  public init(
    transport: any RestTransport, credentials: Credentials, keeper: TokenKeeper, limiter: LimiterFile,
    profile: Profile, rate: Double, policy: RestPolicy, seed: UInt64, firstID: Int = 1,
    clock: @escaping () -> Nanoseconds = Clocks.monotonic
  ) {
    self.clock = clock
    self.transport = transport
    self.credentials = credentials
    self.keeper = keeper
    self.limiter = limiter
    self.profile = profile
    self.policy = policy
    nextID = firstID
    rule = LimiterRule(callsPerSecond: rate)
    owner = UInt64(getpid()) << 32
    generator = SeededGenerator(seed: seed)
  }

  /// Calls that wait or are in the air.
  public var backlog: Int { waiting.count + flying.count }

  /// Whether any quote was answered, with data or with a refusal that is known.
  public var hasServed: Bool { service.hasServed }

  /// Asks for a call; `isPart`: for some symbols of one that was given up as a `batch`. The approval key goes before
  /// quotes.
  public func enqueue(_ work: RestWork, isPart: Bool = false) {
    let call = Call(id: nextID, work: work, isPart: isPart)
    nextID += 1
    waiting.add(call)
  }

  /// Whether a call for `instrument` waits for nothing but its turn under the limit.
  public func isQueued(_ instrument: Instrument, _ now: Moment) -> Bool {
    now.monotonic >= holdUntil && tokenWait == nil && waiting.isUntried(instrument)
  }

  /// Takes answers, gives up what is too late, sends what is due. A call whose turn has come and that is wanted by
  /// no consumer is dropped.
  public func advance(_ now: Moment, isWanted: (RestWork) -> Bool = { _ in true }) -> [RestEvent] {
    excuse(attention.turn(at: now.monotonic).pause)
    takeCompletions(now)
    for call in flying.values where now.monotonic >= call.until {
      flying[call.id] = nil
      transport.cancel(call.id)
      let seconds = policy.whole.wholeSeconds
      take(call, .failed(RestFault(.timeout, "no whole answer within \(seconds) s")), now)
    }
    do { while try sendNext(now, isWanted) {} } catch {
      events.append(.stop(ToolFailure(.ioError, "rate limiter: \(error)")))
      isStopped = true
    }
    defer { events = [] }
    return events
  }

  /// Nobody looked for answers for so long: that was no silence of the service.
  private func excuse(_ pause: Nanoseconds) {
    guard pause > .zero else { return }
    silentSince? += pause
    for id in flying.keys { flying[id]?.until += pause }
  }

  private func takeCompletions(_ now: Moment) {
    for completion in transport.takeCompletions() {
      guard let call = flying.removeValue(forKey: completion.id) else { continue }
      noteArrival(of: call, completion.outcome, now)
      counts.note(serverTime: completion.serverTime, now)
      take(call, completion.outcome, now)
    }
  }

  /// When to call `advance` again, monotonic, if nothing else happens.
  public var deadline: Nanoseconds? {
    var times = flying.values.map(\.until)
    if !flying.isEmpty || silentSince != nil { times.append(attention.deadline) }
    if !isStopped, flying.count < policy.inFlight, let ready = waiting.ready {
      let start = max(ready, holdUntil)
      if let tokenWait {
        times.append(max(start, tokenWait))
      } else {
        times.append(max(start, blockedUntil ?? slot ?? start))
      }
    }
    return times.min()
  }

  /// Takes the answers that are here, gives the issue lock back and stops everything in the air.
  public func finish(_ now: Moment) -> [RestEvent] {
    defer { events = [] }
    takeCompletions(now)
    for id in flying.keys { transport.cancel(id) }
    flying = [:]
    waiting = CallQueue()
    keeper.abandon()
    return events
  }

  /// As `finish`; returns the unanswered quotes too, for another lane to ask.
  public func abandon(_ now: Moment) -> (events: [RestEvent], left: [RestWork]) {
    takeCompletions(now)
    let left = (waiting.all + flying.values).map(\.work).filter(\.needsToken)
    isStopped = true
    return (finish(now), left)
  }
}
