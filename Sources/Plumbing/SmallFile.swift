import Glibc

/// Small files that others write: only a regular file is read, without waiting, and no more of it than asked for.
public enum SmallFile {
  /// The text of a file, malformed UTF-8 repaired; nil when it cannot be read.
  public static func text(_ path: String, limit: Int = 1 << 20) -> String? {
    guard let descriptor = try? System.openRegular(path, O_RDONLY) else { return nil }
    defer { close(descriptor) }
    return text(descriptor, limit: limit)
  }

  /// The text of an open file.
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
