import Glibc
import JSONBytes
import Plumbing

/// An access token with its life.
public struct AccessToken: Equatable, Sendable {
  /// The bearer token.
  public let value: Secret
  /// When it was issued.
  public let issued: Milliseconds
  /// When KIS says it ends (`access_token_token_expired`).
  public let expires: Milliseconds

  /// Makes a token; times are brought into 1970 to 9999.
  public init(value: Secret, issued: Milliseconds, expires: Milliseconds) {
    self.value = value
    self.issued = min(max(issued, .zero), Self.latest)
    self.expires = min(max(expires, .zero), Self.latest)
  }

  /// The end of the year 9999, KST.
  static let latest = KST.latest

  /// Whether a text can be a bearer token: it travels in a header.
  static func isUsable(_ text: String) -> Bool {
    (1...4096).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// Reads what `text` wrote; nil for anything else.
  init?(stored bytes: [UInt8]) {
    guard let value = try? JSONValue.parse(bytes), let token = value["access_token"]?.string,
      Self.isUsable(token),
      let issued = value["issued_ms"]?.integer.map(Milliseconds.milliseconds),
      let expires = value["expires_ms"]?.integer.map(Milliseconds.milliseconds),
      (.zero...Self.latest).contains(issued), (.zero...Self.latest).contains(expires)
    else { return nil }
    self.init(value: Secret(token), issued: issued, expires: expires)
  }

  /// The cache file's content.
  var text: ByteBuffer {
    var text = ByteBuffer()
    text.append("{\"access_token\":")
    text.append(jsonString: value.reveal())
    text.append(text: ",\"issued_ms\":\(issued),\"expires_ms\":\(expires)}\n")
    return text
  }

  /// From when on another one is fetched: 10 minutes before the end, or a tenth of a short life.
  public var renewal: Milliseconds { expires - min(.minutes(10), max(.zero, expires - issued) / 10) }

  /// Reads `2026-07-31 09:00:00`, KST without a zone.
  public static func parseExpiry(_ text: String) -> Milliseconds? {
    text.numbers(like: "0000-00-00 00:00:00").flatMap { numbers in
      KST.time(checking: Array(numbers[..<3]), time: Array(numbers[3...]))
    }
  }
}

/// The folder where processes of one user share tokens, limiter state and session locks.
public enum StateFolder {
  /// `KIS_TOKEN_CACHE_DIR`, else `$XDG_STATE_HOME/observer`, else `~/.local/state/observer`; created 0700.
  ///
  /// - Throws: `ToolFailure`, naming the folder: status cannotCreate, and refused where it belongs to another user or can be
  ///   written by others.
  public static func open(_ environment: Environment) throws(ToolFailure) -> String {
    let path: String
    if let given = environment["KIS_TOKEN_CACHE_DIR"] {
      path = given
    } else if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
      path = state + "/observer"
    } else if let home = environment["HOME"] ?? homeOfUser() {
      path = home + "/.local/state/observer"
    } else {
      throw ToolFailure(
        .cannotCreate, "no folder for the token cache: set KIS_TOKEN_CACHE_DIR", cause: .folder(.tokens))
    }
    // Of variables that are not this project's, what is not UTF-8 was repaired: that names another folder.
    guard !path.unicodeScalars.contains("\u{FFFD}") else {
      throw ToolFailure(
        .cannotCreate, "the token cache \(path) is not UTF-8: set KIS_TOKEN_CACHE_DIR",
        cause: .folder(.tokens))
    }
    try create(path)
    return path
  }

