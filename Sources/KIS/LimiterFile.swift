import Glibc
import Plumbing

/// The limiter's state in a file that all processes of one app key share, changed under flock.
///
/// Slots are monotonic nanoseconds of one boot of this host; state of another boot is void. The lock is held
/// for two system calls, so waiting for it is not noticeable.
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
    descriptor = try System.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
  }

  deinit { close(descriptor) }

  /// Takes the next slot; see `LimiterState.reserve`.
  public func reserve(now: Int64, spacing: Int64) throws(SystemError) -> Int64 {
    while flock(descriptor, LOCK_EX) != 0 {
      if errno != EINTR { throw SystemError("lock \(path)") }
    }
    defer { _ = flock(descriptor, LOCK_UN) }
    var state = LimiterState(next: stored() ?? now)
    let slot = state.reserve(now: now, spacing: spacing)
    try store(state.next)
    return slot
  }

  private func stored() -> Int64? {
    var bytes = [UInt8](repeating: 0, count: 128)
    let got = pread(descriptor, &bytes, bytes.count, 0)
    guard got > 0 else { return nil }
    let words = bytes.prefix(got).split(whereSeparator: { $0 == 0x20 || $0 == 0x0A })
    guard words.count == 2, String(decoding: words[0], as: UTF8.self) == boot else { return nil }
    return Int64(String(decoding: words[1], as: UTF8.self))
  }

  private func store(_ next: Int64) throws(SystemError) {
    // Padded to one length, so that a shorter number leaves nothing of a longer one behind.
    let digits = String(next)
    let line = boot + " " + String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits + "\n"
    let bytes = Array(line.utf8)
    guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else { throw SystemError("write \(path)") }
  }

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
