import Glibc

/// Strings, numbers and literals: everything that is not a container.
extension JSONScanner {
  /// Skips white space; the line feed that ends the text is not skipped.
  @inline(__always)
  func skipSpace(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    if at.pointee > 0x20 { return at }
    if at.pointee == 0x20 && at[1] > 0x20 { return at + 1 }
    return skipSpaceRun(at)
  }

  @inline(never)
  private func skipSpaceRun(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var at = at
    while at.pointee == 0x20 || at.pointee == 0x09 || at.pointee == 0x0D { at += 1 }
    return at
  }

  /// A string, number or literal.
  @inline(__always)
  mutating func scalar(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    let first = at.pointee
    if first == 0x22 { return string(at + 1) }
    if first &- 0x30 < 10 || first == 0x2D { return number(at) }
    return literal(at)
  }

  /// A string's content and closing quote; `at` is just after the opening one.
  @inline(__always)
  mutating func string(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    let (quotes, unusual) = JSONBlock.stringStops(at)
    // The next value's place hangs on the first quote alone; whether it ends a plain string is seen beside it.
    if quotes == 0 || unusual & (quotes ^ (quotes &- 1)) != 0 { return otherString(at) }
    return at + (quotes.trailingZeroBitCount &+ 1)
  }

  /// A string that is long or not plain.
  @inline(never)
  private mutating func otherString(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    var at = at
    while true {
      let (quotes, unusual) = JSONBlock.stringStops(at)
      let stops = quotes | unusual
      if stops == 0 {
        at += JSONBlock.width
        continue
      }
      at += stops.trailingZeroBitCount
      let byte = at.pointee
      if byte == 0x22 { return at + 1 }
      if byte == 0x5C {
        lastEscape = at
        guard let next = escape(at + 1) else { return nil }
        at = next
      } else if byte < 0x20 {
        return fail(.controlCharacter, at)
      } else {
        guard let next = sequences(at) else { return nil }
        at = next
      }
    }
  }

  /// A run of non-ASCII bytes.
  @inline(__always)
  private mutating func sequences(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    var at = at
    repeat {
      if JSONWord.areTwoTriples(JSONWord.load(at)) {
        at += 6
        continue
      }
      let length = sequence(at)
      guard length > 0 else { return fail(.invalidUTF8, at) }
      at += length
    } while at.pointee >= 0x80
    return at
  }

  /// Length of a well-formed multi-byte sequence, else 0. The three-byte case, where Hangul lives, comes first.
  @inline(__always)
  private func sequence(_ at: UnsafePointer<UInt8>) -> Int {
    let first = at.pointee
    if first & 0xF0 == 0xE0 {
      guard at[1] & 0xC0 == 0x80, at[2] & 0xC0 == 0x80 else { return 0 }
      let scalar = UInt32(first & 0x0F) << 12 | UInt32(at[1] & 0x3F) << 6 | UInt32(at[2] & 0x3F)
      return scalar >= 0x800 && (scalar < 0xD800 || scalar > 0xDFFF) ? 3 : 0
    }
    if first >= 0xC2 && first < 0xE0 { return at[1] & 0xC0 == 0x80 ? 2 : 0 }
    guard first >= 0xF0, first <= 0xF4, at[1] & 0xC0 == 0x80, at[2] & 0xC0 == 0x80, at[3] & 0xC0 == 0x80
    else { return 0 }
    let top = UInt32(first & 0x07) << 6 | UInt32(at[1] & 0x3F)
    return top >= 0x10 && top <= 0x10F ? 4 : 0
  }

  /// What follows a backslash; the result is just after the escape.
  private mutating func escape(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    switch at.pointee {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return at + 1
    case 0x75: break
    default: return fail(.invalidEscape, at)
    }
    guard let first = fourHex(at + 1) else { return nil }
    if first < 0xD800 || first > 0xDFFF { return at + 5 }
    guard first < 0xDC00, at[5] == 0x5C, at[6] == 0x75 else { return fail(.loneSurrogate, at - 1) }
    guard let second = fourHex(at + 7) else { return nil }
    guard second >= 0xDC00, second <= 0xDFFF else { return fail(.loneSurrogate, at - 1) }
    return at + 11
  }

