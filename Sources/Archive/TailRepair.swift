import Glibc
import Plumbing

/// Bytes that were found in a data file and are no record.
public struct Fragment {
  /// File name in the archive's folder.
  public let file: String
  /// Where the fragment starts in the file.
  public let offset: Int64
  /// All of its bytes, trailing NULs (blocks that a power cut left unwritten) not included.
  public let bytes: UnsafeBufferPointer<UInt8>
  /// Trailing NUL bytes.
  public let nulls: Int64
  /// Whether `bytes` is only the beginning, because the fragment is longer than any line may be.
  public let isTruncated: Bool
}

/// What the archive has to ask of somebody who knows what a record is.
public struct RecordRules {
  /// Whether the bytes (without LF) are one whole record. No proper beginning of a record may be one.
  public let isWhole: (UnsafeBufferPointer<UInt8>) -> Bool
  /// Puts a fragment away, durably, before it is removed from the data file.
  public let quarantine: (Fragment) throws -> Void
  /// Longest record in bytes.
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
/// 0 all the same. No byte up to a file's last LF is ever changed.
struct TailRepair {
  let rules: RecordRules
  let log: Log

  struct Result: Equatable {
    /// Bytes taken out of the file, or cut off from the next record.
    var repairedBytes: Int64 = 0
    /// Bytes put into quarantine, or fragments that had to stay: the archive's state was not clean.
    var foundDamage = false
  }

  /// Repairs `file`, and reads again what stands behind `durable`, the last offset known to be on disk.
  func run(_ file: ArchiveFile, durable: Int64?) throws -> Result {
    var result = Result()
    let lineStart = try Self.startOfLastLine(file)
    if lineStart < file.end {
      try repair(file, tail: lineStart..<file.end, &result)
      guard Files.sync(file.descriptor) else { throw SystemError("sync \(file.path)") }
    }
    if let durable, durable >= 0, durable < lineStart {
      try verify(file, durable..<lineStart, &result)
    }
    if file.end > 0, !file.isNew, lineStart == file.end, durable != file.end {
      // Whoever wrote this may not have synced it.
      guard Files.sync(file.descriptor) else { throw SystemError("sync \(file.path)") }
    }
    file.assumeDurable(file.end)
    return result
  }

  private func repair(_ file: ArchiveFile, tail: Range<Int64>, _ result: inout Result) throws {
    let nulls = try Self.trailingNulls(file, tail)
    let length = tail.upperBound - tail.lowerBound - nulls
    let kept = Int(min(length, Int64(rules.longestLine)))
    let block = UnsafeMutablePointer<UInt8>.allocate(capacity: max(kept, 1))
    defer { block.deallocate() }
    _ = try Files.read(file.descriptor, into: block, count: kept, at: tail.lowerBound, path: file.path)
    let bytes = UnsafeBufferPointer(start: block, count: kept)
    let isWhole = Int64(kept) == length && kept > 0 && rules.isWhole(bytes)
    if isWhole && nulls == 0 {
      try file.completeTail()
      log.warning("\(file.path): the last line had no line feed and was whole: line feed added")
      return
    }
    let fragment = Fragment(
      file: file.name, offset: tail.lowerBound, bytes: isWhole ? .init(start: nil, count: 0) : bytes,
      nulls: nulls, isTruncated: Int64(kept) < length)
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

  /// Lines that were not known to be on disk may hold what a power cut made of them. They stay as they are,
  /// because readers may have them already; they are only reported.
  private func verify(_ file: ArchiveFile, _ range: Range<Int64>, _ result: inout Result) throws {
    let limit = Int64(64 << 20)
    let start = max(range.lowerBound, range.upperBound - limit)
    let block = UnsafeMutablePointer<UInt8>.allocate(capacity: Int(range.upperBound - start))
    defer { block.deallocate() }
    let count = try Files.read(
      file.descriptor, into: block, count: Int(range.upperBound - start), at: start, path: file.path)
    // An offset that is no line start (the file was replaced) is moved to the next one.
    var at = 0
    if start > 0 {
      var before: UInt8 = 0
      _ = try Files.read(file.descriptor, into: &before, count: 1, at: start - 1, path: file.path)
      if before != 0x0A { while at < count, block[at] != 0x0A { at += 1 } }
      if before != 0x0A { at += 1 }
    }
    var bad = 0
    while at < count {
      var stop = at
      while stop < count, block[stop] != 0x0A { stop += 1 }
      if !rules.isWhole(UnsafeBufferPointer(start: block + at, count: stop - at)) {
        bad += 1
        if bad <= 10 {
          log.warning(
            "\(file.path): no record at offset \(start + Int64(at)), \(stop - at) bytes, left as it is")
        }
      }
      at = stop + 1
    }
    if bad > 0 {
      result.foundDamage = true
      log.warning("\(file.path): \(bad) damaged lines behind the last synced offset \(range.lowerBound)")
    }
  }

  /// Offset behind the last LF, found from the end.
  private static func startOfLastLine(_ file: ArchiveFile) throws -> Int64 {
    try scanBack(file, 0..<file.end) { $0 == 0x0A }
  }

  private static func trailingNulls(_ file: ArchiveFile, _ tail: Range<Int64>) throws -> Int64 {
    tail.upperBound - (try scanBack(file, tail) { $0 != 0 })
  }

  /// Offset behind the last byte in `range` that satisfies `condition`, else the range's start.
  private static func scanBack(
    _ file: ArchiveFile, _ range: Range<Int64>, _ condition: (UInt8) -> Bool
  ) throws -> Int64 {
    let room = 1 << 16
    let block = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
    defer { block.deallocate() }
    var high = range.upperBound
    while high > range.lowerBound {
      let low = max(range.lowerBound, high - Int64(room))
      var index = try Files.read(
        file.descriptor, into: block, count: Int(high - low), at: low, path: file.path)
      while index > 0 {
        if condition(block[index - 1]) { return low + Int64(index) }
        index -= 1
      }
      high = low
    }
    return range.lowerBound
  }
}
