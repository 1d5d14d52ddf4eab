import Glibc
import Plumbing

/// What `fstat` tells about a file, as far as the archive cares.
struct FileIdentity: Equatable {
  /// Device and inode: the same pair is the same file.
  let device: UInt64, inode: UInt64
  /// Bytes.
  let size: Int64
  /// Names that lead to it; 0 once it was removed.
  let links: UInt64
  /// Whether it is a regular file, which is the only kind that the archive writes to.
  let isRegular: Bool
  /// When its content was last changed, since 1970.
  let modified: Nanoseconds

  init(_ raw: stat) {
    device = UInt64(raw.st_dev)
    inode = UInt64(raw.st_ino)
    size = Int64(raw.st_size)
    links = UInt64(raw.st_nlink)
    isRegular = raw.st_mode & S_IFMT == S_IFREG
    modified = Nanoseconds(Int64(raw.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(raw.st_mtim.tv_nsec))
  }

  /// The standard stream of this process that leads to it, if it is a regular file.
  var standardStream: StandardStream? {
    isRegular ? StandardStream.leading(toInode: inode, device: device) : nil
  }

  func isSameFile(as other: FileIdentity) -> Bool { device == other.device && inode == other.inode }
}

/// The system calls of the archive, in one place. EINTR never gets out; short writes do, because what to do
/// about them (finish or roll back) is the archive's decision.
enum Files {
  /// Opens a regular file, never through a symbolic link.
  static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o644) throws(SystemError) -> Int32 {
    try System.openRegular(path, flags | O_NOFOLLOW, mode: mode)
  }

  /// One `write`: the bytes taken, or -1 with `errno` set.
  static func write(_ descriptor: Int32, _ source: UnsafeRawPointer, _ count: Int) -> Int {
    while true {
      let put = Glibc.write(descriptor, source, count)
      if put >= 0 || errno != EINTR { return put }
    }
  }

  /// Reads exactly `count` bytes at `offset` unless the file ends before; the bytes read.
  static func read(
    _ descriptor: Int32, into target: UnsafeMutableRawPointer, count: Int, at offset: Int64, path: String
  ) throws(SystemError) -> Int {
    var done = 0
    while done < count {
      let got = pread(descriptor, target + done, count - done, off_t(offset) + off_t(done))
      if got == 0 { break }
      if got > 0 {
        done += got
      } else if errno != EINTR {
        throw SystemError("read \(path)")
      }
    }
    return done
  }

  /// Offset behind the last byte in `range` that satisfies `condition`, else the range's start. It reads from the
  /// end, a block at a time.
  static func scanBack(
    _ descriptor: Int32, _ range: Range<Int64>, path: String, _ condition: (UInt8) -> Bool
  ) throws(SystemError) -> Int64 {
    let room = 1 << 16
    let block = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
    defer { block.deallocate() }
    var high = range.upperBound
    while high > range.lowerBound {
      let low = max(range.lowerBound, high - Int64(room))
      var index = try read(descriptor, into: block, count: Int(high - low), at: low, path: path)
      while index > 0 {
        if condition(block[index - 1]) { return low + Int64(index) }
        index -= 1
      }
      high = low
    }
    return range.lowerBound
  }

  /// Offset of the first byte, from `offset` on, that is data (or, without `data`, a hole: bytes that were never
  /// written and read as NUL). `size` when there is none; a file system that cannot tell says that all is data.
  static func seek(_ descriptor: Int32, data: Bool, from offset: Int64, size: Int64) -> Int64 {
    let seekData: Int32 = 3
    let seekHole: Int32 = 4
    guard offset < size else { return size }
    let found = Int64(lseek(descriptor, off_t(offset), data ? seekData : seekHole))
    guard found < 0 else { return min(found, size) }
    return data && errno != ENXIO ? offset : size
  }

  /// Where a descriptor opened with `O_APPEND` stands: behind the last byte that it wrote.
  static func position(_ descriptor: Int32) -> Int64 {
    let seekCurrent: Int32 = 1
    return Int64(lseek(descriptor, 0, seekCurrent))
  }

  /// Names of all entries of a folder, in no order.
  static func names(in directory: String) throws(SystemError) -> [String] {
    guard let folder = opendir(directory) else { throw SystemError("list \(directory)") }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else {
        if errno != 0 { throw SystemError("list \(directory)") }
        return names
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
      }
      names.append(name)
    }
  }

  static func identity(_ descriptor: Int32, path: String) throws(SystemError) -> FileIdentity {
    var raw = stat()
    guard fstat(descriptor, &raw) == 0 else { throw SystemError("look at \(path)") }
    return FileIdentity(raw)
  }

  /// What stands at `path` itself (a symbolic link is not followed), nil when nothing does.
  static func identity(at path: String) throws(SystemError) -> FileIdentity? {
    var raw = stat()
    if lstat(path, &raw) == 0 { return FileIdentity(raw) }
    if errno == ENOENT { return nil }
    throw SystemError("look at \(path)")
  }

  static func isDirectory(_ path: String) -> Bool {
    var raw = stat()
    return stat(path, &raw) == 0 && raw.st_mode & S_IFMT == S_IFDIR
  }

  /// Flushes data and size. EINTR means that nothing was decided yet; any other error is final.
  static func sync(_ descriptor: Int32) -> Bool {
    System.retryingInterrupted { fdatasync(descriptor) } == 0
  }

  /// Asks the kernel to begin writing a range to the disk. Nothing is waited for, and a failure shows at the next
  /// sync. (The advice that a range is not needed does that first, and drops only pages that are on disk already.)
  static func beginWriting(_ descriptor: Int32, _ range: Range<Int64>) {
    _ = posix_fadvise(
      descriptor, off_t(range.lowerBound), off_t(range.upperBound - range.lowerBound), POSIX_FADV_DONTNEED)
  }

  static func truncate(_ descriptor: Int32, to length: Int64) -> Bool {
    System.retryingInterrupted { ftruncate(descriptor, off_t(length)) } == 0
  }

  /// Takes the advisory lock without waiting; false when another process holds it.
  static func lock(_ descriptor: Int32, path: String) throws(SystemError) -> Bool {
    if System.retryingInterrupted({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 { return true }
    if errno == EWOULDBLOCK { return false }
    throw SystemError("lock \(path)")
  }

  /// Makes everything on the file system of `directory` durable: one call, for folders of many files.
  static func syncFileSystem(of directory: String) throws(SystemError) {
    let descriptor = try System.open(directory, O_RDONLY | O_DIRECTORY)
    defer { close(descriptor) }
    guard System.retryingInterrupted({ syncfs(descriptor) }) == 0 else {
      throw SystemError("sync the file system of \(directory)")
    }
  }

  /// Makes a name in `directory` as durable as the file it leads to.
  static func syncDirectory(_ directory: String) throws(SystemError) {
    let descriptor = try System.open(directory, O_RDONLY | O_DIRECTORY)
    defer { close(descriptor) }
    // Some file systems cannot sync a directory and say EINVAL: there is nothing more to do on those.
    guard Files.sync(descriptor) || errno == EINVAL else { throw SystemError("sync folder \(directory)") }
  }

  /// Creates one folder level; a folder that exists is fine.
  static func makeDirectory(_ path: String) throws(SystemError) {
    guard mkdir(path, 0o755) != 0 else { return }
    let code = errno
    if code == EEXIST && isDirectory(path) { return }
    throw SystemError("create folder \(path)", code: code)
  }
}

/// syncfs(2), which the Glibc module leaves out.
@_silgen_name("syncfs")
private func syncfs(_ descriptor: Int32) -> Int32
