/// What a column of a real-time record holds, as far as its form tells.
///
/// A record names none of its fields, so what a position means is checked by kind before it is believed: a field put in
/// or taken out in the middle moves all that follow, and a price read one place off is still a number. The letter of each
/// is how a layout's text names it.
enum FieldKind: UInt8, Sendable {
  /// Anything.
  case text = 0x78  // x
  /// A whole number, possibly negative.
  case integer = 0x69  // i
  /// A number with a point; 0 may come without.
  case decimal = 0x6E  // n
  /// A number of either form.
  case number = 0x66  // f
  /// A code of one character at most.
  case code = 0x63  // c
  /// A code of two characters at most.
  case pair = 0x70  // p
  /// One letter: `Y`, `N`.
  case letter = 0x6C  // l
  /// `HHMMSS`.
  case time = 0x74  // t
  /// `YYYYMMDD`.
  case date = 0x64  // d

  /// Whether a field can be of this kind. An empty one can be of any: the exchange leaves out what it has not.
  func fits(_ start: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    if length == 0 { return true }
    switch self {
    case .text: return true
    case .code: return length == 1
    case .pair: return length <= 2
    case .letter: return length == 1 && start.pointee &- 0x41 < 26
    case .time: return length == 6 && FieldKind.isDigits(start, length)
    case .date: return length == 8 && FieldKind.isDigits(start, length)
    case .integer:
      let number = SnapshotNumber(start, length)
      return number.isInteger || number.isEmpty
    case .decimal:
      let number = SnapshotNumber(start, length)
      return number.isNumber && (!number.isWhole || number.isZero) || number.isEmpty
        || FieldKind.isNotANumber(start, length)
    case .number:
      let number = SnapshotNumber(start, length)
      return number.isNumber || number.isEmpty || FieldKind.isNotANumber(start, length)
    }
  }

  private static func isDigits(_ start: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    for place in 0..<length where start[place] &- 0x30 >= 10 { return false }
    return true
  }

  /// `nan` and `-nan`: the exchange's own example of a night option's trade has them.
  private static func isNotANumber(_ start: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    let bytes = UnsafeBufferPointer(start: start, count: length)
    return bytes.elementsEqual("nan".utf8) || bytes.elementsEqual("-nan".utf8)
  }
}