  private mutating func fourHex(_ at: UnsafePointer<UInt8>) -> UInt32? {
    var value: UInt32 = 0
    for index in 0..<4 {
      let byte = at[index]
      let folded = byte | 0x20
      let digit: UInt8
      if byte >= 0x30 && byte <= 0x39 {
        digit = byte - 0x30
      } else if folded >= 0x61 && folded <= 0x66 {
        digit = folded - 0x57
      } else {
        _ = fail(.invalidEscape, at + index)
        return nil
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// A number; `at` is its first byte, a digit or a minus.
  @inline(__always)
  mutating func number(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    let sign = at.pointee == 0x2D ? 1 : 0
    let digits = at + sign
    var stops = JSONBlock.nonDigits(at) & ~UInt32(truncatingIfNeeded: sign)
    guard stops != 0 else { return longNumber(at) }
    var end = at + stops.trailingZeroBitCount
    guard end > digits else { return minusWithoutDigit(digits) }
    if digits.pointee == 0x30 && end > digits + 1 { return fail(.leadingZero, digits) }
    if end.pointee == 0x2E {
      stops &= stops &- 1
      guard stops != 0 else { return longNumber(at) }
      let point = end
      end = at + stops.trailingZeroBitCount
      guard end > point + 1 else { return fail(.expectedDigit, end) }
    }
    if end.pointee | 0x20 == 0x65 { return exponent(end, number: at) }
    return end
  }

  /// A number that reaches behind the block that it begins in.
  @inline(never)
  private mutating func longNumber(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    let digits = at.pointee == 0x2D ? at + 1 : at
    var end = skipDigits(digits)
    let length = end - digits
    if digits.pointee == 0x30 && length > 1 { return fail(.leadingZero, digits) }
    if end.pointee == 0x2E {
      let point = end
      end = skipDigits(point + 1)
      guard end > point + 1 else { return fail(.expectedDigit, end) }
    }
    if end.pointee | 0x20 == 0x65 { return exponent(end, number: at) }
    if length > 308 { noteOverflow(at) }
    return end
  }

  @inline(__always)
  private func skipDigits(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var at = at
    while true {
      let stops = JSONBlock.nonDigits(at)
      if stops != 0 { return at + stops.trailingZeroBitCount }
      at += JSONBlock.width
    }
  }

  @inline(never)
  private mutating func exponent(
    _ at: UnsafePointer<UInt8>, number: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8>? {
    let digits = at[1] == 0x2B || at[1] == 0x2D ? at + 2 : at + 1
    let end = skipDigits(digits)
    guard end > digits else { return fail(.expectedDigit, end) }
    noteOverflow(number)
    return end
  }

  /// The bytes from `number` on are a checked JSON number, followed by a byte that is no part of one.
  @inline(never)
  private mutating func noteOverflow(_ number: UnsafePointer<UInt8>) {
    let value = number.withMemoryRebound(to: CChar.self, capacity: 1) { strtod($0, nil) }
    if value.isInfinite { nonFinite &+= 1 }
  }

  @inline(never)
  private mutating func minusWithoutDigit(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    guard at.pointee == 0x49 else { return fail(.expectedDigit, at) }
    return word(at, "Infinity", nonFinite: true)
  }

  /// `true`, `false`, `null`, and the three words for non-finite numbers.
  @inline(never)
  mutating func literal(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    switch at.pointee {
    case 0x74: word(at, "true")
    case 0x66: word(at, "false")
    case 0x6E: word(at, "null")
    case 0x4E: word(at, "NaN", nonFinite: true)
    case 0x49: word(at, "Infinity", nonFinite: true)
    default: fail(.expectedValue, at)
    }
  }

  private mutating func word(
    _ at: UnsafePointer<UInt8>, _ spelling: StaticString, nonFinite isNonFinite: Bool = false
  ) -> UnsafePointer<UInt8>? {
    let length = spelling.utf8CodeUnitCount
    for index in 0..<length where at[index] != spelling.utf8Start[index] {
      return fail(.expectedValue, at + index)
    }
    if isNonFinite { nonFinite &+= 1 }
    return at + length
  }
}
