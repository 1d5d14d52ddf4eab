import Glibc

/// The file that stderr leads to, where `OBSERVER_LOG_FILE` names it, as scripts/observer does for its stages.
///
/// It is found again at its path when logrotate has moved it: before each line the path is looked at, so that nothing
/// has to be copied, truncated or signalled, and no line is lost between two files.
enum LogFile {
  private static let path = Environment.process["OBSERVER_LOG_FILE"]

  /// Makes descriptor 2 lead to the file of that name, a new one if need be. What cannot be opened is not worth
  /// stopping for: the log goes on where it was.
  static func find() {
    guard let path else { return }
    var here = stat()
    var there = stat()
    // A terminal or a pipe was put there on purpose: it stays.
    guard fstat(2, &here) == 0, here.st_mode & S_IFMT == S_IFREG else { return }
    if stat(path, &there) == 0, here.st_ino == there.st_ino, here.st_dev == there.st_dev { return }
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW
    guard let file = try? System.openRegular(path, flags, mode: 0o644) else { return }
    dup2(file, 2)
    close(file)
  }
}
