import Glibc
import Plumbing

/// Somebody else's hands in the archive: looked for once a second, and before anything is counted as stored.
extension ArchiveWriter {
  /// Compares every open file with its name and size, and the lock with its name. What was removed is saved
  /// under another name, what was renamed is let go, and the next line opens by name.
  ///
  /// - Throws: `SystemError` when content cannot be saved now (it is kept, and the next call tries again) or the
  ///   folder is gone; `ToolFailure` 75 when another sink took the folder over.
  public func watch(now: Milliseconds) throws {
    wall = now
    for file in files { try note(file.inspect(), of: file) }
    if (now - settled).magnitude >= Self.settleInterval {
      settled = now
      if syncs { lock.settle() }
    }
    guard !lock.isInPlace else { return }
    sawDamage = true
    log.error("\(layout.lock) was removed or replaced; taking the lock again")
    do {
      lock = try ArchiveLock(path: layout.lock)
    } catch {
      throw error.status == .cannotCreate ? ToolFailure(.ioError, error.message) : error
    }
    // What stood in the old one is not known to the new one: the next start looks at every file.
    try lock.replace(OpenList(), durably: false)
    for file in files {
      try lock.enter(DurableMark(name: file.name, offset: file.durable), open: openNames, durably: syncs)
    }
  }

  /// How old an offset in the lock file can be on the disk.
  private static let settleInterval: Milliseconds = .seconds(5)

  /// Deals with what was found out about an open file.
  func note(_ change: ArchiveFile.Change, of file: ArchiveFile) throws(SystemError) {
    switch change {
    case .none: return
    case .removed: try rescue(file)
    case .renamed:
      sawDamage = true
      if let error = file.sync() {
        failedSync = error
        throw error
      }
      log.error(
        "\(file.path) was renamed or replaced by another program; going on in a new file of that name")
      drop { $0 === file }
    case .truncated(let from, let to, let lost):
      sawDamage = true
      lostLines += lost
      log.error(
        "\(file.path) was truncated by another program from \(from) to \(to) bytes; those lines are lost"
          + (lost > 0 ? ", \(lost) lines of this run with it" : ""))
    case .grown(let bytes):
      sawDamage = true
      if file.reportsForeignBytes() {
        log.warning(
          "\(file.path) grew by \(bytes) bytes from a program that does not take the lock; stop that program"
            + (file.needsLineFeed ? " (it left half a line, which is cut off by a line feed)" : ""))
      }
    }
  }

  /// Saves the content of a file that lost its name; the file stays open until that is done.
  private func rescue(_ file: ArchiveFile) throws(SystemError) {
    sawDamage = true
    do {
      let copy: Rescue
      if let begun = file.rescue {
        copy = begun
      } else {
        copy = try Rescue(layout, now: wall) { name throws(SystemError) in
          try lock.enter(DurableMark(name: name, offset: 0), open: openNames, durably: syncs)
        }
        file.rescue = copy
      }
      try copy.save(file, in: layout)
      lock.update([DurableMark(name: copy.name, offset: copy.saved)])
      log.error(
        "\(file.path) was removed by another program; its content was saved as \(layout.path(copy.name))")
      file.isRemoved = false
      drop { $0 === file }
    } catch {
      throw SystemError(
        "save the \(file.end) bytes of \(file.path), which was removed by another program and is kept in"
          + " /proc/\(getpid())/fd/\(file.descriptor) for as long as this process lives (\(error.action))",
        code: error.code)
    }
  }

  /// The process ends: says what of removed files could not be saved.
  public func abandonRemoved() {
    for file in files where file.isRemoved {
      let saved = file.rescue?.saved ?? 0
      file.rescue?.giveUp()
      lostLines += file.linesLost(beyond: saved)
      let place = saved > 0 ? " as \(layout.path(file.rescue?.name ?? ""))" : ""
      log.error(
        "\(file.path) was removed by another program: \(saved) of its \(file.end) bytes were saved\(place)")
    }
  }
}
