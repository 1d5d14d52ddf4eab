/// A number as the exchange writes it, checked and ready to be copied into JSON.
///
/// Values come as text, some padded with spaces or zeros. They are never converted to floating point: what is
/// archived has the digits that were sent.
struct SnapshotNumber {
  /// The digits after the sign and after surplus leading zeros.
  let digits: UnsafePointer<UInt8>
  /// How many bytes, point included; 0 when this is no number.
  private(set) var count: Int
  /// Whether a minus stood before the digits.
  let isNegative: Bool
  /// Whether no digit stood before the point, where JSON wants a zero.
  let startsWithPoint: Bool
  /// The magnitude, if this is a whole number of at most 18 digits; else -1.
  let magnitude: Int64
  /// Whether all digits are zero.
  let isZero: Bool
  /// Whether there was nothing but spaces.
  let isEmpty: Bool
  /// Whether there is no point.
  let isWhole: Bool

  /// More digits than any market has; longer text is refused.
  static let maximumLength = 40

  /// Whether the text is a number.
  var isNumber: Bool { count > 0 }
  /// Whether the text is a whole number.
  var isInteger: Bool { count > 0 && isWhole }
  /// Whether the text is a number above zero.
  var isPositive: Bool { count > 0 && !isZero && !isNegative }
  /// The value, if it is a whole number of at most 18 digits.
  var integer: Int64? { count == 0 || magnitude < 0 ? nil : isNegative ? -magnitude : magnitude }

  /// The same for a member that is whole in every archive, if `isWhole`: a fraction of zeros is left out, and what has
  /// another or over 18 digits is no number.
  @inline(__always)
  func asWhole(_ isWhole: Bool = true) -> SnapshotNumber {
    !isWhole || magnitude >= 0 || count == 0 ? self : wholePart
  }

  @inline(never)
  private var wholePart: SnapshotNumber {
    let text = UnsafeBufferPointer(start: digits, count: count)
    let point = text.firstIndex(of: 0x2E) ?? count
    var part = self
    part.count = point <= 18 && text[point...].dropFirst().allSatisfy { $0 == 0x30 } ? point : 0
    return part
  }

  /// Reads `length` bytes at `start`.
  @inline(__always)
  init(_ start: UnsafePointer<UInt8>, _ length: Int) {
    var at = start
    var end = start + length
    while at < end, at.pointee == 0x20 { at += 1 }
    while end > at, end[-1] == 0x20 { end -= 1 }
    isEmpty = at == end
    isNegative = !isEmpty && at.pointee == 0x2D
    if !isEmpty, at.pointee == 0x2D || at.pointee == 0x2B { at += 1 }
    while end - at > 1, at.pointee == 0x30, at[1] &- 0x30 < 10 { at += 1 }
    digits = at
    var value: UInt64 = 0
    var next = at
    while next < end, next.pointee &- 0x30 < 10 {
      value = value &* 10 &+ UInt64(next.pointee &- 0x30)
      next += 1
    }
    let whole = next - at
    startsWithPoint = whole == 0
    let isShort = end - at <= Self.maximumLength
    if next == end {
      isWhole = true
      count = isShort ? whole : 0
      isZero = whole == 1 && value == 0
      magnitude = whole > 0 && whole <= 18 ? Int64(truncatingIfNeeded: value) : -1
    } else {
      let hasFraction = Self.isFraction(next, end)
      isWhole = false
      count = hasFraction && isShort ? end - at : 0
      isZero = hasFraction && (whole == 0 || whole == 1 && value == 0) && Self.isAllZero(next + 1, end)
      magnitude = -1
    }
  }

  /// A point and at least one digit, up to the end.
  @inline(__always)
  private static func isFraction(_ point: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
    guard point.pointee == 0x2E, end - point > 1 else { return false }
    var at = point + 1
    while at < end {
      if at.pointee &- 0x30 >= 10 { return false }
      at += 1
    }
    return true
  }

  @inline(__always)
  private static func isAllZero(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
    var at = start
    while at < end {
      if at.pointee != 0x30 { return false }
      at += 1
    }
    return true
  }
}

/// The direction that a sign code gives to a change.
///
/// 1 limit up, 2 up, 3 flat, 4 limit down, 5 down. Values already carry their minus with 4 and 5, and some
/// sources had it twice or not at all, so the code decides and the value gives the magnitude.
enum SnapshotDirection {
  case up, flat, down
  /// No code: the value's own sign is all there is.
  case unknown

  @inline(__always)
  init(code: UInt8) {
    switch code {
    case 0x31, 0x32: self = .up
    case 0x33: self = .flat
    case 0x34, 0x35: self = .down
    default: self = .unknown
    }
  }

  /// Whether `number` says otherwise.
  @inline(__always)
  func disagrees(with number: SnapshotNumber) -> Bool {
    if !number.isNumber || number.isZero { return false }
    switch self {
    case .up: return number.isNegative
    case .flat: return true
    case .down: return !number.isNegative
    case .unknown: return false
    }
  }

  /// Whether `number` goes out with a minus.
  @inline(__always)
  func isNegative(_ number: SnapshotNumber) -> Bool {
    if number.isZero { return false }
    switch self {
    case .up, .flat: return false
    case .down: return true
    case .unknown: return number.isNegative
    }
  }
}
