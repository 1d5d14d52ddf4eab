import Glibc
import Plumbing

/// Bytes that were found in a data file and are no record.
public struct Fragment {
  /// File name in the archive's folder.
  public let file: String
  /// Where the fragment starts in the file.
  public let offset: Int64
  /// All of its bytes, or of a piece of it, trailing NULs (blocks that a power cut left unwritten) not included.
  public let bytes: UnsafeBufferPointer<UInt8>
  /// Trailing NUL bytes.
  public let nulls: Int64
}

/// What the archive asks of the code that knows what a record is.
public struct RecordRules {
  /// Whether the bytes (without LF) are one whole record. No proper beginning of a record may be one.
  public let isWhole: (UnsafeBufferPointer<UInt8>) -> Bool
  /// Puts a fragment away, durably, before it is removed from the data file.
  public let quarantine: (Fragment) throws -> Void
  /// Longest record that is taken in, in bytes; what stands in a file already may be longer.
  public let longestLine: Int

  /// Makes the rules.
  public init(
    longestLine: Int, isWhole: @escaping (UnsafeBufferPointer<UInt8>) -> Bool,
    quarantine: @escaping (Fragment) throws -> Void
  ) {
    self.longestLine = longestLine
    self.isWhole = isWhole
    self.quarantine = quarantine
  }
}

/// Makes a data file end in LF before anything is appended. A killed writer can leave the beginning of a line
/// (the kernel stops a write between pages), and a power cut a run of NULs; the next record must start at column
/// 0 all the same. No byte up to a file's last LF is ever changed, unless it stands behind a hole that a power cut left,
/// and none is taken out that is not in the rejects before.
struct TailRepair {
  let rules: RecordRules
  let log: Log
  /// The archive's folder.
  let directory: String

  struct Result: Equatable {
    /// Bytes taken out of the file, or cut off from the next record.
    var repairedBytes: Int64 = 0
    /// Bytes put into quarantine, or fragments that had to stay: the archive's state was not clean.
    var foundDamage = false
  }

  /// Repairs `file`, and reads again what stands behind `durable`, the last offset known to be on disk.
  func run(_ file: ArchiveFile, durable: Int64?) throws -> Result {
    var result = Result()
    var dataEnd = Self.endOfData(file)
    var lineStart = try Files.scanBack(file.descriptor, 0..<dataEnd, path: file.path) { $0 == 0x0A }
    let hole = Files.seek(file.descriptor, data: false, from: durable ?? 0, size: file.end)
    if hole < lineStart {
      try cutOff(file, atHole: hole, &result)
      dataEnd = file.end
      lineStart = file.end
    }
    if lineStart < file.end {
      try repair(file, tail: lineStart..<file.end, dataEnd: dataEnd, &result)
      guard Files.sync(file.descriptor) else { throw SystemError("sync \(file.path)") }
    }
    if let durable, durable >= 0, durable < lineStart {
      if let torn = try verify(file, durable..<lineStart, &result) {
        try cutOff(file, atHole: torn, &result)
        lineStart = file.end
      }
    }
    if file.end > 0, !file.isNew, lineStart == file.end, durable != file.end {
      // Whoever wrote this may not have synced it.
      guard Files.sync(file.descriptor) else { throw SystemError("sync \(file.path)") }
    }
    file.assumeDurable(file.end)
    return result
  }

  private func repair(
    _ file: ArchiveFile, tail: Range<Int64>, dataEnd: Int64, _ result: inout Result
  ) throws {
    let written = tail.lowerBound..<max(tail.lowerBound, dataEnd)
    let nulls =
      tail.upperBound - (try Files.scanBack(file.descriptor, written, path: file.path) { $0 != 0 })
    let length = tail.upperBound - tail.lowerBound - nulls
    guard length <= Int64(longestTail) else { return try leave(file, tail: tail, &result) }
    let count = Int(length)
    let block = UnsafeMutablePointer<UInt8>.allocate(capacity: max(count, 1))
    defer { block.deallocate() }
    let got = try Files.read(file.descriptor, into: block, count: count, at: tail.lowerBound, path: file.path)
    guard got == count else {
      throw SystemError("read \(file.path) (it was shortened meanwhile)", code: EBUSY)
    }
    let bytes = UnsafeBufferPointer(start: block, count: count)
    let isWhole = count > 0 && rules.isWhole(bytes)
    if isWhole && nulls == 0 {
      try file.completeTail()
      log.warning("\(file.path): the last line had no line feed and was whole: line feed added")
      return
    }
    let fragment = Fragment(
      file: file.name, offset: tail.lowerBound, bytes: isWhole ? .init(start: nil, count: 0) : bytes,
      nulls: nulls)
    try rules.quarantine(fragment)
    let lost = isWhole ? tail.upperBound - nulls..<tail.upperBound : tail
    let removed = try file.removeTail(lost)
    if removed && isWhole { try file.completeTail() }
    result.repairedBytes += lost.upperBound - lost.lowerBound
    result.foundDamage = true
    log.warning(
      "\(file.path): torn tail at offset \(lost.lowerBound), \(lost.upperBound - lost.lowerBound) bytes"
        + " (\(nulls) of them NUL) \(removed ? "moved to" : "copied to") rejects/"
        + (removed ? "" : "; the file cannot be shortened, so the fragment was cut off by a line feed"))
  }

