import Glibc
import JSONBytes

/// What stands behind a file's last line feed: the beginning of a line whose writer was killed (the kernel stops a
/// write between pages), or what a power cut made of one.
struct TornLine {
  /// Offset of its first byte.
  let start: Int64
  /// How many bytes it has, without trailing NULs.
  let length: Int64
  /// These bytes; none when there are more than `longest`.
  let bytes: [UInt8]
  /// Trailing NULs: blocks that a power cut left unwritten.
  let nulls: Int64

  /// Bytes of a torn line that can be made a line of its own; memory is bounded by it.
  private static let longest: Int64 = 16 << 20

  /// The torn line of a file of `size` bytes; nil when the file is empty or ends in LF.
  static func find(_ descriptor: Int32, size: Int64, path: String) throws(SystemError) -> TornLine? {
    let start = try end(of: 0..<size, in: descriptor, path) { $0 == 0x0A }
    guard start < size else { return nil }
    let end = try end(of: start..<size, in: descriptor, path) { $0 != 0 }
    let length = end - start
    let bytes = length > longest ? [] : try read(start..<end, of: descriptor, path)
    guard length > longest || Int64(bytes.count) == length else {
      throw SystemError("read \(path) (it was shortened meanwhile)", code: EBUSY)
    }
    return TornLine(start: start, length: length, bytes: bytes, nulls: size - end)
  }

  /// Whether it is too long to be judged, or to be made a line of its own.
  var isTooLong: Bool { length > Self.longest }

  /// Whether it is a whole JSON object that lacks its line feed only. (No proper beginning of an object is one.)
  var isWhole: Bool {
    guard !isTooLong else { return false }
    var line = ByteBuffer(capacity: bytes.count + 1 + JSONScanner.padding)
    line.append(bytes)
    line.append(0x0A)
    var scanner = JSONScanner(Shape([]), depthLimit: JSONScanner.maxRecordDepth)
    return scanner.scan(line.start, count: bytes.count)
  }

  /// Appends it as a reject in the form that every stage has, with its place instead of a line number.
  func append(stage: String, file: String, to line: inout ByteBuffer) {
    line.append("{\"stage\":")
    line.append(jsonString: stage)
    line.append(",\"file\":")
    line.append(jsonString: file)
    line.append(",\"offset\":")
    line.append(decimal: Int(start))
    line.append(",\"nul_bytes\":")
    line.append(decimal: Int(nulls))
    line.append(",\"verdict\":{\"severity\":\"BLOCK\",\"errors\":[\"torn line\"],\"details\":{}}")
    bytes.withUnsafeBufferPointer { line.append(unknown: $0, as: "input") }
    line.append("}\n")
  }

  /// Offset behind the last byte in `range` that satisfies `condition`, else the range's start.
  private static func end(
    of range: Range<Int64>, in descriptor: Int32, _ path: String, where condition: (UInt8) -> Bool
  ) throws(SystemError) -> Int64 {
    var high = range.upperBound
    while high > range.lowerBound {
      let low = max(range.lowerBound, high - 65_536)
      let block = try read(low..<high, of: descriptor, path)
      if let last = block.lastIndex(where: condition) { return low + Int64(last) + 1 }
      high = low
    }
    return range.lowerBound
  }

  private static func read(
    _ range: Range<Int64>, of descriptor: Int32, _ path: String
  ) throws(SystemError) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: Int(range.upperBound - range.lowerBound))
    var done = 0
    while done < block.count {
      let got = block[done...].withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress, $0.count, off_t(range.lowerBound) + off_t(done))
      }
      if got < 0 && errno == EINTR { continue }
      if got < 0 { throw SystemError("read \(path)") }
      if got == 0 { return Array(block[..<done]) }
      done += got
    }
    return block
  }
}
