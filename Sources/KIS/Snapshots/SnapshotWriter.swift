import Glibc

/// Writes the pieces of one snapshot line into memory that was reserved for all of it.
///
/// There is no bounds check per piece: a line is a hundred pieces, and the builder reserves the largest line
/// that a record can make (`SnapshotBuilder.bound`), with `slack` bytes after it for whole-register stores.
struct SnapshotWriter {
  /// Bytes that a wide store may touch after the end of the line.
  static let slack = 64

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

  /// Copies a piece of the raw template; `piece` has 48 readable bytes.
  @inline(__always)
  mutating func putPiece(_ piece: UnsafePointer<UInt8>, _ count: Int) {
    let source = UnsafeRawPointer(piece)
    let target = UnsafeMutableRawPointer(at)
    for part in 0..<3 {
      target.storeBytes(
        of: source.loadUnaligned(fromByteOffset: part * 16, as: SIMD16<UInt8>.self),
        toByteOffset: part * 16, as: SIMD16<UInt8>.self)
    }
    at += count
  }

  @inline(__always)
  mutating func put(byte: UInt8) {
    at.pointee = byte
    at += 1
  }

  /// A number, or `null`.
  @inline(__always)
  mutating func put(_ number: SnapshotNumber) { put(number, isNegative: number.isNegative && !number.isZero) }

  /// A price, or `null` when it is 0: KIS writes 0 where there is none.
  @inline(__always)
  mutating func put(price number: SnapshotNumber) {
    if number.isZero { put("null") } else { put(number) }
  }

  /// The size that goes with a price; `null` where there is no price.
  @inline(__always)
  mutating func put(size number: SnapshotNumber, of price: SnapshotNumber) {
    if price.isPositive { put(number) } else { put("null") }
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
