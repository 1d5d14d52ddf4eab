/// UTF-8 well-formedness (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF).
public enum UTF8Check {
  /// Offset of the first byte of the first ill-formed sequence, or nil.
  public static func firstInvalid(in text: UnsafeBufferPointer<UInt8>) -> Int? {
    var at = 0
    while at < text.count {
      if text[at] < 0x80 {
        at += 1
        continue
      }
      let length = sequenceLength(in: text, at: at)
      if length == 0 { return at }
      at += length
    }
    return nil
  }

  /// Length of the multi-byte sequence at `at`, 0 when it is ill-formed or cut.
  static func sequenceLength(in text: UnsafeBufferPointer<UInt8>, at: Int) -> Int {
    func tail(_ index: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
      at + index < text.count && range.contains(text[at + index])
    }
    switch text[at] {
    case 0xC2...0xDF: return tail(1) ? 2 : 0
    case 0xE0: return tail(1, 0xA0...0xBF) && tail(2) ? 3 : 0
    case 0xED: return tail(1, 0x80...0x9F) && tail(2) ? 3 : 0
    case 0xE1...0xEF: return tail(1) && tail(2) ? 3 : 0
    case 0xF0: return tail(1, 0x90...0xBF) && tail(2) && tail(3) ? 4 : 0
    case 0xF1...0xF3: return tail(1) && tail(2) && tail(3) ? 4 : 0
    case 0xF4: return tail(1, 0x80...0x8F) && tail(2) && tail(3) ? 4 : 0
    default: return 0
    }
  }
}
