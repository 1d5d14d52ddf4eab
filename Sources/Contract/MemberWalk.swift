import Glibc
import JSONBytes

/// Goes through the members of one object of a text that was scanned without a fault. For rare lines and short
/// objects only: the scanner has already noted where the members stand that every line needs.
struct MemberWalk {
  /// One member, by its bytes.
  struct Member {
    /// The comma before it; for the first one, the opening brace.
    let comma: UnsafePointer<UInt8>
    /// The opening quote of its name.
    let name: UnsafePointer<UInt8>
    /// Just after the closing quote of its name.
    let nameEnd: UnsafePointer<UInt8>
    /// Just after its value.
    let end: UnsafePointer<UInt8>

    /// Its value.
    var value: UnsafeBufferPointer<UInt8> {
      let start = MemberWalk.afterSpace(MemberWalk.afterSpace(nameEnd) + 1)
      return UnsafeBufferPointer(start: start, count: end - start)
    }

    /// Whether it is the member of the contract.
    func isNamed(_ name: MemberName) -> Bool { isNamed("\(name.text)") }

    /// Whether the name is `word`, whatever escapes it is spelled with.
    func isNamed(_ word: String) -> Bool {
      JSONSpelling.matches(UnsafeBufferPointer(start: name, count: nameEnd - name), word)
    }
  }

  private var at: UnsafePointer<UInt8>

  /// `object` points to the opening brace.
  init(_ object: UnsafePointer<UInt8>) { at = object }

  /// The next member, nil after the last one.
  mutating func next() -> Member? {
    let comma = at
    guard comma.pointee == 0x7B || comma.pointee == 0x2C else { return nil }
    let name = Self.afterSpace(comma + 1)
    guard name.pointee == 0x22 else { return nil }
    let nameEnd = Self.afterString(name)
    let end = Self.afterValue(Self.afterSpace(Self.afterSpace(nameEnd) + 1))
    at = Self.afterSpace(end)
    return Member(comma: comma, name: name, nameEnd: nameEnd, end: end)
  }

  /// Just after the comma that follows the value ending at `end`, or `end` when none does.
  func afterComma(_ end: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    let next = Self.afterSpace(end)
    return next.pointee == 0x2C ? next + 1 : end
  }

  static func afterSpace(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var at = at
    while at.pointee == 0x20 || at.pointee == 0x09 || at.pointee == 0x0D { at += 1 }
    return at
  }

  static func afterString(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var at = at + 1
    while at.pointee != 0x22 { at += at.pointee == 0x5C ? 2 : 1 }
    return at + 1
  }

  /// Just after a number or a word.
  static func afterScalar(_ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var at = at
    while at.pointee != 0x2C && at.pointee != 0x7D && at.pointee != 0x5D && at.pointee > 0x20 { at += 1 }
    return at
  }

  private static func afterValue(_ start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    if start.pointee == 0x22 { return afterString(start) }
    guard start.pointee == 0x7B || start.pointee == 0x5B else { return afterScalar(start) }
    var at = start
    var depth = 0
    repeat {
      switch at.pointee {
      case 0x22:
        at = afterString(at)
        continue
      case 0x7B, 0x5B: depth += 1
      case 0x7D, 0x5D: depth -= 1
      default: break
      }
      at += 1
    } while depth > 0
    return at
  }
}

/// Comparing a JSON string, quotes included, with a word of ASCII letters.
enum JSONSpelling {
  /// Whether `quoted` is `word`; escapes are seen through. Compares bytes: canonically equivalent is not equal.
  static func matches(_ quoted: UnsafeBufferPointer<UInt8>, _ word: String) -> Bool {
    if quoted.count == word.utf8.count + 2 && zip(quoted.dropFirst(), word.utf8).allSatisfy({ $0 == $1 }) {
      return true
    }
    guard quoted.contains(0x5C), let text = try? JSONValue.parse(quoted).string else { return false }
    return text.utf8.elementsEqual(word.utf8)
  }
}
