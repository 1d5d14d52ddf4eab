import Filters
import Glibc
import JSONBytes
import Plumbing
import Values

/// The file of what the market rules remember, replaced in one step.
final class StateFile {
  private let path: String
  private let log: Log
  private let lock: Int32
  private var nextNotice = Nanoseconds.zero

  /// Between a change and its write.
  static let interval: Nanoseconds = .seconds(5)
  /// More than 65,536 symbols can fill.
  private static let sizeLimit = 1 << 26

  /// - Throws: 73 where the file cannot be made, is no state, or is one that the filter reads or writes otherwise: it is not
  ///   touched then; 75 where another process uses it.
  init(path: String, _ options: FilterOptions, log: Log) throws(ToolFailure) {
    self.path = path
    self.log = log
    if options.uses(path) {
      throw Self.refusal("\(path) is also an input or an output of this filter")
    }
    try Self.refuseOther(path)
    do throws(SystemError) {
      lock = try System.openRegular(path + ".lock", O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
    } catch {
      throw ToolFailure(
        .cannotCreate, "\(error); nothing was read: give --state a file in a folder that is there")
    }
    guard System.retryingInterrupted({ [lock] in flock(lock, LOCK_EX | LOCK_NB) }) == 0 else {
      throw ToolFailure(
        .tryLater, "\(path) is in use by another snap-guard: each has a state file of its own")
    }
  }

  deinit { close(lock) }

  private static func refusal(_ text: String) -> ToolFailure {
    ToolFailure(.cannotCreate, "\(text): nothing was touched; give --state a file of its own")
  }

  /// What does not begin as a state is somebody's data.
  private static func refuseOther(_ path: String) throws(ToolFailure) {
    let descriptor: Int32
    do throws(SystemError) { descriptor = try System.openRegular(path, O_RDONLY | O_NOFOLLOW) } catch {
      if error.code == ENOENT { return }
      throw refusal("\(error)")
    }
    defer { close(descriptor) }
    var head = [UInt8](repeating: 0, count: MarketJudge.markLength)
    let got = pread(descriptor, &head, head.count, 0)
    guard MarketJudge.isState(Array(head.prefix(max(0, got)))) else {
      throw refusal("\(path) is no state of snap-guard")
    }
  }

  /// Takes what an earlier process wrote. A state that cannot be taken is kept aside and named.
  func read(into judge: inout MarketJudge) {
    let fault: String
    do {
      let descriptor = try System.openRegular(path, O_RDONLY | O_NOFOLLOW)
      defer { close(descriptor) }
      var status = stat()
      let size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
      let limit = min(size, Self.sizeLimit)
      if let bytes = try SmallFile.bytes(descriptor, limit: limit, name: path) {
        try judge.restore(bytes)
        return
      }
      fault = "is larger than any state"
    } catch let error as SystemError {
      if error.code == ENOENT { return }
      fault = "cannot be read (\(error))"
    } catch let error as StateFault {
      fault = error.text
    } catch {
      fault = "cannot be read (\(error))"
    }
    let aside = path + ".damaged"
    let isKept = rename(path, aside) == 0
    log.warning(
      "\(path) \(fault): " + (isKept ? "kept as \(aside), " : "") + "the market rules warm up (WARMING_UP)")
  }

  /// Replaces the file.
  func write(_ judge: borrowing MarketJudge) throws(SystemError) {
    var text = ByteBuffer(capacity: 1 << 16)
    judge.appendState(to: &text)
    let fresh = path + ".new"
    let descriptor = try System.openRegular(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
    defer { close(descriptor) }
    try System.write(descriptor, text.start, count: text.count, name: fresh)
    guard fchmod(descriptor, 0o600) == 0, System.retryingInterrupted({ fsync(descriptor) }) == 0 else {
      throw SystemError("sync \(fresh)")
    }
    guard rename(fresh, path) == 0 else { throw SystemError("rename \(fresh)") }
  }

  /// Says, once a minute, that the state is not on the disk.
  func noteFailure(_ error: SystemError, _ now: Nanoseconds) {
    guard now >= nextNotice else { return }
    nextNotice = now + .seconds(60)
    log.warning("\(error); lines go on, but a restart would forget what the market rules have seen since")
  }
}