  /// What is too long to be read as a whole is no line of this run, and its bytes are nowhere else.
  private func leave(_ file: ArchiveFile, tail: Range<Int64>, _ result: inout Result) throws {
    try file.completeTail()
    result.repairedBytes += tail.upperBound - tail.lowerBound
    result.foundDamage = true
    log.warning(
      "\(file.path): the last line had no line feed and is too long to be judged (\(tail.upperBound - tail.lowerBound)"
        + " bytes at offset \(tail.lowerBound)): it stays, line feed added; cut it out if it is no record")
  }

  /// Lines that were not known to be on disk may hold what a power cut made of them. They stay as they are,
  /// because readers may have them already; they are only reported. Up to the first torn block, whose offset it
  /// returns: nobody can have read that.
  private func verify(_ file: ArchiveFile, _ range: Range<Int64>, _ result: inout Result) throws -> Int64? {
    // An offset that is no line start (the file was replaced) is moved back to one.
    let start = try Files.scanBack(file.descriptor, 0..<range.lowerBound, path: file.path) { $0 == 0x0A }
    var bad = 0
    var torn: Int64?
    try forEachLine(of: file, in: start..<range.upperBound) { offset, bytes in
      if torn != nil || rules.isWhole(bytes) { return }
      torn = Self.tornBlock(in: bytes, at: offset)
      if torn != nil { return }
      bad += 1
      if bad <= Self.damageTold {
        log.warning("\(file.path): no record at offset \(offset), \(bytes.count) bytes, left as it is")
      }
    }
    if bad > 0 {
      result.foundDamage = true
      log.warning("\(file.path): \(bad) damaged lines behind the last synced offset \(range.lowerBound)")
    }
    return torn
  }

  /// Hands out lines without their LF, the last one also when it has none, and where they start. One that is longer
  /// than any record comes in pieces.
  func forEachLine(
    of file: ArchiveFile, in range: Range<Int64>, _ body: (Int64, UnsafeBufferPointer<UInt8>) throws -> Void
  ) throws {
    var at = range.lowerBound
    let room = Int(min(range.upperBound - at, max(Self.block, Int64(rules.longestLine) + 1)))
    let block = UnsafeMutablePointer<UInt8>.allocate(capacity: max(room, 1))
    defer { block.deallocate() }
    while at < range.upperBound {
      let wanted = min(room, Int(range.upperBound - at))
      let count = try Files.read(file.descriptor, into: block, count: wanted, at: at, path: file.path)
      if count == 0 { return }
      let isLast = at + Int64(count) == range.upperBound
      var start = 0
      while start < count {
        let feed = memchr(block + start, 0x0A, count - start)
        // What goes on behind the block is read again from its start, unless it fills the block.
        if feed == nil && start > 0 && !isLast { break }
        let stop = feed.map { $0.assumingMemoryBound(to: UInt8.self) - block } ?? count
        try body(at + Int64(start), UnsafeBufferPointer(start: block + start, count: stop - start))
        start = feed == nil ? count : stop + 1
      }
      at += Int64(start)
    }
  }

  private static let block: Int64 = 16 << 20
  /// Longest unfinished line that is judged, and moved when it is no record: one that any sink may have written, whatever
  /// its `--max-line` is now. Memory is bounded by it.
  private var longestTail: Int { max(Int(Self.block), rules.longestLine) }
  private static let damageTold = 10

  /// Where the bytes end that were ever written: what a power cut left unwritten, or a file was stretched by, is a
  /// hole, and need not be read to be known for NULs.
  private static func endOfData(_ file: ArchiveFile) -> Int64 {
    guard file.end > 0, file.byte(at: file.end - 1) == 0 else { return file.end }
    var end: Int64 = 0
    while end < file.end {
      let data = Files.seek(file.descriptor, data: true, from: end, size: file.end)
      if data == file.end { break }
      end = Files.seek(file.descriptor, data: false, from: data, size: file.end)
    }
    return end
  }
}
