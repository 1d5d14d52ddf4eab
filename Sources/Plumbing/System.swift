import Glibc

/// An operating system call that failed: which one, on what, and why.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `errno` of the failed call.
  public let code: Int32
  /// What was being done, and to what: `open config/observer/observer.jsonl`.
  public let action: String
  /// What stands at the path, where that is why the call failed.
  public let obstacle: FileKind?

  /// Makes an error from `errno` (or `code`).
  public init(_ action: String, code: Int32 = errno, obstacle: FileKind? = nil) {
    self.action = action
    self.code = code
    self.obstacle = obstacle
  }

  /// `cannot open x: Permission denied`, or `cannot open x: it is a FIFO, not a regular file`.
  public var description: String {
    let reason =
      obstacle.map { "it is \($0.rawValue), not a regular file" } ?? String(cString: strerror(code))
    return "cannot \(action): \(reason)"
  }
}

/// What can stand at a path where a regular file is wanted.
public enum FileKind: String, Sendable {
  /// A directory.
  case folder = "a folder"
  /// A named pipe.
  case fifo = "a FIFO"
  /// A socket.
  case socket = "a socket"
  /// A character or block device.
  case device = "a device"
  /// A symbolic link that is not followed.
  case link = "a symbolic link"

  /// The kind that `st_mode` tells; nil for a regular file.
  public init?(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFDIR: self = .folder
    case S_IFIFO: self = .fifo
    case S_IFSOCK: self = .socket
    case S_IFCHR, S_IFBLK: self = .device
    case S_IFLNK: self = .link
    default: return nil
    }
  }
}

/// The raw calls on descriptors, in one place: EINTR is retried, short writes are finished, and a descriptor
/// that another process made non-blocking is waited for. Flags of descriptors we did not open are never changed.
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
    try write(descriptor, source, count: count, done: &done, name: name())
  }

  /// Writes the bytes from `done` to `count`; `done` tells how far it came when it fails.
  ///
  /// - Throws: also ETIME, once `isOver`, which is asked before each attempt and after each interruption.
  static func write(
    _ descriptor: Int32, _ source: UnsafeRawPointer, count: Int, done: inout Int,
    unless isOver: () -> Bool = { false }, name: @autoclosure () -> String
  ) throws(SystemError) {
    while done < count {
      if isOver() { throw SystemError("write \(name())", code: ETIME) }
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

  /// Makes a call again while signals interrupt it: nothing was decided then. Any other answer of it is final.
  public static func retryingInterrupted(_ call: () -> Int32) -> Int32 {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }

  /// Opens a file with close-on-exec.
  ///
  /// - Throws: also EINTR, once `isOver`, which is asked before each attempt: a FIFO is waited for.
  public static func open(
    _ path: String, _ flags: Int32, mode: mode_t = 0o600, unless isOver: () -> Bool = { false }
  ) throws(SystemError) -> Int32 {
    while true {
      if isOver() { throw SystemError("open \(path)", code: EINTR) }
      let descriptor = Glibc.open(path, flags | O_CLOEXEC, mode)
      if descriptor >= 0 { return descriptor }
      if errno != EINTR { throw SystemError("open \(path)") }
    }
  }

  /// Opens a regular file with close-on-exec and without waiting, whatever stands at the path: a FIFO without a
  /// reader would hold the caller, a device would take or give anything.
  ///
  /// `O_NOFOLLOW` among the flags also refuses a symbolic link. What is opened stays non-blocking, which changes
  /// nothing for a regular file.
  /// - Throws: the reason; its `obstacle` says what stands there when that is not a regular file.
  public static func openRegular(
    _ path: String, _ flags: Int32, mode: mode_t = 0o600
  ) throws(SystemError) -> Int32 {
    var status = stat()
    let descriptor: Int32
    do {
      descriptor = try open(path, flags | O_NONBLOCK | O_NOCTTY, mode: mode)
    } catch {
      // A folder, a FIFO without a reader, a socket and a link each refuse with a code of their own.
      let follows = flags & O_NOFOLLOW == 0
      let isThere =
        [EISDIR, ENXIO, ELOOP].contains(error.code)
        && (follows ? stat(path, &status) : lstat(path, &status)) == 0
      throw isThere
        ? SystemError(error.action, code: error.code, obstacle: FileKind(mode: status.st_mode)) : error
    }
    let looked = fstat(descriptor, &status)
    guard looked == 0, status.st_mode & S_IFMT == S_IFREG else {
      let error = SystemError(
        "open \(path)", code: looked == 0 ? EINVAL : errno,
        obstacle: looked == 0 ? FileKind(mode: status.st_mode) : nil)
      close(descriptor)
      throw error
    }
    return descriptor
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

  /// The pipe that a descriptor writes to, opened once more so that a write takes what fits and never waits: flags belong
  /// to the open file, which others share. Nil where it is no pipe, or one that this process may not open or write to.
  public static func ownPipe(_ descriptor: Int32) -> Int32? {
    var status = stat()
    guard isWritable(descriptor), fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else {
      return nil
    }
    return try? open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK)
  }

  /// Asks for a larger pipe: fewer, larger transfers. Does nothing for what is no pipe.
  public static func enlargePipe(_ descriptor: Int32, to bytes: Int32 = 1 << 20) {
    let setPipeSize: Int32 = 1031
    _ = fcntl(descriptor, setPipeSize, bytes)
  }
}
