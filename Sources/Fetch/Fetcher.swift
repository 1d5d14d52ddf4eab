import Glibc
import JSONBytes
import KIS
import Plumbing

/// The trigger: one thread, one `poll`, and all state of a run.
///
/// What waits for what is spread over `Fetcher+…` by concern; each part offers a deadline and does what is due
/// when its turn comes, so nothing sleeps and nothing spins.
final class Fetcher {
  enum Key { static let input = 0, output = 1, signals = 2, rest = 3, socket = 4 }

  /// How long a slow reader may take at the end.
  static let drain: Int64 = 10_000_000_000

  let options: FetchOptions
  let log: Log
  let lane: RestLane
  let started: Moment
  var builder: SnapshotBuilder
  var output = SnapshotOutput()
  var loop = EventLoop()

  // The watchlist.
  var watchlist = Watchlist()
  var lines: WatchlistReader
  var lineNumber = 0
  var isInputOpen = true
  /// Whether a line has named a symbol.
  var hasWatched = false
  /// Lines that name nothing that can be watched.
  var ignored = IgnoredLines()
  /// What was last told about symbols and lines.
  var told: String?

  // Polled feeds.
  var schedules: [Feed: PollSchedule] = [:]
  var rounds: [Feed: PollRound] = [:]
  /// Whether the number of things to poll has changed.
  var isRefitDue = false
  var busy: Set<Subject> = []
  var refused: RefusedSymbols
  var isMultiRefused = false
  var hours: PollingHours
  /// Whether it is to be said how many symbols rest, and how many were said to.
  var isPauseUnsaid = false
  var restingSaid = 0
  var once = OnceQueue()
  var onceBatch: [Instrument] = []

  // Real-time feeds.
  var realtime: RealtimeLane?
  private var sessionLock: SessionLock?
  /// Instruments without room in the session.
  var overflow = Overflow()
  /// Keeps frames that could not be read (`--rejects`).
  let rejects: FrameRejects?

  /// Keeps the raw messages (`--record`).
  let recorder: WireRecorder?

  // What was seen and what was not.
  var gaps = GapBook()
  var sweep: GapSweep?
  var snapshots = 0
  var gapLines = 0
  var tally = FeedTally()
  var meter = PaceMeter()
  var gapsByReason: [GapReason: Int] = [:]
  /// When the last snapshot was made, epoch milliseconds; 0 before the first.
  var lastSnapshot: Int64 = 0
  var notes: FetchNotes

  // The end.
  var ending: ExitStatus?
  var failure: ToolFailure?
  var endingSince: Int64 = 0
  private var attention = Attention()

  init(_ options: FetchOptions, _ environment: Environment, _ log: Log) throws(ToolFailure) {
    self.options = options
    self.log = log
    notes = FetchNotes(log)
    rejects = options.rejects.map { FrameRejects(path: $0) }
    started = Self.now()
    builder = SnapshotBuilder(sessionID: options.sessionID, mode: options.mode, raw: options.raw)
    lines = WatchlistReader(limit: options.maxLine)
    hours = PollingHours(options.hours, options.calendar)
    refused = RefusedSymbols(RefusedSymbols.Waits().scaled(by: options.timeScale))
    do {
      recorder = try options.record.map { path throws(SystemError) in try WireRecorder(path: path) }
    } catch {
      throw ToolFailure(.cannotCreate, "--record: \(error)")
    }
    let seed = UInt64(truncatingIfNeeded: started.monotonic) &+ UInt64(getpid()) << 32
    let credentials = try Credentials.find(file: options.credentials, environment: environment)
    let folder = try StateFolder.open(environment)
    let name = credentials.fingerprint(environment: options.profile.environment, restURL: options.restURL)
    if options.isRealtime {
      sessionLock = try SessionLock(path: "\(folder)/\(name).session")
      realtime = try RealtimeLane.live(options, environment, now: started.monotonic, seed: seed)
    }
    let keeper = TokenKeeper(
      store: TokenStore(folder: folder, fingerprint: name),
      timing: TokenKeeper.Timing().scaled(by: options.timeScale), seed: seed)
    let limiter: LimiterFile
    do { limiter = try LimiterFile(path: "\(folder)/\(name).rate") } catch {
      throw ToolFailure(.cannotCreate, "rate limiter: \(error); set KIS_TOKEN_CACHE_DIR")
    }
    let policy = Self.policy(options)
    lane = RestLane(
      transport: try HTTPTransport(base: options.restURL, environment, connections: policy.inFlight),
      credentials: credentials,
      keeper: keeper, limiter: limiter, profile: options.profile, rate: options.rate, policy: policy,
      seed: seed ^ 0x5DEE_CE66)
    for feed in [Feed.price, .multi] { schedules[feed] = PollSchedule(interval: options.interval) }
  }

  private static func policy(_ options: FetchOptions) -> RestPolicy {
    var policy = RestPolicy()
    policy.retries = options.retries ?? policy.retries
    policy.isPatient = !options.once && options.retries == nil
    policy.isKISAddress = RestAddress.isKIS(options.restURL)
    policy.maxWait = options.maxWait
    policy.timeScale = options.timeScale
    return policy
  }

  static func now() -> Moment {
    Moment(monotonic: Clocks.monotonicNanoseconds(), wall: Clocks.wallMilliseconds())
  }

