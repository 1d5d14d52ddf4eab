import Board
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
  static let drain: Nanoseconds = .seconds(10)

  let options: FetchOptions
  let log: Log
  let keys: KeyRing
  let started: Moment
  var builder: SnapshotBuilder
  var output = SnapshotOutput()
  var loop = EventLoop()

  var input: WatchInput
  let watched: Watched
  let polling: PollLane
  var once = OnceRun()
  var gaps = GapBook()
  var trades = TradeLedger()
  var hearing = Hearing()
  var sweep: GapSweep?
  var counts = FetchCounts()
  var meter = PaceMeter()
  var notes: FetchNotes
  var board: BoardKeeper
  var names: NameLookup
  /// What was last told about symbols and lines.
  var told: String?
  /// Keeps the raw messages (`--record`).
  let recorder: WireRecorder?
  /// Keeps frames that could not be read (`--rejects`).
  let rejects: FrameRejects?

  // The end.
  var ending: ExitStatus?
  var failure: ToolFailure?
  var endingSince: Nanoseconds = .zero
  private var attention = Attention()

  init(_ options: FetchOptions, _ environment: Environment, _ log: Log) throws(ToolFailure) {
    self.options = options
    self.log = log
    notes = FetchNotes(log)
    rejects = options.rejects.map { FrameRejects(path: $0) }
    started = Self.now()
    builder = SnapshotBuilder(sessionID: options.sessionID, mode: options.mode, raw: options.raw)
    input = WatchInput(lines: WatchlistReader(limit: options.maxLine))
    watched = Watched(RefusedSymbols.Waits().scaled(by: options.timeScale))
    polling = PollLane(options.polling, watched, now: started.monotonic)
    board = BoardKeeper(
      Metrics.read(beside: Board.fileName), at: started.wall, isKept: Metrics.isOn && !options.once)
    names = NameLookup(isOn: options.asksNames && Metrics.isOn)
    do {
      recorder = try options.record.map { path throws(SystemError) in try WireRecorder(path: path) }
    } catch {
      throw ToolFailure(.cannotCreate, "--record: \(error)")
    }
    keys = try KeyRing.make(options, environment, now: started.monotonic)
  }

  static func now() -> Moment {
    Moment(monotonic: Clocks.monotonic(), wall: Clocks.wall())
  }

  /// Runs to the end. A failure is thrown only after the session was closed properly.
  func run() throws(ToolFailure) -> ExitStatus {
    log.info(
      "Fetching | feeds=\(options.feeds.map(\.rawValue).joined(separator: ",")) env=\(options.profile.environment)"
        + " rate=\(options.rate)/s session_id=\(options.sessionID) mode=\(options.mode)")
    tellFailedKeys()
    while true {
      let now = Self.now()
      turn(now)
      if now.monotonic >= Metrics.nextDue { writeMetrics(now) }
      if isFinished(now) { break }
      watch()
      loop.wait(until: min(deadline ?? .max, Metrics.nextDue), now: Clocks.monotonic())
    }
    writeMetrics(Self.now())
    summarise("Finished")
    if let failure { throw failure }
    if let until = options.until, started.wall >= until {
      func time(_ wall: Milliseconds) -> Substring { KST(wall).iso.dropFirst(11).prefix(5) }
      throw ToolFailure(
        ending ?? .done,
        "Nothing to do | --until \(time(until)) (KST) has passed today; it is \(time(started.wall))",
        cause: .untilPassed)
    }
    return ending ?? .done
  }

  /// One turn: everything that is due; what it has to say is written before anything is kept for later.
  private func turn(_ now: Moment) {
    takeSignals(now)
    noteDeafness(now)
    if !output.isFull {
      if loop.ready(Key.input) != 0, ending == nil { readInput(now) }
      if ending == nil {
        askAgain(now)
        reviveKeys(now)
        takeAnswers(now)
      }
      advanceRealtime(now)
      if ending == nil {
        settleOverflow(now)
        runTimers(now)
      }
    }
    if ending == nil { checkEnd(now) }
    if loop.ready(Key.output) & Int16(POLLERR | POLLHUP) != 0 {
      stop(ToolFailure(.signalled(SIGPIPE), ""), now)
      output.discard()
    }
    put(now) { output throws(ToolFailure) in try output.flush() }
    flushRecording(now)
    flushRejects(now)
  }

  /// Writes; a reader that is gone, or a failure, ends the run.
  func put(_ now: Moment, _ write: (inout SnapshotOutput) throws(ToolFailure) -> Void) {
    do { try write(&output) } catch {
      output.discard()
      stop(error, now)
    }
  }

  private func runTimers(_ now: Moment) {
    advancePolling(now)
    walkSweep(now)
    for record in gaps.due(at: now.wall, most: 256) { write(record, now) }
    releaseGaps(now)
    advanceNames(now)
  }

  /// What the next `poll` watches.
  private func watch() {
    loop.clear()
    loop.watch(Signals.descriptor, Int16(POLLIN), key: Key.signals)
    loop.watch(output.pollDescriptor, output.pollEvents, key: Key.output)
    if output.isFull { return }
    if ending == nil {
      if input.isOpen && !once.queue.isFull { loop.watch(0, Int16(POLLIN), key: Key.input) }
      for key in keys.callers { loop.watch(key.rest.transport.descriptor, Int16(POLLIN), key: Key.rest) }
      if let lane = names.lane { loop.watch(lane.transport.descriptor, Int16(POLLIN), key: Key.rest) }
    }
    for key in keys.keys {
      for session in key.open { loop.watch(session.descriptor, session.pollEvents, key: Key.socket) }
    }
  }

  /// When something is due although nothing happens, monotonic.
  private var deadline: Nanoseconds? {
    if ending != nil {
      return [endingSince + Self.drain, attention.deadline, keys.sessionDeadline].compactMap { $0 }.min()
    }
    var times = [options.duration.map { started.monotonic + $0 }].compactMap { $0 }
    var walls = [options.until].compactMap { $0 }
    if !output.isFull {
      if polling.isWalking || sweep != nil { return Clocks.monotonic() }
      times += [keys.deadline, names.lane?.deadline, polling.deadline, watched.refused.deadline].compactMap {
        $0
      }
      walls += [gaps.nextMark, trades.nextRelease, polling.wake, watched.refused.midnight].compactMap { $0 }
    }
    if let wall = walls.min() {
      let now = Self.now()
      times.append(now.monotonic + Nanoseconds(min(max(.zero, wall - now.wall), .day)))
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
    if let count = options.count, counts.snapshots >= count { return stop(.done, now) }
    if let duration = options.duration, now.monotonic - started.monotonic >= duration {
      return stop(.done, now)
    }
    if let until = options.until, now.wall >= until { return stop(.done, now) }
    guard !input.isOpen else { return }
    guard input.hasWatched else {
      return stop(
        ToolFailure(
          .configuration,
          "the watchlist names no symbol (lines=\(input.number) ignored=\(input.ignored.count)): give it one a line, as 005930",
          cause: .watchlistEmpty),
        now)
    }
    if options.once {
      if once.queue.isEmpty { endOnce(now) }
    } else if watched.list.isEmpty {
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
    names.end(now)
    releaseAllGaps(now)
    for record in gaps.endAll(at: now.wall) { write(record, now) }
    for session in keys.sessions { session.leave(now.monotonic) }
  }

  /// Begins an orderly end that is reported as a failure.
  func stop(_ reason: ToolFailure, _ now: Moment) {
    if failure == nil { failure = reason }
    stop(reason.status, now)
  }

  private func isFinished(_ now: Moment) -> Bool {
    guard ending != nil else { return false }
    Signals.restartLimit()
    endingSince += attention.turn(at: now.monotonic).pause
    // (Each is asked, so that each is cut short in its time.)
    if keys.keys.count(where: { !$0.closeIfDue(at: now.monotonic) }) > 0 { return false }
    guard output.isWaiting else { return true }
    guard now.monotonic - endingSince >= Self.drain else { return false }
    stop(ToolFailure(.ioError, "standard output is stuck: \(output.pending) bytes were not written"), now)
    return true
  }
}
