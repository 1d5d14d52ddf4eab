/// Finds secrets in text from outside: whole or in part, escaped, split over lines, encoded.
///
/// Secret and text are compared as the letters, digits and signs that they stand for. JSON escapes, percent-encoding
/// and numeric HTML entities are resolved, case is ignored, and so is the difference between base64 and its URL form.
/// Spaces, control characters and everything beyond ASCII are passed over. Any twelve signs in a row that a secret
/// has are a part of it; so are those of its base64 and hexadecimal form. Twelve without a letter are no proof, for
/// the exchange's data is full of digits: such a secret is found as a whole only.
struct SecretPatterns: Sendable {
  /// Signs in a row that give a secret away.
  static let window = 12
  /// Signs that a secret has at least; a shorter one is an ordinary word.
  static let shortest = 8

  /// Hashes of what is looked for, by its length in signs.
  private var hashes: [Int: Set<UInt64>] = [:]
  /// One bit for each top 16 bits of a hash: almost all text is let go here.
  private var filter = [UInt64](repeating: 0, count: 1024)
  /// Lengths that tell whether a text has anything: a secret that is found by its parts is not looked for as a whole.
  private var telling: Set<Int> = []
  /// Whether something is looked for that has no letter.
  private(set) var seeksDigits = false

  /// Looks for `secret` from now on, in all its forms; one that is not `encoded` by anybody, as it is written or escaped.
  /// (What is hexadecimal itself would be nothing but digits in its hexadecimal form, and all numbers had to be looked at.)
  mutating func add(_ secret: [UInt8], encoded isEncoded: Bool = true) {
    guard secret.count >= Self.shortest else { return }
    add(signs: secret.filter { $0 > 0x20 && $0 < 0x7F }.map(Signs.folded))
    secret.withUnsafeBufferPointer { add(signs: Signs($0).bytes) }
    guard isEncoded else { return }
    for offset in 0..<3 { add(signs: Self.base64(secret, after: offset).map(Signs.folded)) }
    add(signs: secret.flatMap { [Self.hexadecimal[Int($0 >> 4)], Self.hexadecimal[Int($0 & 15)]] })
  }

  private mutating func add(signs: [UInt8]) {
    guard signs.count >= Self.shortest else { return }
    let parts = (0..<max(0, signs.count - Self.window + 1)).map { signs[$0..<$0 + Self.window] }
    let lettered = parts.filter { $0.contains(where: Signs.isLetter) }
    for part in lettered { add(part) }
    if parts.isEmpty || lettered.count < parts.count { add(signs[...]) }
    telling.insert(lettered.isEmpty ? signs.count : Self.window)
    if !signs.contains(where: Signs.isLetter) { seeksDigits = true }
  }

  private mutating func add(_ part: ArraySlice<UInt8>) {
    let hash = part.reduce(0) { RollingHash.appended($0, $1) }
    hashes[part.count, default: []].insert(hash)
    filter[Int(hash >> 54)] |= 1 << (hash >> 48 & 63)
  }

  private func isKnown(_ hash: UInt64, _ known: Set<UInt64>) -> Bool {
    filter[Int(hash >> 54)] >> (hash >> 48 & 63) & 1 == 1 && known.contains(hash)
  }

  /// Where secrets stand in `text`, ascending, without overlap.
  func ranges(in text: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    guard text.count >= Self.shortest, !hashes.isEmpty else { return [] }
    let signs = Signs(text)
    var found: [Range<Int>] = []
    for (length, known) in hashes where signs.bytes.count >= length {
      var hash = RollingHash(length: length)
      for end in signs.bytes.indices {
        hash.take(signs.bytes[end], after: end >= length ? signs.bytes[end - length] : 0)
        guard end >= length - 1, isKnown(hash.value, known) else { continue }
        let start = end - length + 1
        if let last = found.last, last.lowerBound <= start, start <= last.upperBound {
          found[found.count - 1] = last.lowerBound..<max(last.upperBound, end + 1)
        } else {
          found.append(start..<end + 1)
        }
      }
    }
    return Self.merged(found).map { Int(signs.starts[$0.lowerBound])..<Int(signs.ends[$0.upperBound - 1]) }
  }

  private static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var merged: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  // MARK: - Plain texts

  /// Whether `text` holds no secret and only signs that stand for themselves: so it is with almost every frame of the
  /// exchange's, and to say so takes no copy of it. False also where only a closer look can tell.
  func isClean(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    Signs.arePlain(text) && telling.allSatisfy { isClean(text, $0, hashes[$0] ?? []) }
  }

  /// Data is full of digits, so only what stands around a letter is looked at, if each secret has one.
  private func isClean(_ text: UnsafeBufferPointer<UInt8>, _ length: Int, _ known: Set<UInt64>) -> Bool {
    guard text.count >= length else { return true }
    if seeksDigits { return isClean(text, in: 0..<text.count, length, known) }
    var done = 0
    while let range = Self.aroundLetters(text, from: done, length) {
      if !isClean(text, in: range, length, known) { return false }
      done = range.upperBound
    }
    return true
  }

  private func isClean(
    _ text: UnsafeBufferPointer<UInt8>, in range: Range<Int>, _ length: Int, _ known: Set<UInt64>
  ) -> Bool {
    var hash = RollingHash(length: length)
    for end in range {
      let gone = end - length
      hash.take(Signs.folded(text[end]), after: gone >= range.lowerBound ? Signs.folded(text[gone]) : 0)
      if gone >= range.lowerBound - 1, isKnown(hash.value, known) { return false }
    }
    return true
  }