  /// Runs to the end. A failure is thrown only after the session was closed properly.
  func run() throws(ToolFailure) -> ExitStatus {
    log.info(
      "Fetching | feeds=\(options.feeds.map(\.rawValue).joined(separator: ",")) env=\(options.profile.environment)"
        + " rate=\(options.rate)/s session_id=\(options.sessionID) mode=\(options.mode)")
    while true {
      let now = Self.now()
      turn(now)
      if now.monotonic >= Metrics.nextDue { writeMetrics(now) }
      if isFinished(now) { break }
      watch()
      loop.wait(until: min(deadline ?? .max, Metrics.nextDue), now: Clocks.monotonicNanoseconds())
    }
    writeMetrics(Self.now())
    summarise("Finished")
    if let failure { throw failure }
    if let until = options.until, started.wall >= until {
      func time(_ wall: Int64) -> Substring { KST(milliseconds: wall).iso.dropFirst(11).prefix(5) }
      throw ToolFailure(
        ending ?? .done,
        "Nothing to do | --until \(time(until)) (KST) has passed today; it is \(time(started.wall))",
        cause: .untilPassed)
    }
    return ending ?? .done
  }

  /// One turn: everything that is due, then one write.
  private func turn(_ now: Moment) {
    takeSignals(now)
    if !output.isFull {
      if loop.ready(Key.input) != 0, ending == nil { readInput(now) }
      if ending == nil {
        askAgain(now)
        takeAnswers(now)
      }
      advanceRealtime(now)
      if ending == nil {
        settleOverflow(now)
        runTimers(now)
        checkEnd(now)
      }
    }
    if loop.ready(Key.output) & Int16(POLLERR | POLLHUP) != 0 {
      stop(ToolFailure(.signalled(SIGPIPE), ""), now)
      output.discard()
    }
    flushRecording(now)
    flushRejects(now)
    do { try output.flush() } catch {
      output.discard()
      stop(error, now)
    }
  }

  private func runTimers(_ now: Moment) {
    lookAtHours(now)
    refit(now)
    walkRounds(now)
    walkSweep(now)
    for record in gaps.due(at: now.wall, most: 256) { write(record, now) }
  }

  /// What the next `poll` watches.
  private func watch() {
    loop.clear()
    loop.watch(Signals.descriptor, Int16(POLLIN), key: Key.signals)
    loop.watch(output.pollDescriptor, output.pollEvents, key: Key.output)
    if output.isFull { return }
    if ending == nil {
      if isInputOpen && !once.isFull { loop.watch(0, Int16(POLLIN), key: Key.input) }
      loop.watch(lane.transport.descriptor, Int16(POLLIN), key: Key.rest)
    }
    if let realtime { loop.watch(realtime.descriptor, realtime.pollEvents, key: Key.socket) }
  }

  /// When something is due although nothing happens, monotonic nanoseconds.
  private var deadline: Int64? {
    if ending != nil {
      return [endingSince + Self.drain, attention.deadline, realtime?.deadline].compactMap { $0 }.min()
    }
    if output.isFull { return nil }
    var times = [lane.deadline, realtime?.deadline].compactMap { $0 }
    if !rounds.isEmpty || sweep != nil { return Clocks.monotonicNanoseconds() }
    times += schedules.values.compactMap(\.next)
    if let time = refused.deadline { times.append(time) }
    if let duration = options.duration { times.append(started.monotonic + duration) }
    if let wall = [options.until, gaps.nextMark, hours.wake, refused.midnight].compactMap({ $0 }).min() {
      let now = Self.now()
      times.append(now.monotonic + min(max(0, wall - now.wall), KST.dayMilliseconds) * 1_000_000)
    }
    return times.min()
  }

  // MARK: - The end

  private func takeSignals(_ now: Moment) {
    while let signal = Signals.take() {
      if signal == SIGUSR1 {
        summarise("Running")
      } else {
        log.info("Stopping | signal \(signal)")
        stop(.done, now)
      }
    }
  }

  /// Ends when enough was seen, or when nothing is left to do.
  private func checkEnd(_ now: Moment) {
    if let count = options.count, snapshots >= count { return stop(.done, now) }
    if let duration = options.duration, now.monotonic - started.monotonic >= duration {
      return stop(.done, now)
    }
    if let until = options.until, now.wall >= until { return stop(.done, now) }
    guard !isInputOpen else { return }
    guard hasWatched else {
      return stop(
        ToolFailure(
          .configuration,
          "the watchlist names no symbol (lines=\(lineNumber) ignored=\(ignored.count)): give it one a line, as 005930",
          cause: .watchlistEmpty),
        now)
    }
    if options.once {
      if once.isEmpty { endOnce(now) }
    } else if watchlist.isEmpty {
      log.warning("Nothing to watch | the watchlist has ended and is empty")
      stop(.done, now)
    }
  }

  /// Begins an orderly end.
  func stop(_ status: ExitStatus, _ now: Moment) {
    guard ending == nil else { return }
    ending = status
    endingSince = now.monotonic
    attention.begin(at: now.monotonic)
    finishCalls(now)
    for record in gaps.endAll(at: now.wall) { write(record, now) }
    realtime?.leave(now.monotonic)
  }

  /// Begins an orderly end that is reported as a failure.
  func stop(_ reason: ToolFailure, _ now: Moment) {
    if failure == nil { failure = reason }
    stop(reason.status, now)
  }

  private func isFinished(_ now: Moment) -> Bool {
    guard ending != nil else { return false }
    endingSince += attention.turn(at: now.monotonic).pause
    if let realtime, !realtime.isOver(at: now.monotonic) { return false }
    guard output.isWaiting else { return true }
    guard now.monotonic - endingSince >= Self.drain else { return false }
    stop(ToolFailure(.ioError, "standard output is stuck: \(output.pending) bytes were not written"), now)
    if failure == nil {
      failure = ToolFailure(.ioError, "standard output is stuck: \(output.pending) bytes were not written")
    }
    return true
  }
}
