import Glibc
import Plumbing

/// The right to hold the one WebSocket session that KIS allows an app key: a lock that ends with the process.
public final class SessionLock {
  private let descriptor: Int32

  /// Takes the lock at `path`.
  ///
  /// - Throws: `ToolFailure`: try later when another process holds it, I/O error when the file cannot be opened.
  public init(path: String) throws(ToolFailure) {
    do { descriptor = try System.openRegular(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600) } catch {
      throw ToolFailure(.cannotCreate, "\(error); KIS_TOKEN_CACHE_DIR names another folder")
    }
    guard System.retryingInterrupted({ [descriptor] in flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
      let held = errno == EWOULDBLOCK
      close(descriptor)
      throw held
        ? ToolFailure(
          .tryLater,
          "app key in use: another kis-fetch on this host holds its WebSocket session (\(path));"
            + " KIS allows one, so stop the other, or use --feed price or multi here")
        : ToolFailure(.ioError, "\(SystemError("lock \(path)"))")
    }
  }

  deinit { close(descriptor) }
}
