import Glibc
import Plumbing

/// How far a data file was known to be on disk when the lock file was last written.
public struct DurableMark: Equatable, Sendable {
  /// File name in the archive's folder.
  public let name: String
  /// Bytes from the start that were synced.
  public let offset: Int64

  /// Makes a mark.
  public init(name: String, offset: Int64) {
    self.name = name
    self.offset = offset
  }
}

/// `observer.lock`: flock(2) held for the life of the sink. It tells who holds it and, for the next start, how
/// far each open data file was durable. Only flock counts; the file stays when the sink ends.
final class ArchiveLock {
  let path: String
  /// What the previous holder left.
  let marks: [DurableMark]
  private let descriptor: Int32
  private var length: Int64

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
    length = (try? Files.identity(descriptor, path: path))?.size ?? 0
    marks = Self.marks(Self.content(descriptor))
    update(marks)
  }

  deinit { close(descriptor) }

  /// Writes the pid and how far each file is durable. A failure costs the next start some reading, no more.
  func update(_ marks: [DurableMark]) {
    var text = "pid \(getpid())\n"
    for mark in marks { text += "durable \(mark.offset) \(mark.name)\n" }
    let count = Int64(text.utf8.count)
    text.withUTF8 { bytes in
      guard let start = bytes.baseAddress else { return }
      guard pwrite(descriptor, start, bytes.count, 0) == bytes.count else { return }
      if count < length { _ = Files.truncate(descriptor, to: count) }
    }
    length = count
  }

  /// Whether the name still leads to the locked file.
  var isInPlace: Bool {
    guard let named = try? Files.identity(at: path),
      let ours = try? Files.identity(descriptor, path: path)
    else { return false }
    return named.isSameFile(as: ours)
  }

  private static func open(_ path: String) throws(SystemError) -> Int32 {
    let existed = (try Files.identity(at: path)) != nil
    let descriptor = try Files.open(path, O_RDWR | O_CREAT)
    let identity = try Files.identity(descriptor, path: path)
    guard identity.isRegular else {
      close(descriptor)
      throw SystemError("use \(path) as a lock (not a regular file)", code: EINVAL)
    }
    if !existed { fchmod(descriptor, 0o644) }
    return descriptor
  }

  private static func content(_ descriptor: Int32) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4096) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      let got = (try? Files.read(descriptor, into: start, count: 4096, at: 0, path: "")) ?? 0
      return String(decoding: buffer[..<got], as: UTF8.self)
    }
  }

  private static func holder(_ content: String) -> String {
    let words = content.split(separator: "\n").first?.split(separator: " ") ?? []
    guard words.count == 2, words[0] == "pid", Int32(words[1]) != nil else { return "unknown" }
    return String(words[1])
  }

  private static func marks(_ content: String) -> [DurableMark] {
    content.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ", maxSplits: 2)
      guard words.count == 3, words[0] == "durable", let offset = Int64(words[1]), offset >= 0,
        !words[2].contains("/")
      else { return nil }
      return DurableMark(name: String(words[2]), offset: offset)
    }
  }
}
