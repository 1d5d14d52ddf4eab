/// Errors: a code and an offset while scanning, text only on request.
extension JSONScanner {
  enum Failure: UInt8 {
    case none, expectedName, expectedColon, expectedValue, expectedCommaOrBrace, expectedCommaOrBracket
    case expectedDigit, leadingZero, controlCharacter, invalidEscape, loneSurrogate, invalidUTF8
    case trailing, tooDeep, notAnObject

    var words: String {
      switch self {
      case .none: "no error"
      case .expectedName: "expected a member name"
      case .expectedColon: "expected ':'"
      case .expectedValue: "expected a value"
      case .expectedCommaOrBrace: "expected ',' or '}'"
      case .expectedCommaOrBracket: "expected ',' or ']'"
      case .expectedDigit: "expected a digit"
      case .leadingZero: "leading zero"
      case .controlCharacter: "control character in a string"
      case .invalidEscape: "invalid escape"
      case .loneSurrogate: "lone surrogate"
      case .invalidUTF8: "invalid UTF-8"
      case .trailing: "text after the value"
      case .tooDeep: "nested too deep"
      case .notAnObject: "not an object"
      }
    }
  }

  @inline(never)
  mutating func fail(_ what: Failure, _ at: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    failure = what
    failureOffset = at - base
    return nil
  }

  /// Whether the last `scan` answered false.
  public var hasFailed: Bool { failure != .none }

  /// Whether the text scanned last is JSON, but no object.
  public var isOtherValue: Bool { failure == .notAnObject }

  /// Why the last `scan` answered false.
  ///
  /// `count` is the length that was scanned. Bytes that are no UTF-8 come first: nothing can be said about the
  /// JSON of a text that is no text.
  public func fault(count: Int) -> LineFault {
    if let bad = UTF8Check.firstInvalid(in: UnsafeBufferPointer(start: base, count: count)) {
      return .invalidUTF8(at: bad)
    }
    switch failure {
    case .notAnObject: return .notAnObject
    case .tooDeep: return .tooDeep(limit: depthLimit)
    default:
      let what = failureOffset >= count ? "unexpected end" : failure.words
      return .syntax(what, at: min(failureOffset, count))
    }
  }
}
