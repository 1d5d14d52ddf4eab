import Glibc
import Plumbing

/// Somebody else's hands in the archive: looked for once a second.
extension ArchiveWriter {
  /// Compares every open file with its name and size, and the lock with its name. What was removed is saved
  /// under another name, what was renamed is let go, and the next line opens by name.
  ///
  /// - Throws: `ToolFailure` 74 when content is beyond saving or the folder is gone, 75 when another sink took
  ///   the folder over.
  public func watch(now: Int64) throws(ToolFailure) {
    do {
      for file in files { try watch(file, now: now) }
    } catch {
      throw ToolFailure(.ioError, "\(error)")
    }
    guard !lock.isInPlace else { return }
    sawDamage = true
    log.error("\(layout.lock) was removed or replaced; taking the lock again")
    do {
      lock = try ArchiveLock(path: layout.lock)
    } catch {
      throw error.status == .cannotCreate ? ToolFailure(.ioError, error.message) : error
    }
  }

  private func watch(_ file: ArchiveFile, now: Int64) throws(SystemError) {
    switch try file.inspect() {
    case .none: return
    case .removed:
      sawDamage = true
      let name = try recover(file, now: now)
      log.error("\(file.path) was removed by somebody else; its content was saved as \(layout.path(name))")
      drop { $0 === file }
    case .renamed:
      sawDamage = true
      if let error = sync() { throw error }
      log.error("\(file.path) was renamed or replaced by somebody else; going on in a file of that name")
      drop { $0 === file }
    case .truncated(let from, let to):
      sawDamage = true
      log.error(
        "\(file.path) was truncated by somebody else from \(from) to \(to) bytes; what is gone is gone")
    case .grown(let bytes):
      if file.reportsForeignBytes() {
        log.warning(
          "\(file.path) grew by \(bytes) bytes from a program that does not take the lock; stop that program")
      }
    }
  }

  private func recover(_ file: ArchiveFile, now: Int64) throws(SystemError) -> String {
    var attempt = 0
    while true {
      let name = layout.recoveredName(at: now, attempt: attempt)
      do {
        try file.copy(to: layout.path(name))
        try Files.syncDirectory(layout.directory)
        return name
      } catch {
        guard error.code == EEXIST, attempt < 100 else { throw error }
        attempt += 1
      }
    }
  }
}
