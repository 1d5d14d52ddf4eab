import Glibc

/// An operating system call that failed: which one, on what, and why.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `errno` of the failed call.
  public let code: Int32
  /// What was being done, and to what: `open config/observer/observer.jsonl`.
  public let action: String

  /// Makes an error from `errno` (or `code`).
  public init(_ action: String, code: Int32 = errno) {
    self.action = action
    self.code = code
  }

  /// `cannot open x: Permission denied`.
  public var description: String { "cannot \(action): \(String(cString: strerror(code)))" }
}

/// The raw calls on descriptors, in one place: EINTR is retried, short writes are finished, and a descriptor
/// that somebody made non-blocking is waited for. Flags of descriptors we did not open are never changed.
public enum System {
  /// Reads at most `room` bytes; 0 is end of input.
  public static func read(
    _ descriptor: Int32, into target: UnsafeMutableRawPointer, room: Int, name: @autoclosure () -> String
  ) throws(SystemError) -> Int {
    while true {
      let got = Glibc.read(descriptor, target, room)
      if got >= 0 { return got }
      switch errno {
      case EINTR: continue
      case EAGAIN: wait(for: descriptor, events: Int16(POLLIN))
      default: throw SystemError("read \(name())")
      }
    }
  }

  /// Writes all of `count` bytes.
  public static func write(
    _ descriptor: Int32, _ source: UnsafeRawPointer, count: Int, name: @autoclosure () -> String
  ) throws(SystemError) {
    var done = 0
    while done < count {
      let put = Glibc.write(descriptor, source + done, count - done)
      if put >= 0 {
        done += put
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN: wait(for: descriptor, events: Int16(POLLOUT))
      default: throw SystemError("write \(name())")
      }
    }
  }

  /// Opens a file with close-on-exec.
  public static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemError) -> Int32 {
    while true {
      let descriptor = Glibc.open(path, flags | O_CLOEXEC, mode)
      if descriptor >= 0 { return descriptor }
      if errno != EINTR { throw SystemError("open \(path)") }
    }
  }

  /// Waits until one of `events` holds on `descriptor`, or `timeout` milliseconds passed (-1: no limit).
  /// An interruption by a signal also returns.
  public static func wait(for descriptor: Int32, events: Int16, timeout: Int32 = -1) {
    var entry = pollfd(fd: descriptor, events: events, revents: 0)
    _ = poll(&entry, 1, timeout)
  }

  /// Fills standard descriptors that were closed at start, so that no file opened later becomes fd 0, 1 or 2
  /// by accident. The placeholders fail the first read or write with EBADF, which is then reported.
  public static func occupyStandardDescriptors() {
    for (descriptor, flags) in [(Int32(0), O_WRONLY), (1, O_RDONLY), (2, O_RDWR)]
    where fcntl(descriptor, F_GETFD) < 0 {
      _ = Glibc.open("/dev/null", flags)
    }
  }

  /// Whether `descriptor` is open for writing.
  public static func isWritable(_ descriptor: Int32) -> Bool {
    let flags = fcntl(descriptor, F_GETFL)
    return flags >= 0 && flags & O_ACCMODE != O_RDONLY
  }

  /// Asks for a larger pipe: fewer, larger transfers. Does nothing for what is no pipe.
  public static func enlargePipe(_ descriptor: Int32, to bytes: Int32 = 1 << 20) {
    let setPipeSize: Int32 = 1031
    _ = fcntl(descriptor, setPipeSize, bytes)
  }
}
