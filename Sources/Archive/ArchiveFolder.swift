import Glibc
import Plumbing

/// The archive's folder before anything is read: created if it may be, and known to be writable.
public enum ArchiveFolder {
  /// Creates `directory` and at most `levels - 1` of its parents, and checks that files can be made in it.
  ///
  /// Only the last levels are created: a missing path above them means that a volume is not mounted, and an
  /// archive on the bare mount point would be hidden as soon as it is.
  /// - Throws: `ToolFailure` with status 73, naming the path, the reason and the way out.
  public static func prepare(_ directory: String, levels: Int) throws(ToolFailure) {
    do {
      try create(directory, levels: levels)
    } catch {
      throw ToolFailure(.cannotCreate, "\(error)\(wayOut(error.code, directory))")
    }
    guard faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) == 0 else {
      let error = SystemError("write in folder \(directory)")
      throw ToolFailure(.cannotCreate, "\(error)\(wayOut(error.code, directory))")
    }
  }

  /// Makes sure that the archive's files can be opened at all, before a line is read that would have to wait for
  /// them: a data file, the next window's, the rejects, and a folder to sync.
  ///
  /// - Throws: `ToolFailure` with status 73.
  public static func reserveDescriptors(_ count: Int = 4) throws(ToolFailure) {
    var spare: [Int32] = []
    defer { spare.forEach { close($0) } }
    do {
      for _ in 0..<count { spare.append(try System.open("/dev/null", O_RDONLY)) }
    } catch {
      throw ToolFailure(.cannotCreate, "too few open files allowed: \(error)\(wayOut(error.code, ""))")
    }
  }

  private static func create(_ directory: String, levels: Int) throws(SystemError) {
    if Files.isDirectory(directory) { return }
    let parent = directory.parentFolder
    if levels > 1, !Files.isDirectory(parent) { try create(parent, levels: levels - 1) }
    try Files.makeDirectory(directory)
    try Files.syncDirectory(parent)
  }

  /// What an operator can do about a path that cannot be used.
  static func wayOut(_ code: Int32, _ path: String) -> String {
    switch code {
    case ENOENT: "; is the volume mounted? create the folder above it, or name another place with --dir"
    case EACCES, EPERM: "; give user \(geteuid()) write permission, or name another place with --dir"
    case EROFS: "; remount it read-write, or name another place with --dir"
    case ELOOP: "; it is a symbolic link, which an archive never follows: remove it, or name another --dir"
    case ENOTDIR: "; a part of the path is not a folder: name another place with --dir"
    case EISDIR: "; a folder stands where the file should be: move it away, or name another --base-name"
    case EINVAL, ENXIO: "; move it away, or name another --base-name"
    case ENOSPC, EDQUOT: "; make room, or name another place with --dir"
    case EMFILE, ENFILE: "; raise the limit on open files (ulimit -n)"
    default: ""
    }
  }
}