  /// The next part of a text in which every `length` signs in a row that have a letter lie.
  private static func aroundLetters(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ length: Int
  ) -> Range<Int>? {
    guard let first = text[start...].firstIndex(where: Signs.isLetter) else { return nil }
    var (end, last) = (first + 1, first)
    while end < min(text.count, last + length) {
      if Signs.isLetter(text[end]) { last = end }
      end += 1
    }
    return max(0, first - length + 1)..<end
  }

  // MARK: - Encodings

  private static let hexadecimal = Array("0123456789abcdef".utf8)
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The signs of base64 that depend on `secret` alone where `offset` other bytes stand before it.
  private static func base64(_ secret: [UInt8], after offset: Int) -> [UInt8] {
    let bytes = [UInt8](repeating: 0, count: offset) + secret
    func bit(_ place: Int) -> Int { Int(bytes[place / 8] >> (7 - place % 8) & 1) }
    return ((offset * 8 + 5) / 6..<bytes.count * 8 / 6).map { sign in
      alphabet[(0..<6).reduce(0) { $0 << 1 | bit(sign * 6 + $1) }]
    }
  }
}

/// A rolling hash of the last characters: two steps a character.
private struct RollingHash {
  private(set) var value: UInt64 = 0
  private let leaving: UInt64

  init(length: Int) { leaving = (0..<length).reduce(1) { power, _ in power &* Self.factor } }

  @inline(__always) mutating func take(_ sign: UInt8, after gone: UInt8) {
    value = Self.appended(value, sign) &- (gone == 0 ? 0 : UInt64(gone) &* leaving)
  }

  @inline(__always) static func appended(_ hash: UInt64, _ sign: UInt8) -> UInt64 {
    hash &* factor &+ UInt64(sign)
  }

  private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
}

/// What the bytes of a text stand for, with the place of each.
private struct Signs {
  private(set) var bytes: [UInt8] = []
  private(set) var starts: [UInt32] = []
  private(set) var ends: [UInt32] = []

  init(_ text: UnsafeBufferPointer<UInt8>) {
    bytes.reserveCapacity(text.count)
    starts.reserveCapacity(text.count)
    ends.reserveCapacity(text.count)
    var at = 0
    while at < text.count {
      let (byte, length) = Self.sign(text, at)
      if byte > 0x20 && byte < 0x7F {
        bytes.append(Self.folded(byte))
        starts.append(UInt32(truncatingIfNeeded: at))
        ends.append(UInt32(truncatingIfNeeded: at + length))
      }
      at += length
    }
  }

  @inline(__always) static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

  /// Whether every byte is a sign and stands for itself. It does not stop early, so that the compiler can look at many
  /// bytes at once.
  static func arePlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var odd: UInt8 = 0
    for byte in text {
      odd |= byte &- 0x21 < 0x5E ? 0 : 1
      odd |= byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "&") ? 1 : 0
    }
    return odd == 0
  }

  @inline(__always) static func folded(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 0x41...0x5A: byte | 0x20
    case UInt8(ascii: "-"): UInt8(ascii: "+")
    case UInt8(ascii: "_"): UInt8(ascii: "/")
    default: byte
    }
  }

  @inline(__always)
  private static func sign(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> (UInt8, length: Int) {
    switch text[at] {
    case UInt8(ascii: "\\"): backslash(text, at)
    case UInt8(ascii: "%"): number(text, at + 1, digits: 2).map { ($0, 3) } ?? (text[at], 1)
    case UInt8(ascii: "&"): entity(text, at) ?? (text[at], 1)
    default: (text[at], 1)
    }
  }

  private static func backslash(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> (UInt8, length: Int) {
    guard at + 1 < text.count else { return (text[at], 1) }
    switch text[at + 1] {
    case UInt8(ascii: "u"): return number(text, at + 2, digits: 4).map { ($0, 6) } ?? (text[at], 1)
    case UInt8(ascii: "x"): return number(text, at + 2, digits: 2).map { ($0, 4) } ?? (text[at], 1)
    case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "f"):
      return (0x20, 2)
    case UInt8(ascii: "/"), UInt8(ascii: "\""), UInt8(ascii: "\\"): return (text[at + 1], 2)
    default: return (text[at], 1)
    }
  }

  /// `&#43;` or `&#x2b;`.
  private static func entity(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> (UInt8, length: Int)? {
    guard at + 3 < text.count, text[at + 1] == UInt8(ascii: "#") else { return nil }
    let isHexadecimal = text[at + 2] | 0x20 == UInt8(ascii: "x")
    let start = at + (isHexadecimal ? 3 : 2)
    var value = 0
    for place in start..<min(start + 6, text.count) {
      if text[place] == UInt8(ascii: ";") {
        return place > start ? (UInt8(exactly: value) ?? 0x20, place + 1 - at) : nil
      }
      guard let digit = digit(text[place]), isHexadecimal || digit < 10 else { return nil }
      value = value * (isHexadecimal ? 16 : 10) + digit
    }
    return nil
  }

  /// A number of exactly `digits` hexadecimal digits; a space where it is not a byte.
  private static func number(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, digits: Int) -> UInt8? {
    guard start + digits <= text.count else { return nil }
    var value = 0
    for place in start..<start + digits {
      guard let digit = digit(text[place]) else { return nil }
      value = value << 4 | digit
    }
    return UInt8(exactly: value) ?? 0x20
  }

  private static func digit(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte) - 0x30
    case 0x41...0x46: Int(byte) - 0x37
    case 0x61...0x66: Int(byte) - 0x57
    default: nil
    }
  }
}
