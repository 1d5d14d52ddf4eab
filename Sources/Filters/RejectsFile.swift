import Glibc
import JSONBytes
import Plumbing

/// The file of a filter's rejects. What does not fit is waited for: the caller holds one batch and reads nothing
/// more, as the archive does. What is in the file is on the disk within a second, and before it is answered for.
final class RejectsFile {
  private let log: Log
  private var file: AppendFile
  /// Rejects in the file, and those of them that are on the disk.
  private var stored = 0
  private(set) var durable = 0
  /// Writes that failed, retries included.
  private var writeErrors = 0
  /// Since when there is no room, monotonic.
  private var waitingSince: Nanoseconds?
  private var nextNotice: Nanoseconds = .zero
  /// When what was written has to be synced, monotonic.
  private(set) var syncDue = Nanoseconds.max

  /// How long to wait between two tries.
  static let pause: Nanoseconds = .milliseconds(100)
  private static let noticeInterval: Nanoseconds = .seconds(60)
  private static let syncInterval: Nanoseconds = .milliseconds(750)

  /// - Throws: 73 when the path is not a regular file that can be appended to.
  init(path: String, log: Log) throws(ToolFailure) {
    self.log = log
    do {
      file = try AppendFile(path: path, log: log)
    } catch {
      throw ToolFailure(
        .cannotCreate, "\(error); nothing was read: give --rejects a regular file in a folder that is there")
    }
  }

  /// Moves whole lines from `pending` to the file; nil when all are there and nothing has to be waited for.
  func store(_ pending: inout ByteBuffer) -> AppendFile.Appended? {
    guard !pending.isEmpty || file.hasRescued else { return nil }
    let appended = file.append(pending.bytes)
    if appended.stored > 0 {
      stored += Self.lines(pending.start, appended.stored)
      pending.removeFirst(appended.stored)
      if syncDue == .max { syncDue = Clocks.monotonic() + Self.syncInterval }
    }
    guard appended.error != nil else {
      noteRoom()
      return nil
    }
    writeErrors += 1
    return appended
  }

  /// Makes what is in the file durable.
  ///
  /// - Throws: 74, finally: what was written since the last sync may be gone though a second one would succeed.
  func sync() throws(ToolFailure) {
    syncDue = .max
    do { try file.sync() } catch { throw inDoubt(error) }
    durable = stored
  }

  /// SIGHUP: the file is opened again by its name.
  func reopen() throws(ToolFailure) {
    syncDue = .max
    do { try file.reopen() } catch { throw inDoubt(error) }
    durable = stored
    log.info("SIGHUP: \(file.path) is opened again by its name")
  }

  private func inDoubt(_ error: SystemError) -> ToolFailure {
    ToolFailure(
      .ioError,
      "\(error); \(stored - durable) rejects are in doubt; stopping, because a second sync would not tell: check"
        + " the disk, then start again")
  }

  /// Says, now and then, that `lines` rejects are held because of `error`.
  func noteWaiting(_ error: SystemError, holding lines: Int, _ now: Nanoseconds) {
    if waitingSince == nil { waitingSince = now }
    guard now >= nextNotice else { return }
    nextNotice = now + Self.noticeInterval
    log.error("\(error); holding \(lines) rejects and reading nothing until that is put right")
  }

  private func noteRoom() {
    guard let since = waitingSince else { return }
    let seconds = (Clocks.monotonic() - since).wholeSeconds
    log.warning("rejects can be written again after \(seconds) s: going on")
    waitingSince = nil
    nextNotice = .zero
  }

  /// Writes down what is measured.
  func append(to text: inout MetricsText) {
    text.put(.rejectsDurable, durable)
    text.put(.rejectsWriteErrors, writeErrors)
    text.put(.rejectsWaitingForRoom, waitingSince == nil ? 0 : 1)
  }

  /// Line feeds in a run of bytes.
  static func lines(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var lines = 0
    var at = start
    let end = start + count
    while at < end, let feed = memchr(at, 0x0A, end - at) {
      lines += 1
      at = UnsafePointer(feed.assumingMemoryBound(to: UInt8.self)) + 1
    }
    return lines
  }
}
