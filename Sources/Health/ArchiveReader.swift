import Archive
import Glibc
import Plumbing

/// The data file by its name.
enum ArchiveReader {
  /// The data file that changed last.
  static func newest(_ directory: String, _ baseName: String) -> ArchiveFacts? {
    guard let layout = try? ArchiveLayout(directory: directory, baseName: baseName),
      let folder = opendir(directory)
    else { return nil }
    defer { closedir(folder) }
    var newest: ArchiveFacts?
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard let parsed = layout.parse(name), parsed.isLive else { continue }
      if let found = look(directory + "/" + name), found.modified >= newest?.modified ?? .min {
        newest = found
      }
    }
    return newest
  }

  /// A file as it is now; nil when it is not a regular file.
  static func look(_ path: String) -> ArchiveFacts? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    var facts = ArchiveFacts(
      path: path, size: Int(status.st_size), modified: Timestamp.clamping(status.st_mtim))
    facts.seen = Clocks.monotonic()
    return facts
  }

  /// What was added between two looks at the same file.
  static func growth(from before: ArchiveFacts?, to now: ArchiveFacts?) -> ArchiveFacts.Growth? {
    guard let before, let now, before.path == now.path else { return nil }
    let bytes = max(0, now.size - before.size)
    return ArchiveFacts.Growth(
      bytes: bytes, lines: lines(now.path, from: before.size, count: min(bytes, 64 << 20)),
      seconds: Double((now.seen - before.seen + .milliseconds(50)) / .milliseconds(100)) / 10)
  }

  private static func lines(_ path: String, from start: Int, count: Int) -> Int {
    guard let descriptor = try? System.open(path, O_RDONLY) else { return 0 }
    defer { close(descriptor) }
    var block = [UInt8](repeating: 0, count: 1 << 18)
    var found = 0
    var done = 0
    while done < count {
      let got = pread(descriptor, &block, min(block.count, count - done), off_t(start + done))
      if got <= 0 { break }
      found += block[..<got].reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
      done += got
    }
    return found
  }
}
