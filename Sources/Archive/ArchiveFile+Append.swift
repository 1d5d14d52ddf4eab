import Glibc
import Plumbing

/// What became of a batch.
public struct Appended: Equatable, Sendable {
  /// Bytes stored: whole lines, from the start of the batch.
  public var stored: Int
  /// How many lines these are.
  public var lines = 0
  /// Why the rest was not stored; nil when all of it was, or when it is only to be tried again.
  public var error: SystemError?
  /// Whether something that is no line had to stay in the file, cut off by a line feed: part of a line, because
  /// another program's bytes were behind it or the file could not be shortened.
  public var leftFragment = false
}

/// Lines are where they are thought to be, or they are not stored: after every write the file's position tells where
/// the bytes went, and there they have to follow a line feed.
extension ArchiveFile {
  /// Appends whole lines; the file was just looked at. `count` bytes at `source` are `lines` lines, LF included.
  func append(_ source: UnsafePointer<UInt8>, count: Int, lines: Int) -> Appended {
    if needsLineFeed, let error = cutOffFragment() { return Appended(stored: 0, error: error) }
    var done = 0
    while done < count {
      let put = Files.write(descriptor, source + done, count - done)
      guard put > 0 else {
        let error = SystemError("write \(path)", code: put == 0 ? ENOSPC : errno)
        return takeBack(source, written: done, error)
      }
      let start = Files.position(descriptor) - Int64(put)
      if start != end + Int64(done) {
        guard followsLine(start, source, done) else {
          return takeOut(source, count, written: done, put: start..<start + Int64(put))
        }
        surprise = moved(to: start - Int64(done))
      }
      done += put
    }
    end += Int64(count)
    self.lines += lines
    return Appended(stored: count, lines: lines)
  }

  /// Whether bytes that went elsewhere than expected follow a whole line all the same: `done` bytes of the batch
  /// come before, and between them and `start` another program's.
  private func followsLine(_ start: Int64, _ source: UnsafePointer<UInt8>, _ done: Int) -> Bool {
    guard done == 0 || source[done - 1] == 0x0A else { return false }
    return start == 0 || start > 0 && byte(at: start - 1) == 0x0A
  }

  /// Part of the batch was glued to a foreign fragment, in the instant between the look and the write. It is taken
  /// back while it is the last thing in the file, and tried again.
  private func takeOut(
    _ source: UnsafePointer<UInt8>, _ count: Int, written: Int, put: Range<Int64>
  ) -> Appended {
    let whole = written == 0 ? put.lowerBound : put.lowerBound - Int64(written)
    surprise = moved(to: whole)
    let size = (try? Files.identity(descriptor, path: path))?.size ?? put.upperBound
    if size == put.upperBound, Files.truncate(descriptor, to: put.lowerBound) {
      end = put.lowerBound
      needsLineFeed = true
      return kept(source, upTo: written, leftFragment: written > 0)
    }
    // Foreign bytes stand behind it already. Of a batch that was one write only the first line was damaged.
    end = size
    needsLineFeed = byte(at: size - 1) != 0x0A
    guard written == 0, put.count == count else { return kept(source, upTo: written, leftFragment: true) }
    let all = Self.lineFeeds(source, count)
    let first = (0..<count).first { source[$0] == 0x0A }.map { $0 + 1 } ?? count
    let again = append(source, count: first, lines: 1)
    guard again.stored == first else { return Appended(stored: 0, error: again.error, leftFragment: true) }
    lines += all - 1
    return Appended(stored: count, lines: all, leftFragment: true)
  }

  /// A write ended in the middle: keep its whole lines, take back the rest, so that no reader meets a torn line.
  private func takeBack(_ source: UnsafePointer<UInt8>, written: Int, _ error: SystemError) -> Appended {
    var result = kept(source, upTo: written, leftFragment: false)
    result.error = error
    let keep = Int64(result.stored)
    let size = (try? Files.identity(descriptor, path: path))?.size
    if result.stored == written || size == end + Int64(written) && Files.truncate(descriptor, to: end + keep)
    {
      end += keep
      return result
    }
    // Somebody else's bytes may stand behind ours: those are not ours to take away.
    end = size ?? end + Int64(written)
    needsLineFeed = true
    _ = cutOffFragment()
    result.leftFragment = true
    return result
  }

  /// The whole lines among the first `written` bytes of a batch.
  private func kept(_ source: UnsafePointer<UInt8>, upTo written: Int, leftFragment: Bool) -> Appended {
    var keep = written
    while keep > 0, source[keep - 1] != 0x0A { keep -= 1 }
    let whole = Self.lineFeeds(source, keep)
    lines += whole
    return Appended(stored: keep, lines: whole, leftFragment: leftFragment)
  }

  private static func lineFeeds(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    UnsafeBufferPointer(start: start, count: count).reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
  }

  /// Ends an unfinished line that has to stay, so that the next record starts at column 0.
  func cutOffFragment() -> SystemError? {
    var lineFeed: UInt8 = 0x0A
    guard Files.write(descriptor, &lineFeed, 1) == 1 else { return SystemError("write \(path)") }
    end += 1
    needsLineFeed = false
    return nil
  }
}
