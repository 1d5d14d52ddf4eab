/// Numbers of a record as numbers, eight digits at a time: for what is counted and not written.
extension FrameRecord {
  /// The value of a field of at most eight digits; anything for any other. Reads eight bytes: fields must follow that have
  /// them.
  @inline(__always)
  func few(_ column: Int) -> Int64 { Self.value(Self.word(base + Int(offsets[column]), length(column))) }

  /// The value of a field of at most sixteen digits; anything for any other.
  @inline(__always)
  func many(_ column: Int) -> Int64 {
    let (start, length) = (start(column), length(column))
    if length <= 8 { return Self.value(Self.word(start, length)) }
    let high = Self.value(Self.word(start, length &- 8))
    return high &* 100_000_000 &+ Self.value(Self.word(start + length - 8, 8))
  }

  /// The sum of two fields of at most eight digits: added digit by digit, no digit passes 18.
  @inline(__always)
  func sum(_ column: Int, _ other: Int) -> Int64 {
    let one = Self.word(start(column), length(column))
    return Self.value(one &+ Self.word(start(other), length(other)))
  }

  /// The digits of `length` (1...8) bytes, the last in the highest byte, zeros below the first.
  @inline(__always)
  private static func word(_ start: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
    let text = UnsafeRawPointer(start).loadUnaligned(as: UInt64.self).littleEndian
    return text &<< UInt64(truncatingIfNeeded: (8 &- length) &* 8) & 0x0F0F_0F0F_0F0F_0F0F
  }

  /// Pairs of digits, then fours, then eight: the first digit stands in the lowest byte.
  @inline(__always)
  private static func value(_ digits: UInt64) -> Int64 {
    let pairs = digits &* 10 &+ digits >> 8
    let even = pairs & 0x0000_00FF_0000_00FF
    let odd = pairs >> 16 & 0x0000_00FF_0000_00FF
    let sum = even &* 0x000F_4240_0000_0064 &+ odd &* 0x0000_2710_0000_0001
    return Int64(truncatingIfNeeded: sum >> 32)
  }
}
