import Glibc
import Plumbing

/// What became of a batch.
public struct Appended: Equatable, Sendable {
  /// Bytes stored: whole lines, from the start of the batch.
  public var stored: Int
  /// Why the rest was not stored, nil when all of it was.
  public var error: SystemError?
  /// Whether part of a line had to stay in the file, cut off by a line feed, because somebody else's bytes
  /// stood behind it or the file could not be shortened.
  public var leftFragment = false
}

/// One open, locked data file. Bytes are only ever added at its end; the only thing taken back is the unfinished
/// end of an own write.
final class ArchiveFile {
  let path: String
  let name: String
  let window: Rotation.Window?
  let descriptor: Int32
  /// Whether this open created it.
  let isNew: Bool
  /// Size as far as we know: every own write is counted, every foreign one noticed by `inspect`.
  private(set) var end: Int64
  /// Bytes known to be on disk.
  private(set) var durable: Int64
  private let identity: FileIdentity
  /// A foreign or torn fragment stands at the end and must be cut off before the next line.
  private var needsLineFeed = false
  private var reportedForeignBytes = false
  /// Bytes that the kernel was told to begin writing to the disk, or that are there.
  private var begun: Int64 = 0

  /// How a file that could not be opened is told apart by the caller.
  enum OpenFailure: Error {
    case missing
    case locked
    case refused(SystemError)
  }

  /// Opens (or, with `create`, makes) the file, locks it, and checks that the name leads to what was locked.
  init(
    path: String, name: String, window: Rotation.Window?, create: Bool
  ) throws(OpenFailure) {
    do {
      let opened = try Self.open(path, create: create)
      descriptor = opened.descriptor
      isNew = opened.isNew
      identity = opened.identity
    } catch let failure as OpenFailure {
      throw failure
    } catch let error as SystemError {
      throw error.code == ENOENT && !create ? .missing : .refused(error)
    } catch {
      throw .missing
    }
    self.path = path
    self.name = name
    self.window = window
    end = identity.size
    durable = 0
  }

  deinit { close(descriptor) }

  /// Whether there are bytes that a power cut would take.
  var isDirty: Bool { durable < end }

  private struct Opened {
    let descriptor: Int32
    let isNew: Bool
    let identity: FileIdentity
  }

  private static func open(_ path: String, create: Bool) throws -> Opened {
    for _ in 0..<100 {
      var isNew = false
      var descriptor: Int32
      do {
        descriptor = try Files.open(path, O_RDWR | O_APPEND)
      } catch {
        guard error.code == ENOENT, create else { throw error }
        do {
          descriptor = try Files.open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL)
        } catch {
          if error.code == EEXIST { continue }
          throw error
        }
        isNew = true
        // Readers are other users; the umask of a cron job must not lock them out.
        fchmod(descriptor, 0o644)
      }
      do {
        let identity = try Files.identity(descriptor, path: path)
        guard identity.isRegular else {
          throw SystemError("append to \(path) (not a regular file)", code: EINVAL)
        }
        guard try lockPatiently(descriptor, path) else { throw OpenFailure.locked }
        let named = try Files.identity(at: path)
        if let named, named.isSameFile(as: identity) {
          let settled = try Files.identity(descriptor, path: path)
          return Opened(descriptor: descriptor, isNew: isNew, identity: settled)
        }
        close(descriptor)
      } catch {
        close(descriptor)
        throw error
      }
    }
    throw SystemError("open \(path) (it is being replaced all the time)", code: EBUSY)
  }

  /// A reader that asks `flock -n` whether the file is closed holds the lock for an instant.
  private static func lockPatiently(_ descriptor: Int32, _ path: String) throws(SystemError) -> Bool {
    for attempt in 0..<4 {
      if attempt > 0 { usleep(10_000) }
      if try Files.lock(descriptor, path: path) { return true }
    }
    return false
  }
}

// MARK: - Appending
extension ArchiveFile {
  /// Appends whole lines. `count` bytes at `source` end in LF.
  func append(_ source: UnsafePointer<UInt8>, count: Int) -> Appended {
    if needsLineFeed, let error = cutOffFragment() { return Appended(stored: 0, error: error) }
    var done = 0
    while done < count {
      let put = Files.write(descriptor, source + done, count - done)
      if put > 0 {
        done += put
        continue
      }
      let error = SystemError("write \(path)", code: put == 0 ? ENOSPC : errno)
      return rollBack(source, written: done, error)
    }
    end += Int64(count)
    return Appended(stored: count)
  }

