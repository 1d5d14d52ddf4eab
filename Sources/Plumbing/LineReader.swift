import Glibc

/// One input line, in place in the reader's memory.
///
/// `start[count]` is a line feed (put there where the input had none, or had CR LF), and readable bytes
/// follow it, so that a scanner needs no bounds check. Valid until the reader is asked for more.
public struct Line {
  /// First byte.
  public let start: UnsafeMutablePointer<UInt8>
  /// Bytes without the line end; for a line that is too long, the bytes kept of its beginning.
  public let count: Int
  /// 1 for the first line of the input.
  public let number: Int
  /// 0, or the full length, without its line end, of a line that is longer than allowed.
  public let tooLong: Int

  /// The bytes.
  public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  /// Whether the line holds white space only.
  @inlinable @inline(__always)
  public var isBlank: Bool {
    if count > 0 && start.pointee > 0x20 { return false }
    return isSpaceOnly
  }

  @usableFromInline var isSpaceOnly: Bool {
    bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
  }
}

/// Cuts a descriptor's bytes into lines, in memory that is bounded whatever arrives.
///
/// The memory is one block that grows to the longest line allowed. A longer line is skipped up to its line
/// feed as it streams by; its beginning is kept for the report.
public struct LineReader: ~Copyable {
  /// Readable bytes after the data.
  private static let padding = 64
  /// Bytes kept of a line that is too long.
  public static let keptOfLongLine = 4096

  /// The descriptor that is read.
  public private(set) var descriptor: Int32
  /// Bytes read so far.
  public private(set) var bytesRead = 0
  /// Lines handed out so far.
  public private(set) var linesRead = 0
  /// Whether the input has ended.
  public private(set) var atEnd = false

  private let maxLine: Int
  private let blockSize: Int
  /// The C library's memory, which can grow and can be refused; before the first read no memory of its own.
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity = 0
  private var head = 0
  private var tail = 0
  private var searched = 0
  private var skipped = 0
  private var lastSkipped: UInt8 = 0
  private let kept: UnsafeMutablePointer<UInt8>

  /// Reads `descriptor` in blocks of `blockSize` bytes; lines may have `maxLine` bytes.
  public init(descriptor: Int32, maxLine: Int, blockSize: Int = 1 << 18) {
    self.descriptor = descriptor
    self.maxLine = maxLine
    self.blockSize = blockSize
    kept = .allocate(capacity: Self.keptOfLongLine + Self.padding)
    base = kept
  }

  deinit {
    if capacity > 0 { free(base) }
    kept.deallocate()
  }

  /// Begins another input in the same memory. What was read and not handed out is forgotten, and counts start anew.
  public mutating func begin(_ descriptor: Int32) {
    self.descriptor = descriptor
    (bytesRead, linesRead, atEnd) = (0, 0, false)
    (head, tail, searched, skipped) = (0, 0, 0, 0)
  }

  /// Reads once; false at the end of input. Lines handed out before are gone after this.
  ///
  /// - Throws: what reading failed with; ENOMEM, with nothing lost, where a long line finds no memory.
  public mutating func fill(name: @autoclosure () -> String = "standard input") throws(SystemError) -> Bool {
    try makeRoom(name())
    let got = try System.read(
      descriptor, into: base + tail, room: min(blockSize, capacity - tail), name: name())
    tail += got
    bytesRead += got
    atEnd = got == 0
    return got > 0
  }

  /// Offset in the input of what `next` has not handed out yet: just after it handed out a line, where the next
  /// one starts.
  public var offset: Int { bytesRead - (tail - head) }

  /// What was read and has not been handed out yet.
  public var pending: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base + head, count: tail - head)
  }

  /// Whether the beginning of a line is there whose end has not come yet.
  public var hasPartialLine: Bool { head < tail || skipped > 0 }

  /// Takes what was read for all there is: `next` then hands out the unfinished line too.
  public mutating func endInput() { atEnd = true }

  /// The next whole line of what was read, or nil. At the end of input also the line without a line feed.
  @inline(__always)
  public mutating func next() -> Line? {
    if let feed = memchr(base + searched, 0x0A, tail - searched) {
      let end = feed.assumingMemoryBound(to: UInt8.self) - base
      searched = end + 1
      return take(upTo: end)
    }
    searched = tail
    if atEnd { return lastLine() }
    // One byte more than allowed may be the CR of a CR LF whose other half has not come yet.
    if tail - head > maxLine + 1 || skipped > 0 { skipPending() }
    return nil
  }

  private mutating func take(upTo end: Int) -> Line {
    linesRead += 1
    let start = head
    head = end + 1
    if skipped > 0 {
      skip(base + start, end - start)
      return endOfLongLine()
    }
    let count = end > start && base[end - 1] == 0x0D ? end - start - 1 : end - start
    if count > maxLine {
      skip(base + start, end - start)
      return endOfLongLine()
    }
    base[start + count] = 0x0A
    return Line(start: base + start, count: count, number: linesRead, tooLong: 0)
  }

  private mutating func lastLine() -> Line? {
    guard head < tail || skipped > 0 else { return nil }
    base[tail] = 0x0A
    let line = take(upTo: tail)
    head = tail
    return line
  }

  /// Drops the bytes of a line that is longer than allowed, whose end is not in sight.
  private mutating func skipPending() {
    skip(base + head, tail - head)
    head = 0
    tail = 0
    searched = 0
  }

  private mutating func skip(_ start: UnsafePointer<UInt8>, _ count: Int) {
    guard count > 0 else { return }
    if skipped < Self.keptOfLongLine {
      memcpy(kept + skipped, start, min(count, Self.keptOfLongLine - skipped))
    }
    skipped += count
    lastSkipped = start[count - 1]
  }

  /// What was kept of the line's beginning is cut between characters, so that text stays text.
  private mutating func endOfLongLine() -> Line {
    let length = lastSkipped == 0x0D ? skipped - 1 : skipped
    skipped = 0
    var count = min(length, Self.keptOfLongLine)
    if count < length {
      var at = count - 1
      while at > 0 && count - at < 4 && kept[at] & 0xC0 == 0x80 { at -= 1 }
      let needed = kept[at] >= 0xF0 ? 4 : kept[at] >= 0xE0 ? 3 : 2
      if kept[at] >= 0xC0 && at + needed > count { count = at }
    }
    kept[count] = 0x0A
    return Line(start: kept, count: count, number: linesRead, tooLong: length)
  }

  private mutating func makeRoom(_ name: @autoclosure () -> String) throws(SystemError) {
    let pending = tail - head
    if head > 0 {
      if pending > 0 { memmove(base, base + head, pending) }
      searched -= head
      head = 0
      tail = pending
    }
    guard capacity - tail < blockSize else { return }
    let larger = min(max(capacity, blockSize) * 2, maxLine + 2 * blockSize)
    guard larger > capacity else { return }
    guard let memory = realloc(capacity > 0 ? base : nil, larger + Self.padding) else {
      throw SystemError("hold a line of \(name()) in memory: \(larger) bytes are needed", code: ENOMEM)
    }
    base = memory.assumingMemoryBound(to: UInt8.self)
    capacity = larger
  }
}
