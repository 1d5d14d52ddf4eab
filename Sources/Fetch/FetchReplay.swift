import Glibc
import JSONBytes
import KIS
import Plumbing

/// `--replay`: snapshots from a recording, without network, credentials or watchlist.
enum FetchReplay {
  static func run(_ file: String, _ options: FetchOptions, _ log: Log) throws(ToolFailure) -> ExitStatus {
    let descriptor = try open(file)
    defer { if descriptor != 0 { close(descriptor) } }
    System.enlargePipe(1)
    let speed = options.speed.map { ReplayOptions.Speed.factor($0) } ?? .maximum
    var replay = Replay(
      descriptor: descriptor, name: file,
      options: ReplayOptions(
        speed: speed, sessionID: options.sessionID, mode: options.mode, raw: options.raw,
        calendar: options.calendar))
    var warning = RepeatedMessage(.warning)
    let end = options.duration.map { Clocks.monotonic() + $0 }
    let summary: ReplaySummary
    do {
      summary = try replay.run(
        write: { try StandardOutput.write($0.start, count: $0.count) },
        warn: { text in warning.report(to: log, now: Clocks.monotonic()) { "Replay | \(text)" } },
        ready: { isReadable($0, until: end) }, pause: { pause($0, until: end) })
    } catch let failure as ToolFailure {
      throw failure
    } catch {
      throw ToolFailure(.ioError, "\(error)")
    }
    warning.finish(to: log, "Replay")
    log.info(
      "Finished | snapshots=\(summary.snapshots - summary.withoutData - summary.losses)"
        + " gaps=\(summary.withoutData + summary.losses)"
        + " lines=\(summary.lines) messages=\(summary.messages) refused=\(summary.refused)"
        + " malformed=\(summary.malformed)\(summary.isStopped ? " stopped" : "")")
    return .done
  }

  /// A file, a pipe, or with `-` standard input; without waiting for a pipe's writer.
  private static func open(_ file: String) throws(ToolFailure) -> Int32 {
    if file == "-" { return 0 }
    do {
      let descriptor = try System.open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY)
      var status = stat()
      if fstat(descriptor, &status) == 0, FileKind(mode: status.st_mode) == .folder {
        close(descriptor)
        throw SystemError("open \(file)", code: EISDIR, obstacle: .folder)
      }
      return descriptor
    } catch {
      throw ToolFailure(.ioError, "--replay: \(error)")
    }
  }

  /// Waits until the recording goes on or ends, unless a signal or the end of the run comes first.
  private static func isReadable(_ descriptor: Int32, until end: Nanoseconds?) -> Bool {
    var entries = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: Signals.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      if let signal = Signals.take(), signal != SIGUSR1 { return false }
      let now = Clocks.monotonic()
      if let end, now >= end { return false }
      poll(&entries, 2, (end ?? .max).pollTimeout(from: now))
      if entries[0].revents != 0 { return true }
    }
  }

  /// Waits, unless a signal or the end of the run comes first; whether to go on.
  private static func pause(_ time: Nanoseconds, until end: Nanoseconds?) -> Bool {
    var now = Clocks.monotonic()
    let wake = now + time
    repeat {
      if let signal = Signals.take(), signal != SIGUSR1 { return false }
      if let end, now >= end { return false }
      let due = min(wake, end ?? wake)
      guard due > now else { return true }
      System.wait(for: Signals.descriptor, events: Int16(POLLIN), timeout: due.pollTimeout(from: now))
      now = Clocks.monotonic()
    } while now < wake
    return true
  }
}