  /// A write ended in the middle: keep its whole lines, take back the rest, so that no reader meets a torn line.
  private func rollBack(_ source: UnsafePointer<UInt8>, written: Int, _ error: SystemError) -> Appended {
    var keep = written
    while keep > 0, source[keep - 1] != 0x0A { keep -= 1 }
    let size = (try? Files.identity(descriptor, path: path))?.size
    if keep == written {
      end += Int64(keep)
    } else if size == end + Int64(written), Files.truncate(descriptor, to: end + Int64(keep)) {
      end += Int64(keep)
    } else {
      // Somebody else's bytes may stand behind ours: those are not ours to take away.
      end = size ?? end + Int64(written)
      needsLineFeed = true
      _ = cutOffFragment()
      return Appended(stored: keep, error: error, leftFragment: true)
    }
    return Appended(stored: keep, error: error)
  }

  /// Ends an unfinished line that has to stay, so that the next record starts at column 0.
  private func cutOffFragment() -> SystemError? {
    var lineFeed: UInt8 = 0x0A
    guard Files.write(descriptor, &lineFeed, 1) == 1 else { return SystemError("write \(path)") }
    end += 1
    needsLineFeed = false
    return nil
  }

  /// Removes an unfinished last line, `range` being all that stands behind the last LF. False when that is
  /// refused (append-only file) or the file grew meanwhile; the line is cut off by an LF then.
  func removeTail(_ range: Range<Int64>) throws(SystemError) -> Bool {
    let size = try Files.identity(descriptor, path: path).size
    if size == range.upperBound, Files.truncate(descriptor, to: range.lowerBound) {
      end = range.lowerBound
      return true
    }
    end = size
    if let error = cutOffFragment() { throw error }
    return false
  }

  /// Ends a last line that is whole but for its LF.
  func completeTail() throws(SystemError) {
    if let error = cutOffFragment() { throw error }
  }

  /// Marks what stands in the file as on disk, after the caller synced or verified it.
  func assumeDurable(_ offset: Int64) { durable = min(offset, end) }

  /// Under full load the disk begins at once with what stands here, so that the next sync finds little left to do.
  func beginWriting() {
    begun = max(begun, durable)
    guard end - begun >= Self.writeBehind else { return }
    Files.beginWriting(descriptor, begun..<end)
    begun = end
  }

  /// How many unwritten bytes make it worth telling the kernel.
  private static let writeBehind: Int64 = 8 << 20

  /// Syncs; the bytes in doubt when that fails. It must not be called again after a failure: the kernel may
  /// have dropped the pages and would answer that all is well.
  func sync() -> SystemError? {
    guard isDirty else { return nil }
    let reached = end
    guard Files.sync(descriptor) else {
      return SystemError("sync \(path), bytes \(durable) to \(reached) are in doubt")
    }
    durable = reached
    return nil
  }
}

// MARK: - Somebody else's hands
extension ArchiveFile {
  /// What happened to the file behind our back.
  enum Change: Equatable {
    case none
    /// The last name is gone: what was written lives only as long as we hold it.
    case removed
    /// Another name leads to it now, or another file stands in its place.
    case renamed
    /// Bytes are missing.
    case truncated(from: Int64, to: Int64)
    /// Somebody appends who does not take the lock.
    case grown(by: Int64)
  }

  /// Compares the file with its name and its size with what was written.
  func inspect() throws(SystemError) -> Change {
    let now = try Files.identity(descriptor, path: path)
    if now.links == 0 { return .removed }
    guard let named = try Files.identity(at: path), named.isSameFile(as: now) else { return .renamed }
    if now.size == end { return .none }
    let before = end
    end = now.size
    durable = min(durable, end)
    var last: UInt8 = 0x0A
    if end > 0 { _ = try Files.read(descriptor, into: &last, count: 1, at: end - 1, path: path) }
    needsLineFeed = last != 0x0A
    return now.size < before ? .truncated(from: before, to: now.size) : .grown(by: now.size - before)
  }

  /// True the first time: a flood of foreign lines is one message.
  func reportsForeignBytes() -> Bool {
    defer { reportedForeignBytes = true }
    return !reportedForeignBytes
  }

  /// Copies the whole content to `target`, a new file.
  func copy(to target: String) throws(SystemError) {
    let copy = try Files.open(target, O_WRONLY | O_CREAT | O_EXCL)
    defer { close(copy) }
    fchmod(copy, 0o644)
    let room = 1 << 18
    let block = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 16)
    defer { block.deallocate() }
    var at: Int64 = 0
    while true {
      let got = try Files.read(descriptor, into: block, count: room, at: at, path: path)
      if got == 0 { break }
      try System.write(copy, block, count: got, name: target)
      at += Int64(got)
    }
    guard Files.sync(copy) else { throw SystemError("sync \(target)") }
  }
}
