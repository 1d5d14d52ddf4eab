import Glibc
import Synchronization

/// Signals as bytes on a pipe: the handler leaves a note, the loop that polls the pipe acts.
///
/// The first SIGTERM or SIGINT asks for an orderly end, a second one ends the process at once. One that comes
/// within 300 ms of the first is the same request heard twice: `timeout`, a terminal or a service manager
/// signals the whole group, and the pipeline's script passes its own copy on. A signal that was ignored when the
/// process started stays ignored (nohup, background jobs of a script).
///
/// SIGHUP, where it is among the noted stops, asks for the same orderly end: the terminal is gone, what is in
/// flight is not. It never counts as a second request, because the kernel and the shell each send one.
public enum Signals {
  private static let readEnd = Atomic<Int32>(-1)
  private static let writeEnd = Atomic<Int32>(-1)
  private static let stop = Atomic<Int32>(0)
  private static let hangUpStops = Atomic<Bool>(false)
  private static let stopTime = Atomic<Int64>(0)
  private static let echoWindow: Milliseconds = .milliseconds(300)
  private static let limit = Atomic<UInt32>(0)
  private static let alarms = Atomic<Int>(0)

  /// Starts noting `signals`. SIGTERM, SIGINT and, with `hangUpStops`, SIGHUP are noted once, others every time.
  ///
  /// They are unblocked, too: a program that was started from a thread which blocks signals inherits that.
  public static func note(_ signals: [Int32], hangUpStops: Bool = false) {
    let signals = hangUpStops ? signals + [SIGHUP] : signals
    self.hangUpStops.store(hangUpStops, ordering: .relaxed)
    if readEnd.load(ordering: .relaxed) < 0 {
      var ends: (Int32, Int32) = (-1, -1)
      withUnsafeMutablePointer(to: &ends) { pointer in
        pointer.withMemoryRebound(to: Int32.self, capacity: 2) { _ = pipe($0) }
      }
      for end in [ends.0, ends.1] {
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
      }
      readEnd.store(ends.0, ordering: .relaxed)
      writeEnd.store(ends.1, ordering: .relaxed)
    }
    for signal in signals {
      var current = sigaction()
      sigaction(signal, nil, &current)
      let ignored = unsafeBitCast(current.__sigaction_handler.sa_handler, to: Int.self) == 1
      if ignored { continue }
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { Signals.leaveNote($0) }
      sigaction(signal, &action, nil)
    }
    unblock(signals)
  }

  /// Becomes readable when a signal was noted; -1 before `note`.
  public static var descriptor: Int32 { readEnd.load(ordering: .relaxed) }

  /// The next noted signal, or nil.
  public static func take() -> Int32? {
    var byte: UInt8 = 0
    guard Glibc.read(descriptor, &byte, 1) == 1 else { return nil }
    return Int32(byte)
  }

  /// The signal that asked for the end; 0 before.
  public static var stopSignal: Int32 { stop.load(ordering: .relaxed) }

  /// Whether the limit of `endAtLatest` is over.
  @inline(__always)
  public static var isPastLimit: Bool { alarms.load(ordering: .relaxed) > 0 }

  /// Makes a write without a reader fail so long after the first SIGTERM or SIGINT, for loops that keep the
  /// limit themselves wherever they can look at a clock. Two seconds later a process that is still there ends, with 74.
  public static func endAtLatest(after time: Nanoseconds) {
    limit.store(UInt32(clamping: time.wholeSeconds), ordering: .relaxed)
    alarms.store(0, ordering: .relaxed)
    stop.store(0, ordering: .relaxed)
    stopTime.store(0, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in Signals.passLimit() }
    sigaction(SIGALRM, &action, nil)
    unblock([SIGALRM])
  }

  /// The loop is alive after a SIGTERM or SIGINT: the limit of `endAtLatest` is counted from now on.
  public static func restartLimit() {
    guard stop.load(ordering: .relaxed) != 0 else { return }
    alarms.store(0, ordering: .relaxed)
    alarm(limit.load(ordering: .relaxed))
  }

  private static func unblock(_ signals: [Int32]) {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// Ignores `signal`.
  public static func ignore(_ signal: Int32) { _ = Glibc.signal(signal, SIG_IGN) }

  /// Runs in the handler: only what is safe there. The write in progress is interrupted and fails; the alarm comes
  /// again in case it came between the look at `isPastLimit` and the write. A full stderr is not worth hanging for.
  private static func passLimit() {
    let saved = errno
    defer { errno = saved }
    alarm(1)
    if alarms.add(1, ordering: .relaxed).newValue < 3 { return }
    let words: StaticString = "stuck after the time to end was over: what was in flight is lost\n"
    var entry = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
    if poll(&entry, 1, 0) == 1 { _ = Glibc.write(2, words.utf8Start, words.utf8CodeUnitCount) }
    _exit(ExitStatus.ioError.code)
  }

  /// Whether a stop was asked for before. Then, when that was not just now, the default action follows: the
  /// signal is blocked while its handler runs, so it ends the process on return.
  private static func isRepeated(_ signal: Int32) -> Bool {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = Milliseconds(time) + .milliseconds(1)
    let (first, before) = stopTime.compareExchange(expected: 0, desired: now.count, ordering: .relaxed)
    if first { return false }
    if now - Milliseconds(before) >= echoWindow && signal != SIGHUP {
      _ = Glibc.signal(signal, SIG_DFL)
      raise(signal)
    }
    return true
  }

  private static func leaveNote(_ signal: Int32) {
    let saved = errno
    if signal == SIGTERM || signal == SIGINT || signal == SIGHUP && hangUpStops.load(ordering: .relaxed) {
      if isRepeated(signal) {
        errno = saved
        return
      }
      stop.store(signal, ordering: .relaxed)
      let seconds = limit.load(ordering: .relaxed)
      if seconds > 0 { alarm(seconds) }
    }
    var byte = UInt8(truncatingIfNeeded: signal)
    _ = Glibc.write(writeEnd.load(ordering: .relaxed), &byte, 1)
    errno = saved
  }
}
