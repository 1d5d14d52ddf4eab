import Glibc

/// Small files that other programs write: only a regular file is read, without waiting, up to a limit.
public enum SmallFile {
  /// The text of a file, malformed UTF-8 repaired; nil when it cannot be read.
  public static func text(_ path: String, limit: Int = 1 << 20) -> String? {
    guard let descriptor = try? System.openRegular(path, O_RDONLY) else { return nil }
    defer { close(descriptor) }
    return text(descriptor, limit: limit)
  }

  /// The bytes of an open file; nil when there are more than `limit`.
  public static func bytes(_ descriptor: Int32, limit: Int, name: String) throws -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    var count = 0
    while count < bytes.count {
      let got = try bytes.withUnsafeMutableBytes { buffer throws -> Int in
        guard let start = buffer.baseAddress else { return 0 }
        return try System.read(descriptor, into: start + count, room: buffer.count - count, name: name)
      }
      if got == 0 { return Array(bytes[..<count]) }
      count += got
    }
    return nil
  }

  /// The text of an open file, or of its first `limit` bytes.
  public static func text(_ descriptor: Int32, limit: Int) -> String {
    var bytes = [UInt8](repeating: 0, count: min(limit, 1 << 16))
    var found: [UInt8] = []
    while found.count < limit {
      let got = Glibc.read(descriptor, &bytes, min(bytes.count, limit - found.count))
      if got < 0 && errno == EINTR { continue }
      if got <= 0 { break }
      found += bytes[..<got]
    }
    return String(decoding: found, as: UTF8.self)
  }
}
