import Glibc
import Plumbing

/// Somebody else's hands in a data file.
extension ArchiveFile {
  /// What happened to the file behind our back.
  enum Change: Equatable {
    case none
    /// The last name is gone: what was written lives only as long as we hold it.
    case removed
    /// Another name leads to it now, or another file stands in its place.
    case renamed
    /// Bytes are missing, and `lost` own lines with them.
    case truncated(from: Int64, to: Int64, lost: Int)
    /// Another program appends without taking the lock.
    case grown(by: Int64)
  }

  /// Compares the size with what was written, and sees whether the file still has a name: one `fstat`.
  func look() throws(SystemError) -> Change {
    let now = try Files.identity(descriptor, path: path)
    isRemoved = now.links == 0
    return isRemoved ? .removed : moved(to: now.size)
  }

  /// As `look`, and sees whether the name leads here.
  func inspect() throws(SystemError) -> Change {
    let change = try look()
    guard change == .none else { return change }
    let now = try Files.identity(descriptor, path: path)
    guard let named = try Files.identity(at: path), named.isSameFile(as: now) else { return .renamed }
    return .none
  }

  /// The file turns out to end at `size` before the next own byte.
  func moved(to size: Int64) -> Change {
    guard size != end else { return .none }
    let before = end
    end = size
    durable = min(durable, end)
    needsLineFeed = end > 0 && byte(at: end - 1) != 0x0A
    guard size < before else { return .grown(by: size - before) }
    return .truncated(from: before, to: size, lost: linesLost(beyond: end))
  }

  /// Own lines that are gone because the file, or its copy, ends at `size`. What is left of them is
  /// counted: who truncates a file does not say how many lines he took.
  func linesLost(beyond size: Int64) -> Int {
    let left = begin < size ? min(lines, lineFeeds(begin..<size)) : 0
    let lost = lines - left
    lines = left
    begin = min(begin, size)
    return lost
  }

  /// The byte at an offset; nil when it cannot be read.
  func byte(at offset: Int64) -> UInt8? {
    var byte: UInt8 = 0
    let got = try? Files.read(descriptor, into: &byte, count: 1, at: offset, path: path)
    return got == 1 ? byte : nil
  }

  private func lineFeeds(_ range: Range<Int64>) -> Int {
    let room = 1 << 18
    let block = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
    defer { block.deallocate() }
    var found = 0
    var at = range.lowerBound
    while at < range.upperBound {
      let count = Int(min(Int64(room), range.upperBound - at))
      guard let got = try? Files.read(descriptor, into: block, count: count, at: at, path: path), got > 0
      else { break }
      found += UnsafeBufferPointer(start: block, count: got).reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
      at += Int64(got)
    }
    return found
  }
}
