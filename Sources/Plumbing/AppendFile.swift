import Glibc
import JSONBytes

/// A file that whole lines are appended to, at its path whatever happens there: removed, moved by logrotate, put in
/// place again. Each append looks at the path first and opens the file anew, or makes it anew with its folder.
///
/// No reader meets a torn line: a write that came short is taken back to its last line feed, and the beginning of a
/// line that a killed process or a power cut left is taken out before anything follows it, and kept as a line of
/// its own (one that is too long for that is ended by a line feed). Several processes may append to one file: each holds
/// its lock (flock) while it does.
public struct AppendFile: ~Copyable {
  /// Where the file is.
  public let path: String
  private let log: Log
  private var descriptor: Int32 = -1
  /// Size after the last look or write; -1 where the file has to be looked at again.
  private var end: Int64 = -1
  private var isDirty = false
  /// Whether the name is known to be durable; another process may just have made it.
  private var isNamed = false
  private var failedSync: SystemError?
  /// Torn lines in their new form, waiting to be written.
  private var rescued = ByteBuffer(capacity: 64)

  /// What came of an append.
  public struct Appended {
    /// Bytes in the file: whole lines, from the first on.
    public var stored = 0
    /// Why the others are not, nil when all are.
    public var error: SystemError?
    /// Whether an operator can mend it meanwhile: room, a limit, a folder, a lock.
    public var passes = false
  }

  /// Opens or creates the file (0600, never through a symbolic link) and mends its end.
  ///
  /// - Throws: when it cannot be opened; when it is not a regular file.
  public init(path: String, log: Log) throws(SystemError) {
    self.path = path
    self.log = log
    try open(makingFolder: false)
    // What cannot be mended now, on a full disk, is mended before the first append.
    if (try? lock()) != nil {
      defer { unlock() }
      try? endLastLine()
      try? writeRescued()
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Whether torn lines that were taken out are not in the file yet.
  public var hasRescued: Bool { !rescued.isEmpty }

  /// Appends whole lines ending in LF: all of them, or those that fit.
  public mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) -> Appended {
    // A file that is removed while it is written to took the lines with it.
    while true {
      do {
        try lockAtPath()
      } catch {
        return Appended(error: error, passes: failedSync == nil)
      }
      defer { unlock() }
      var appended = Appended()
      do {
        try endLastLine()
        try writeRescued()
        try write(bytes, &appended.stored)
      } catch {
        appended.error = error
        appended.passes = [ENOSPC, EDQUOT, ENOMEM].contains(error.code)
      }
      if appended.stored == 0 || !isRemoved { return appended }
    }
  }

  /// Closes the file; the next append opens it by its name. (SIGHUP)
  ///
  /// - Throws: when what was written before is in doubt.
  public mutating func reopen() throws(SystemError) {
    try sync()
    release()
  }

  /// Makes everything appended so far durable, and the file's name.
  ///
  /// - Throws: when that failed, now or before. A second sync would answer that all is well, and is not made.
  public mutating func sync() throws(SystemError) {
    if let failedSync { throw failedSync }
    guard isDirty, descriptor >= 0 else { return }
    do throws(SystemError) {
      guard System.retryingInterrupted({ fdatasync(descriptor) }) == 0 else {
        throw SystemError("sync \(path)")
      }
      if !isNamed { try syncFolder() }
    } catch {
      failedSync = error
      throw error
    }
    isDirty = false
    isNamed = true
  }

  private func syncFolder() throws(SystemError) {
    let place = Self.folder(of: path)
    let folder: Int32
    do { folder = try System.open(place, O_RDONLY | O_DIRECTORY) } catch {
      // A folder that was taken away has no name to keep: the next append makes it anew.
      if error.code == ENOENT { return }
      throw error
    }
    defer { close(folder) }
    // Some file systems cannot sync a folder and say EINVAL: there is nothing more to do on those.
    guard System.retryingInterrupted({ fsync(folder) }) == 0 || errno == EINVAL else {
      throw SystemError("sync folder \(place)")
    }
  }
}

// MARK: - At the path
extension AppendFile {
  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private mutating func open(makingFolder: Bool) throws(SystemError) {
    let flags = O_RDWR | O_APPEND | O_NOFOLLOW
    end = -1
    isNamed = false
    do {
      descriptor = try System.openRegular(path, flags)
      return
    } catch {
      guard error.code == ENOENT else { throw error }
    }
    do {
      descriptor = try System.openRegular(path, flags | O_CREAT)
    } catch {
      guard error.code == ENOENT, makingFolder, mkdir(Self.folder(of: path), 0o755) == 0 else { throw error }
      descriptor = try System.openRegular(path, flags | O_CREAT)
    }
  }

