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
  private let credentials: Credentials
  private let limiter: LimiterFile
  private let rule: LimiterRule
  var penalty = RatePenalty()
  var generator: SeededGenerator
  var waiting = CallQueue()
  var flying: [Int: Call] = [:]
  var events: [RestEvent] = []
  private var slot: Nanoseconds?
  private var blockedUntil: Nanoseconds?
  private let clock: () -> Nanoseconds
  private var latency = LatencyFloor()
  private let owner: UInt64
  private var tokenWait: Nanoseconds?
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
  public private(set) var calls = 0

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

  /// Sends one call if one is due. False when there is nothing more to do now.
  private func sendNext(_ now: Moment, _ isWanted: (RestWork) -> Bool) throws(SystemError) -> Bool {
    tokenWait = nil
    guard !isStopped, flying.count < policy.inFlight, now.monotonic >= holdUntil else { return false }
    guard let (place, next) = waiting.next(now.monotonic) else { return false }
    var token: Secret?
    if next.work.needsToken {
      guard isWanted(next.work) else {
        waiting.remove(place)
        return true
      }
      // While a token is being issued nothing else can go: what needs none stands before it.
      if let issue = (waiting.urgent + flying.values).first(where: { $0.work == .token }) {
        tokenWait = issue.sent == nil ? issue.notBefore : now.monotonic + policy.whole
        return false
      }
      switch keeper.step(now) {
      case .ready(let valid): token = valid.value
      case .wait(let until):
        tokenWait = until
        return false
      case .issue:
        enqueue(.token)
        return true
      case .stop(let failure):
        events.append(.stop(failure))
        isStopped = true
        return false
      }
    }
    let due: Nanoseconds
    if let slot {
      due = slot
    } else {
      due = try limiter.reserve(
        now: now.monotonic, rule: rule, multiplier: penalty.multiplier(now: now.monotonic))
      slot = due
      if due > now.monotonic {
        counts.limiterWaits += 1
        counts.limiterWait += due - now.monotonic
        if due - now.monotonic > Self.longWait {
          let seconds = (due - now.monotonic).wholeSeconds
          events.append(.note(.warning, "Rate limit | the next call of this app key is free in \(seconds) s"))
        }
      }
    }
    guard max(due, blockedUntil ?? due) <= now.monotonic else { return false }
    blockedUntil = nil
    // The clock is read again: what went before may have taken a while.
    var sending = now
    sending.monotonic = max(clock(), now.monotonic)
    if let free = try limiter.commit(
      now: sending.monotonic, rule: rule, id: owner | UInt64(next.id))
    {
      // An answer, here or in another process, may free it earlier.
      blockedUntil = min(free, sending.monotonic + Self.look)
      return false
    }
    slot = nil
    waiting.remove(place)
    send(next, token, sending)
    return true
  }

  /// Between two looks at permits that other processes hold.
  private static let look: Nanoseconds = .milliseconds(20)
  /// A wait for a slot that is said.
  private static let longWait: Nanoseconds = .seconds(3)

  /// An answer tells when its call had arrived at the latest; without one it stays in doubt.
  private func noteArrival(of call: Call, _ outcome: RestCompletion.Outcome, _ now: Moment) {
    blockedUntil = nil
    guard case .answered = outcome, let sent = call.sent else { return }
    latency.note(now.monotonic - sent.monotonic)
    do {
      try limiter.complete(
        now: now.monotonic, id: owner | UInt64(call.id), latest: now.monotonic - latency.value, rule: rule)
    } catch {
      events.append(.note(.warning, "rate limiter: \(error)"))
    }
  }

  private func send(_ waitingCall: Call, _ token: Secret?, _ now: Moment) {
    var call = waitingCall
    call.attempts += 1
    call.sent = now
    call.until = now.monotonic + policy.whole
    call.begun = call.begun ?? now.monotonic
    call.token = token
    calls += 1
    flying[call.id] = call
    transport.start(call.work.request(id: call.id, credentials: credentials, token: token))
  }
}
