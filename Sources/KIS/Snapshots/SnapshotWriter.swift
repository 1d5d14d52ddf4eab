import Glibc

/// Writes the pieces of one snapshot line into memory that was reserved for all of it.
///
/// There is no bounds check per piece: a line is a hundred pieces, and the builder reserves the largest line
/// that a record can make (`SnapshotBuilder.bound`), with `slack` bytes after it for whole-register stores.
struct SnapshotWriter {
  /// Bytes that a wide store may touch after the end of the line.
  static let slack = 128

  /// Where the next byte goes.
  var at: UnsafeMutablePointer<UInt8>
  /// The last address at which sixteen bytes of the record can be read at once.
  let wideLimit: UnsafePointer<UInt8>
  /// Values that were neither empty nor a number.
  var badNumbers = 0
  /// Values that were not UTF-8 and were repaired.
  var repairs = 0

  @inline(__always)
  init(at: UnsafeMutablePointer<UInt8>, record: FrameRecord) {
    self.at = at
    wideLimit = record.end - 16
  }

  @inline(__always)
  mutating func put(_ literal: StaticString) {
    memcpy(at, literal.utf8Start, literal.utf8CodeUnitCount)
    at += literal.utf8CodeUnitCount
  }

  @inline(__always)
  mutating func put(_ source: UnsafePointer<UInt8>, _ count: Int) {
    memcpy(at, source, count)
    at += count
  }

  /// As `put`, for bytes of the record, most of which are a few: one sixteen-byte move and no call.
  @inline(__always)
  mutating func putField(_ source: UnsafePointer<UInt8>, _ count: Int) {
    if count <= 16, source <= wideLimit {
      let bytes = UnsafeRawPointer(source).loadUnaligned(as: SIMD16<UInt8>.self)
      UnsafeMutableRawPointer(at).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
    } else {
      memcpy(at, source, count)
    }
    at += count
  }

  /// Copies `count` bytes of a place that has `slot` readable ones (a constant, a multiple of sixteen): whole registers,
  /// and no call.
  @inline(__always)
  mutating func put(_ place: UnsafePointer<UInt8>, _ count: Int, slot: Int) {
    let source = UnsafeRawPointer(place)
    let target = UnsafeMutableRawPointer(at)
    for part in 0..<slot / 16 {
      target.storeBytes(
        of: source.loadUnaligned(fromByteOffset: part * 16, as: SIMD16<UInt8>.self),
        toByteOffset: part * 16, as: SIMD16<UInt8>.self)
    }
    at += count
  }

  /// The first bytes of a name.
  @inline(__always)
  mutating func put(_ name: SIMD32<UInt8>, _ count: Int) {
    UnsafeMutableRawPointer(at).storeBytes(of: name, as: SIMD32<UInt8>.self)
    at += count
  }

  /// What a code means, or `null`; `words` as in `FeedProgram`.
  @inline(__always)
  mutating func put(word words: UnsafePointer<UInt8>, _ table: Int, _ code: UInt8) {
    let word = words + (table &* 256 &+ Int(code)) &* FeedProgram.wordSlot
    UnsafeMutableRawPointer(at).storeBytes(
      of: UnsafeRawPointer(word).loadUnaligned(fromByteOffset: 1, as: UInt64.self), as: UInt64.self)
    UnsafeMutableRawPointer(at).storeBytes(
      of: UnsafeRawPointer(word).loadUnaligned(fromByteOffset: 8, as: UInt64.self), toByteOffset: 7,
      as: UInt64.self)
    at += Int(word[0])
  }

  /// A field as a JSON string; `null` where it is empty or `(null)`, as the exchange writes.
  mutating func put(text record: FrameRecord, _ column: Int) {
    let field = record.field(column)
    if field.isEmpty || field.elementsEqual("(null)".utf8) { return put("null") }
    put(byte: 0x22)
    if record.isPlain { put(record.start(column), field.count) } else { put(escaping: field) }
    put(byte: 0x22)
  }

