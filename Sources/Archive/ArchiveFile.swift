import Glibc
import Plumbing

/// One open, locked data file. Bytes are only ever added at its end; the only thing taken back is the unfinished
/// end of an own write.
final class ArchiveFile {
  let path: String
  let name: String
  let window: Rotation.Window?
  let descriptor: Int32
  /// Whether this open created it.
  let isNew: Bool
  /// Size as far as we know: every own write is counted, every foreign one noticed by `look`.
  var end: Int64
  /// Bytes known to be on disk.
  var durable: Int64
  /// Own lines that stand in the file, from `begin` on.
  var lines = 0
  /// Where the first own line stands.
  var begin: Int64
  /// A foreign or torn fragment stands at the end and must be cut off before the next line.
  var needsLineFeed = false
  /// What the last write found out.
  var surprise = Change.none
  /// Whether its last name was seen to be gone: the content lives only as long as this is open.
  var isRemoved = false
  /// The copy that saves the content of a removed file.
  var rescue: Rescue?
  private var reportedForeignBytes = false
  /// Bytes that the kernel was told to begin writing to the disk, or that are there.
  private var begun: Int64 = 0

  /// How a file that could not be opened is told apart by the caller.
  enum OpenFailure: Error {
    case missing
    case locked
    /// The process was given the file as a standard stream, too.
    case standardStream(StandardStream)
    case refused(SystemError)
  }

  /// Opens (or, with `create`, makes) the file, locks it, and checks that the name leads to what was locked.
  init(
    path: String, name: String, window: Rotation.Window?, create: Bool
  ) throws(OpenFailure) {
    let identity: FileIdentity
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
    begin = identity.size
    durable = 0
  }

  deinit { close(descriptor) }

  /// Refuses a file that is about to be written to when it is also what the process reads, or where its lines and
  /// messages go: it would never end, or hold everything twice.
  func refuseStandardStream() throws(OpenFailure) {
    let identity: FileIdentity
    do { identity = try Files.identity(descriptor, path: path) } catch { throw .refused(error) }
    if let stream = identity.standardStream { throw .standardStream(stream) }
  }

  /// Whether there are bytes that a power cut would take.
  var isDirty: Bool { durable < end }
  /// Whether the file can be let go: on disk, whole to its last line, and reachable by a name.
  var isClean: Bool { !isDirty && !needsLineFeed && !isRemoved }

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

  /// True the first time: a flood of foreign lines is one message.
  func reportsForeignBytes() -> Bool {
    defer { reportedForeignBytes = true }
    return !reportedForeignBytes
  }
}

// MARK: - To the disk
extension ArchiveFile {
  /// Removes an unfinished last line, `range` being all that stands behind the last LF. False when that is
  /// refused (append-only file) or the file grew meanwhile; the line is cut off by an LF then.
  func removeTail(_ range: Range<Int64>) throws(SystemError) -> Bool {
    let size = try Files.identity(descriptor, path: path).size
    if size == range.upperBound, Files.truncate(descriptor, to: range.lowerBound) {
      end = range.lowerBound
      begin = end
      return true
    }
    end = size
    if let error = cutOffFragment() { throw error }
    begin = end
    return false
  }

  /// Ends a last line that is whole but for its LF.
  func completeTail() throws(SystemError) {
    if let error = cutOffFragment() { throw error }
    begin = end
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

  /// How many unwritten bytes make it worth telling the kernel: a sync of more holds lines up for milliseconds.
  private static let writeBehind: Int64 = 1 << 20

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
