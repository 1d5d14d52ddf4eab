import Glibc
import Plumbing

/// `observer.lock`: flock(2) held for the life of the sink. It tells who holds it and, for the next start, which
/// data files may not be whole on disk. Only flock counts; the file stays when the sink ends.
final class ArchiveLock {
  let path: String
  /// What the previous holder left.
  let left: OpenList
  /// What the file says now.
  private(set) var list: OpenList
  private let descriptor: Int32
  private let inode: UInt64
  /// Whether the file says something that may not be on disk.
  private var isDirty = true

  /// Takes the lock.
  ///
  /// - Throws: `ToolFailure` 75 naming the holder's pid, or 73 when the file cannot be opened.
  init(path: String) throws(ToolFailure) {
    self.path = path
    do {
      while true {
        let descriptor = try Self.open(path)
        guard try Files.lock(descriptor, path: path) else {
          let holder = Self.holder(Self.content(descriptor))
          close(descriptor)
          throw ToolFailure(
            .tryLater,
            "archive is locked by pid \(holder) (\(path)); stop that sink, or name another folder with --dir")
        }
        // The file may have been replaced between open and flock: then the lock guards nothing.
        let ours = try Files.identity(descriptor, path: path)
        if let named = try Files.identity(at: path), named.isSameFile(as: ours) {
          self.descriptor = descriptor
          inode = ours.inode
          break
        }
        close(descriptor)
      }
    } catch let error as SystemError {
      throw ToolFailure(.cannotCreate, "\(error)\(ArchiveFolder.wayOut(error.code, path))")
    } catch let failure as ToolFailure {
      throw failure
    } catch {
      throw ToolFailure(.cannotCreate, "\(error)")
    }
    left = OpenList(Self.content(descriptor)[...], inode: inode)
    list = left
    // On a full disk this only costs the next start some reading.
    try? write()
  }

  deinit { close(descriptor) }

  /// Whether the name still leads to the locked file.
  var isInPlace: Bool {
    guard let named = try? Files.identity(at: path),
      let ours = try? Files.identity(descriptor, path: path)
    else { return false }
    return named.isSameFile(as: ours)
  }

  private func write() throws(SystemError) {
    var text = list.text(pid: getpid(), inode: inode)
    isDirty = true
    let count = text.utf8.count
    let put = text.withUTF8 { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    guard put == count else { throw SystemError("write \(path)", code: put < 0 ? errno : ENOSPC) }
    if try Files.identity(descriptor, path: path).size > Int64(count) {
      guard Files.truncate(descriptor, to: Int64(count)) else { throw SystemError("shorten \(path)") }
    }
  }

  private static func open(_ path: String) throws(SystemError) -> Int32 {
    let existed = (try Files.identity(at: path)) != nil
    let descriptor = try Files.open(path, O_RDWR | O_CREAT)
    if !existed { fchmod(descriptor, 0o644) }
    return descriptor
  }

  private static func content(_ descriptor: Int32) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: OpenList.size) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      let got = (try? Files.read(descriptor, into: start, count: buffer.count, at: 0, path: "")) ?? 0
      return String(decoding: buffer[..<got], as: UTF8.self)
    }
  }

  private static func holder(_ content: String) -> String {
    let words = content.split(separator: "\n").first?.split(separator: " ") ?? []
    guard words.count == 2, words[0] == "pid", Int32(words[1]) != nil else { return "unknown" }
    return String(words[1])
  }
}

// MARK: - The list of open files
extension ArchiveLock {
  /// Makes `new` the list.
  ///
  /// - Parameter durably: whether it has to be on disk before this returns. Otherwise a failure costs the next start
  ///   some reading only.
  func replace(_ new: OpenList, durably: Bool) throws(SystemError) {
    list = new
    do {
      try write()
      if durably { try sync() }
    } catch {
      if durably { throw error }
    }
  }

  /// Lists a file before anything is written to it.
  ///
  /// - Parameters:
  ///   - open: the files that are open, which stay on the list.
  ///   - durably: whether the list is to be on disk before this returns.
  func enter(_ mark: DurableMark, open: [String], durably: Bool) throws(SystemError) {
    let before = list
    let isListed = list.marks.contains { $0.name == mark.name }
    list.enter(mark, open: open)
    do {
      try write()
      if durably && !isListed { try sync() }
    } catch {
      // The name may not pass for one that is listed.
      if !isListed { list = before }
      throw error
    }
  }

  /// Notes how far listed files are durable. A failure only costs the next start some reading.
  func update(_ marks: [DurableMark]) {
    list.update(marks)
    try? write()
  }

  /// Every file was closed, and all of it is on disk; `last` is the one that was used last.
  func clear(last: DurableMark?) {
    list.marks = []
    list.closed = last ?? list.closed
    try? write()
  }

  /// Brings the offsets to the disk, so that the next start has only the last seconds to read again.
  func settle() {
    if isDirty { try? sync() }
  }

  private func sync() throws(SystemError) {
    guard Files.sync(descriptor) else { throw SystemError("sync \(path)") }
    isDirty = false
  }
}
