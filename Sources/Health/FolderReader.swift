import Archive
import Glibc

/// Looks at the archive's folder.
enum FolderReader {
  /// - Parameter baseName: start of the data files' names.
  static func read(_ path: String, _ baseName: String) -> FolderFacts {
    var facts = FolderFacts()
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code = errno
      let isLink = lstat(path, &status) == 0
      facts.trouble = code == EACCES ? .hidden : isLink ? .brokenLink : .missing
      return facts
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      facts.trouble = .isFile
      return facts
    }
    if status.st_uid != geteuid() { facts.owner = name(of: status.st_uid) }
    facts.isWritable = faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0
    if facts.isWritable {
      facts.unwritable =
        ours(path, baseName).lazy.compactMap {
          foreign(path + "/" + $0)
        }.first
    }
    facts.volume = VolumeReader.look(path)
    var room = statvfs()
    if statvfs(path, &room) == 0 {
      facts.isReadOnlyHere = room.f_flag & UInt(ST_RDONLY) != 0
      facts.freeBytes = Int(clamping: UInt64(room.f_bavail).times(UInt64(room.f_frsize)))
      facts.freeInodes = room.f_files > 0 ? Int(clamping: room.f_favail) : nil
    }
    return facts
  }

  private static func foreign(_ path: String) -> FolderFacts.Unwritable? {
    var status = stat()
    guard stat(path, &status) == 0, faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0 else { return nil }
    return FolderFacts.Unwritable(path: path, owner: name(of: status.st_uid))
  }

  private static func ours(_ path: String, _ baseName: String) -> [String] {
    let layout = try? ArchiveLayout(directory: path, baseName: baseName)
    return [
      ".run", ".run/observer.pid", ".run/pipeline.lock", ".run/log", ".run/log/observer.log", "rejects",
      ArchiveLayout.lockName,
    ] + [layout?.plainName].compactMap { $0 }
  }

  /// As sudo takes it: a name, or `#` and a number.
  private static func name(of user: uid_t) -> String {
    getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "#\(user)"
  }
}