  private mutating func release() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// Takes the lock of the file that the path leads to.
  private mutating func lockAtPath() throws(SystemError) {
    for _ in 0..<100 {
      if descriptor < 0 { try open(makingFolder: true) }
      try lock()
      if isAtPath { return }
      log.write(isRemoved ? .warning : .info) {
        "\(path) was \(isRemoved ? "removed" : "moved"): opened anew by its name"
      }
      unlock()
      try reopen()
    }
    throw SystemError("open \(path) (it is being replaced all the time)", code: EBUSY)
  }

  private var isAtPath: Bool {
    var own = stat()
    var named = stat()
    return fstat(descriptor, &own) == 0 && lstat(path, &named) == 0 && own.st_dev == named.st_dev
      && own.st_ino == named.st_ino
  }

  private var isRemoved: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink == 0
  }

  /// Another process holds the lock for as long as a write takes.
  private func lock() throws(SystemError) {
    for _ in 0..<50 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: usleep(1000)
      default: return  // a file system without locks
      }
    }
    throw SystemError("lock \(path)", code: EWOULDBLOCK)
  }

  private func unlock() { flock(descriptor, LOCK_UN) }
}

// MARK: - Whole lines
extension AppendFile {
  /// Writes lines; on failure `stored` tells how many bytes of whole lines are in the file.
  private mutating func write(
    _ bytes: UnsafeBufferPointer<UInt8>, _ stored: inout Int
  ) throws(SystemError) {
    guard let start = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let put = Glibc.write(descriptor, start + done, bytes.count - done)
      if put > 0 {
        done += put
        isDirty = true
      } else if put == 0 || errno != EINTR {
        let error = SystemError("write \(path)", code: put == 0 ? ENOSPC : errno)
        stored = takeBack(bytes, written: done)
        throw error
      }
    }
    stored = done
    end += Int64(done)
  }

  /// Takes back the unfinished line at the end of a short write; the bytes that stay.
  private mutating func takeBack(_ bytes: UnsafeBufferPointer<UInt8>, written: Int) -> Int {
    var keep = written
    while keep > 0, bytes[keep - 1] != 0x0A { keep -= 1 }
    var status = stat()
    let isOurs = fstat(descriptor, &status) == 0 && Int64(status.st_size) == end + Int64(written)
    let isWhole = keep == written || isOurs && ftruncate(descriptor, off_t(end + Int64(keep))) == 0
    // Otherwise it is found as a torn line before the next append.
    end = isWhole ? end + Int64(keep) : -1
    return keep
  }

  private mutating func writeRescued() throws(SystemError) {
    guard !rescued.isEmpty else { return }
    var stored = 0
    defer { rescued.removeFirst(stored) }
    try write(rescued.bytes, &stored)
  }

  /// Makes the file end in LF, whichever program wrote to it last.
  private mutating func endLastLine() throws(SystemError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError("look at \(path)") }
    let size = Int64(status.st_size)
    guard size != end else { return }
    end = -1
    let tail = try TornLine.find(descriptor, size: size, path: path)
    end = size
    guard let tail else { return }
    if tail.isWhole && tail.nulls == 0 {
      log.warning("\(path): the last line had no line feed and was whole: line feed added")
      return try endLine()
    }
    if tail.isTooLong {
      log.warning(
        "\(path): torn line at offset \(tail.start), \(tail.length) bytes, is too long to be made a line of its own: it"
          + " stays, ended by a line feed")
      return try endLine()
    }
    let lost = tail.start + (tail.isWhole ? Int64(tail.bytes.count) : 0)
    let isRemoved = ftruncate(descriptor, off_t(lost)) == 0
    end = isRemoved ? lost : size
    isDirty = true
    log.warning(
      "\(path): torn line at offset \(tail.start), \(size - tail.start) bytes (\(tail.nulls) of them NUL)"
        + (isRemoved
          ? " taken out and" : "; the file cannot be shortened, so it was ended by a line feed and")
        + " kept as a line of its own")
    if tail.isWhole || !isRemoved { try endLine() }
    if !tail.isWhole { tail.append(stage: log.stage, file: path, to: &rescued) }
  }

  private mutating func endLine() throws(SystemError) {
    let feed: [UInt8] = [0x0A]
    var stored = 0
    do {
      try feed.withUnsafeBufferPointer { bytes throws(SystemError) in try write(bytes, &stored) }
    } catch {
      end = -1
      throw error
    }
  }
}
