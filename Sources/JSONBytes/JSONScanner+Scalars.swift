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

  /// A string's content and closing quote; `at` is just after the opening one.
  @inline(__always)
  mutating func string(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    let stops = JSONWord.stringStops(JSONWord.load(at))
    guard stops != 0 else { return longString(at + 8) }
    let stop = at + JSONWord.firstIndex(stops)
    if stop.pointee == 0x22 { return stop + 1 }
    return unusualString(stop)
  }

  @inline(never)
  private mutating func longString(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    var at = at
    while true {
      let (low, high) = JSONWord.stringStopsOfTwo(at)
      if low | high != 0 {
        let stop = at + (low != 0 ? JSONWord.firstIndex(low) : 8 + JSONWord.firstIndex(high))
        return stop.pointee == 0x22 ? stop + 1 : unusualString(stop)
      }
      at += 16
    }
  }

  /// From the first byte of a string that is neither plain nor the closing quote.
  @inline(never)
  private mutating func unusualString(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    var at = at
    while true {
      let byte = at.pointee
      if byte == 0x22 { return at + 1 }
      if byte == 0x5C {
        lastEscape = at
        guard let next = escape(at + 1) else { return nil }
        at = next
      } else if byte >= 0x80 {
        if JSONWord.areTwoTriples(JSONWord.load(at)) {
          at += 6
          continue
        }
        let length = sequence(at)
        guard length > 0 else { return fail(.invalidUTF8, at) }
        at += length
      } else if byte < 0x20 {
        return fail(.controlCharacter, at)
      } else {
        let stops = JSONWord.stringStops(JSONWord.load(at))
        at += stops == 0 ? 8 : JSONWord.firstIndex(stops)
      }
    }
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
    let digits = at.pointee == 0x2D ? at + 1 : at
    let integerEnd = skipDigits(digits)
    let length = integerEnd - digits
    guard length > 0 else { return minusWithoutDigit(digits) }
    if digits.pointee == 0x30 && length > 1 { return fail(.leadingZero, digits) }
    var end = integerEnd
    if end.pointee == 0x2E {
      end = skipDigits(integerEnd + 1)
      guard end > integerEnd + 1 else { return fail(.expectedDigit, end) }
    }
    if end.pointee | 0x20 == 0x65 { return exponent(end, number: at) }
    if length > 308 { noteOverflow(at) }
    return end
  }

  @inline(__always)
  private func skipDigits(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var at = at
    while true {
      let stops = JSONWord.nonDigits(JSONWord.load(at))
      if stops != 0 { return at + JSONWord.firstIndex(stops) }
      at += 8
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