  private static func create(_ path: String) throws(ToolFailure) {
    var parent = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      parent += "/" + part
      if mkdir(parent, 0o700) != 0 && errno != EEXIST && errno != EISDIR && errno != EROFS {
        throw failure(SystemError("create \(parent)"))
      }
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw failure(SystemError("open \(path)")) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw failure(SystemError("open \(path)", code: ENOTDIR))
    }
    // Another user could put another folder in its place. What is root's is safe from all but root, and root may use a user's.
    guard [geteuid(), 0].contains(status.st_uid) || geteuid() == 0 else {
      throw ToolFailure(
        .refused,
        "the token cache \(path) belongs to another user (uid \(status.st_uid)); set KIS_TOKEN_CACHE_DIR to a folder of your own",
        cause: .tokenCacheExposed)
    }
    guard status.st_mode & 0o022 == 0 || status.st_mode & S_ISVTX != 0 else {
      throw ToolFailure(
        .refused, "the token cache \(path) can be written by others; run: chmod 700 '\(path)'",
        cause: .tokenCacheExposed)
    }
  }

  private static func failure(_ error: SystemError) -> ToolFailure {
    ToolFailure(
      .cannotCreate, "token cache: \(error); set KIS_TOKEN_CACHE_DIR to a folder of your own",
      cause: .folder(.tokens))
  }

  private static func homeOfUser() -> String? {
    guard let entry = getpwuid(geteuid()), let home = entry.pointee.pw_dir else { return nil }
    return String(cString: home)
  }
}

/// One token on disk, and the lock under which it is issued.
///
/// The token is replaced by an atomic rename, so a reader needs no lock. The lock file also remembers when a
/// token was last issued, because KIS allows one a minute and tells the owner about each.
public final class TokenStore {
  private let path: String
  private let lockPath: String
  private var lockDescriptor: Int32 = -1

  /// A store of the token `fingerprint` in `folder`. Touches nothing yet.
  public init(folder: String, fingerprint: String) {
    path = folder + "/" + fingerprint + ".token"
    lockPath = path + ".lock"
  }

  deinit { unlock() }

  /// The token on disk, whatever its age; nil when there is none, or when others could have written it.
  public func load() -> AccessToken? {
    guard let descriptor = try? System.openRegular(path, O_RDONLY | O_NOFOLLOW) else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0,
      status.st_uid == geteuid(),
      let bytes = (try? SmallFile.bytes(descriptor, limit: 65_536, name: path)) ?? nil
    else { return nil }
    return AccessToken(stored: bytes)
  }

  /// Replaces the token. Call with the lock held.
  public func save(_ token: AccessToken) throws(SystemError) {
    let fresh = path + ".\(getpid())"
    unlink(fresh)
    let descriptor = try System.open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    let text = token.text
    do throws(SystemError) {
      defer { close(descriptor) }
      try System.write(descriptor, text.start, count: text.count, name: fresh)
      guard System.retryingInterrupted({ fsync(descriptor) }) == 0 else { throw SystemError("sync \(fresh)") }
    } catch {
      unlink(fresh)
      throw error
    }
    guard rename(fresh, path) == 0 else {
      let error = SystemError("rename \(fresh)")
      unlink(fresh)
      throw error
    }
  }

  /// Takes the token away, if it still is `rejected`. Call with the lock held.
  public func remove(_ rejected: Secret) {
    if load()?.value == rejected { unlink(path) }
  }

  /// Tries to take the issue lock; never waits.
  ///
  /// - Throws: `SystemError` when the lock file cannot be opened.
  public func tryLock() throws(SystemError) -> Bool {
    if lockDescriptor >= 0 { return true }
    let descriptor = try System.openRegular(lockPath, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
    guard System.retryingInterrupted({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
      close(descriptor)
      return false
    }
    lockDescriptor = descriptor
    return true
  }

  /// Gives the lock back, if it is held.
  public func unlock() {
    if lockDescriptor >= 0 { close(lockDescriptor) }
    lockDescriptor = -1
  }

  /// When a token was last issued; nil when that is unknown. Call with the lock held.
  public var lastIssue: Milliseconds? {
    var bytes = [UInt8](repeating: 0, count: 32)
    let got = pread(lockDescriptor, &bytes, bytes.count, 0)
    return Self.stamp(bytes.prefix(max(got, 0)))
  }

  /// Reads what `noteIssue` wrote; nil when it is no time from 1970 to 9999.
  static func stamp(_ bytes: ArraySlice<UInt8>) -> Milliseconds? {
    let stamp = Int64(String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self))
    return stamp.map { Milliseconds($0) }.flatMap { (.zero...AccessToken.latest).contains($0) ? $0 : nil }
  }

  /// Remembers an issue. Call with the lock held.
  public func noteIssue(at wall: Milliseconds) {
    let line = Array("\(wall)\n".utf8)
    if pwrite(lockDescriptor, line, line.count, 0) == line.count {
      _ = ftruncate(lockDescriptor, off_t(line.count))
    }
  }
}
