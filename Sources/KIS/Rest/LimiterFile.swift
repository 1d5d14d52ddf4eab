import Glibc
import JSONBytes
import Plumbing

/// The limiter's state in a file that all processes of one app key share, changed under flock.
///
/// Slots are monotonic times of one boot of this host; state of another boot is void. The lock is held
/// for three system calls, so waiting for it is not noticeable.
public final class LimiterFile {
  private let path: String
  private let descriptor: Int32
  private let boot: String

  /// Opens or creates the file (0600).
  ///
  /// - Throws: `SystemError` when it cannot be opened.
  public init(path: String, boot: String = LimiterFile.bootIdentity()) throws(SystemError) {
    self.path = path
    self.boot = boot
    descriptor = try System.openRegular(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
  }

  deinit { close(descriptor) }

  /// Takes the next slot; see `LimiterState.reserve`.
  public func reserve(now: Nanoseconds, rule: LimiterRule, multiplier: Int = 1) throws(SystemError)
    -> Nanoseconds
  {
    try change(now) { $0.reserve(now: now, rule: rule, multiplier: multiplier) }
  }

  /// Makes a call, or says until when to wait; see `LimiterState.commit`.
  public func commit(now: Nanoseconds, rule: LimiterRule, id: UInt64) throws(SystemError) -> Nanoseconds? {
    try change(now) { $0.commit(now: now, rule: rule, id: id) }
  }

  /// Says when a call had reached the server; see `LimiterState.complete`.
  public func complete(now: Nanoseconds, id: UInt64, latest: Nanoseconds, rule: LimiterRule)
    throws(SystemError)
  {
    try change(now) { $0.complete(id: id, latest: latest, rule: rule) }
  }

  private func change<Result>(
    _ now: Nanoseconds, _ body: (inout LimiterState) -> Result
  ) throws(SystemError) -> Result {
    guard System.retryingInterrupted({ flock(descriptor, LOCK_EX) }) == 0 else {
      throw SystemError("lock \(path)")
    }
    defer { _ = flock(descriptor, LOCK_UN) }
    var state = stored() ?? LimiterState(next: now)
    let result = body(&state)
    try store(state)
    return result
  }

  private func stored() -> LimiterState? {
    var bytes = [UInt8](repeating: 0, count: Self.sizeLimit)
    let got = pread(descriptor, &bytes, bytes.count, 0)
    return got > 0 ? LimiterState(stored: bytes[..<got], boot: boot) : nil
  }

  private func store(_ state: LimiterState) throws(SystemError) {
    let text = state.text(boot: boot)
    guard pwrite(descriptor, text.start, text.count, 0) == text.count,
      ftruncate(descriptor, off_t(text.count)) == 0
    else { throw SystemError("write \(path)") }
  }

  private static let sizeLimit = 64 << 10

  /// What tells one boot of the host from another.
  public static func bootIdentity() -> String {
    guard let descriptor = try? System.open("/proc/sys/kernel/random/boot_id", O_RDONLY) else {
      return "boot"
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let got = Glibc.read(descriptor, &bytes, bytes.count)
    let words = bytes.prefix(max(got, 0)).filter { $0 > 0x20 && $0 < 0x7F }
    return words.isEmpty ? "boot" : String(decoding: words, as: UTF8.self)
  }
}

// MARK: - The file's content
extension LimiterState {
  /// The most permits that are kept: what holds more was not written by this program.
  private static let most = 2000

  /// Reads what `text` wrote: the boot and the next slot, then a call a line. nil when it is of another boot or
  /// unreadable; other lines are left out.
  init?(stored bytes: ArraySlice<UInt8>, boot: String) {
    let lines = bytes.split(separator: 0x0A).map { line in
      line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
    }
    guard let head = lines.first, head.count == 2, head[0] == boot, let next = Int64(head[1]) else {
      return nil
    }
    let calls = lines.dropFirst().prefix(Self.most).compactMap { words -> Call? in
      guard words.count == 2, let id = UInt64(words[0]), let frees = Int64(words[1]) else { return nil }
      return Call(id: id, freesAt: Nanoseconds(frees))
    }
    self.init(next: Nanoseconds(next), calls: calls)
  }

  /// The file's content.
  func text(boot: String) -> ByteBuffer {
    var text = ByteBuffer(capacity: 1024)
    text.append(text: "\(boot) \(next)\n")
    for call in calls { text.append(text: "\(call.id) \(call.freesAt)\n") }
    return text
  }
}
