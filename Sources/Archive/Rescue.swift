import Glibc
import Plumbing

/// A copy of a data file that has lost its last name while it was open. (A file without a name cannot be given a new
/// one; its content is there for as long as this process holds it.) A full disk interrupts the copy, and it goes on
/// from there.
final class Rescue {
  /// The copy's name in the archive's folder.
  let name: String
  /// Bytes copied, up to a line feed while the copy is not finished.
  private(set) var saved: Int64 = 0
  private let path: String
  private let descriptor: Int32

  /// Makes the copy's file, under a name that is free. `list` is called before, with the name.
  init(_ layout: ArchiveLayout, now: Milliseconds, list: (String) throws(SystemError) -> Void)
    throws(SystemError)
  {
    var attempt = 0
    while true {
      let name = layout.recoveredName(at: now, attempt: attempt)
      attempt += 1
      if try Files.identity(at: layout.path(name)) != nil, attempt <= 100 { continue }
      try list(name)
      do {
        descriptor = try Files.open(layout.path(name), O_RDWR | O_CREAT | O_EXCL)
      } catch {
        if error.code == EEXIST, attempt <= 100 { continue }
        throw error
      }
      self.name = name
      path = layout.path(name)
      fchmod(descriptor, 0o644)
      return
    }
  }

  deinit { close(descriptor) }

  /// Copies what is missing and makes it durable.
  ///
  /// - Throws: why that is not possible now; what was copied ends in a whole line then.
  func save(_ file: ArchiveFile, in layout: ArchiveLayout) throws(SystemError) {
    do {
      try copy(file)
    } catch {
      let whole = try Files.scanBack(descriptor, 0..<saved, path: path) { $0 == 0x0A }
      if Files.truncate(descriptor, to: whole) { saved = whole }
      throw error
    }
    guard Files.sync(descriptor) else { throw SystemError("sync \(path)") }
    try Files.syncDirectory(layout.directory)
  }

  private func copy(_ file: ArchiveFile) throws(SystemError) {
    let room = 1 << 18
    let block = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 16)
    defer { block.deallocate() }
    while true {
      let got = try Files.read(file.descriptor, into: block, count: room, at: saved, path: file.path)
      if got == 0 { return }
      var done = 0
      while done < got {
        let put = pwrite(descriptor, block + done, got - done, off_t(saved))
        if put < 0 && errno == EINTR { continue }
        guard put > 0 else { throw SystemError("write \(path)", code: put == 0 ? ENOSPC : errno) }
        done += put
        saved += Int64(put)
      }
    }
  }

  /// The process ends before the copy is finished: an empty one is removed.
  func giveUp() {
    if saved == 0 { unlink(path) } else { _ = Files.sync(descriptor) }
  }
}