  /// `,"raw":{…}`: all fields of the record, unchanged, those behind the known ones as `f47`, `f48` and so on.
  ///
  /// The exchange's documents name the fields of a frame in capitals, its REST answers name the same fields in lower
  /// case. Frames carry no names, so `raw` has the spelling of the answers: one name in two spellings is a duplicate
  /// to readers that do not tell them apart (DuckDB, Spark).
  @inline(__always)
  mutating func put(raw record: FrameRecord, _ program: FeedProgram) {
    let (pieces, lengths) = (program.pieces, program.pieceLengths)
    if record.isPlain {
      for index in 0..<record.stride {
        put(pieces + index &* FeedProgram.slot, Int(lengths[index]), slot: FeedProgram.slot)
        putField(record.start(index), record.length(index))
      }
    } else {
      for index in 0..<record.stride {
        put(pieces + index &* FeedProgram.slot, Int(lengths[index]), slot: FeedProgram.slot)
        put(escaping: record.field(index))
      }
    }
    put("\"}")
  }

  @inline(__always)
  mutating func put(byte: UInt8) {
    at.pointee = byte
    at += 1
  }

  /// A whole number above 0 without surplus zeros, as nearly all are: looked at sixteen bytes at a time, copied as it is.
  /// False, and nothing written, when it is not seen to be one.
  @inline(__always)
  mutating func putPlain(_ record: FrameRecord, _ column: Int) -> Bool {
    let (start, length) = (record.start(column), record.length(column))
    guard length &- 1 < 16, start <= wideLimit, start.pointee &- 0x31 < 9 else { return false }
    let words = UnsafeRawPointer(start)
    let first = words.loadUnaligned(as: UInt64.self).littleEndian
    if length <= 8 {
      guard Self.areDigits(first, length) else { return false }
    } else {
      let second = words.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
      guard Self.areDigits(first, 8), Self.areDigits(second, length &- 8) else { return false }
    }
    let bytes = words.loadUnaligned(as: SIMD16<UInt8>.self)
    UnsafeMutableRawPointer(at).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
    at += length
    return true
  }

  /// Whether the first `count` bytes (1...8) of a word are digits: what stands behind them is replaced by zeros.
  @inline(__always)
  private static func areDigits(_ word: UInt64, _ count: Int) -> Bool {
    let shift = UInt64(truncatingIfNeeded: (8 &- count) &* 8)
    let zeros: UInt64 = 0x3030_3030_3030_3030
    let digits = word &<< shift | zeros & ~(UInt64.max &<< shift)
    let high: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
    return digits & high | ((digits &+ 0x0606_0606_0606_0606) & high) >> 4 == 0x3333_3333_3333_3333
  }

  /// A number, or `null`.
  @inline(__always)
  mutating func put(_ number: SnapshotNumber) { put(number, isNegative: number.isNegative && !number.isZero) }

  /// A price, or `null` when it is 0: KIS writes 0 where there is none.
  @inline(__always)
  mutating func put(price number: SnapshotNumber) {
    if number.isZero { put("null") } else { put(number) }
  }

  /// A change, whose sign the code decides.
  @inline(__always)
  mutating func put(_ number: SnapshotNumber, _ direction: SnapshotDirection) {
    if direction == .flat, number.isNumber { return put(byte: 0x30) }
    put(number, isNegative: direction.isNegative(number))
  }

  @inline(__always)
  private mutating func put(_ number: SnapshotNumber, isNegative: Bool) {
    guard number.isNumber else {
      if !number.isEmpty { badNumbers &+= 1 }
      return put("null")
    }
    if isNegative { put(byte: 0x2D) }
    if number.startsWithPoint { put(byte: 0x30) }
    putField(number.digits, number.count)
  }

  /// A whole number.
  @inline(__always)
  mutating func put(_ value: Int64) {
    var rest = value.magnitude
    if value < 0 { put(byte: 0x2D) }
    var digits = 1
    var bound: UInt64 = 10
    while digits < 19, rest >= bound {
      digits &+= 1
      bound = bound &* 10
    }
    var place = at + digits
    at = place
    repeat {
      place -= 1
      place.pointee = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
  }

  /// A value of the exchange as the inside of a JSON string, escaped, repaired where it is not UTF-8.
  @inline(never)
  mutating func put(escaping field: UnsafeBufferPointer<UInt8>) {
    var text = String(decoding: field, as: UTF8.self)
    let isIntact = text.utf8.elementsEqual(field)
    if !isIntact { repairs &+= 1 }
    text.withUTF8 { bytes in
      for byte in bytes {
        switch byte {
        case 0x22, 0x5C:
          put(byte: 0x5C)
          put(byte: byte)
        case 0..<0x20:
          put("\\u00")
          put(byte: 0x30 + byte >> 4)
          put(byte: (byte & 15) < 10 ? 0x30 + byte & 15 : 0x57 + byte & 15)
        default: put(byte: byte)
        }
      }
    }
  }
}
