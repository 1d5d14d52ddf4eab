/// A JSON text that could not be taken, and where.
public struct JSONFault: Error, Equatable, Sendable {
  /// What is wrong, in a few words.
  public let what: String
  /// Byte offset from the start of the text.
  public let offset: Int

  /// Makes a fault.
  public init(_ what: String, at offset: Int) {
    self.what = what
    self.offset = offset
  }
}

/// A parsed JSON text: for configuration, watchlists and answers of the exchange, never on the byte path.
///
/// Numbers stay text and every value knows the bytes it came from, so that nothing is lost by parsing.
public struct JSONValue: Equatable, Sendable {
  /// What the value is.
  public enum Kind: Equatable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, as it was written.
    case number(String)
    /// A string, unescaped.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object; members in order, repeated names kept.
    case object([Member])
  }

  /// One member of an object.
  public struct Member: Equatable, Sendable {
    /// The name, unescaped.
    public let name: String
    /// Where the name stands, quotes included.
    public let nameRange: Range<Int>
    /// The value.
    public let value: JSONValue
  }

  /// What the value is.
  public let kind: Kind
  /// The bytes it came from, in the parsed text.
  public let range: Range<Int>

  /// Parses one RFC 8259 text: UTF-8, strict grammar, at most `maxDepth` objects and arrays in one
  /// another.
  public static func parse(_ text: [UInt8], maxDepth: Int = 64) throws(JSONFault) -> JSONValue {
    if let bad = firstInvalidUTF8(text) { throw JSONFault("invalid UTF-8", at: bad) }
    var parser = JSONParser(text: text, maxDepth: maxDepth)
    return try parser.document()
  }

  /// As the array form, from a buffer.
  public static func parse(
    _ text: UnsafeBufferPointer<UInt8>, maxDepth: Int = 64
  ) throws(JSONFault) -> JSONValue {
    try parse(Array(text), maxDepth: maxDepth)
  }

  /// The value of the last member called `name`, if this is an object that has one.
  public subscript(name: String) -> JSONValue? { members?.last { $0.name == name }?.value }

  /// Members, if this is an object.
  public var members: [Member]? { if case .object(let members) = kind { members } else { nil } }
  /// Elements, if this is an array.
  public var elements: [JSONValue]? { if case .array(let elements) = kind { elements } else { nil } }
  /// The string, if this is one.
  public var string: String? { if case .string(let string) = kind { string } else { nil } }
  /// The number as it was written, if this is one.
  public var numberText: String? { if case .number(let text) = kind { text } else { nil } }
  /// The whole number, if this is one that fits.
  public var integer: Int? { numberText.flatMap { Int($0) } }
  /// The whole number as a count that a double holds exactly: the nearest of 0 to 2^53.
  public var count: Int64? { integer.map { Int64(min(max($0, 0), 1 << 53)) } }
  /// The number as a double, if this is one.
  public var double: Double? { numberText.flatMap { Double($0) } }
  /// The truth value, if this is one.
  public var bool: Bool? { if case .bool(let bool) = kind { bool } else { nil } }
  /// Whether this is `null`.
  public var isNull: Bool { kind == .null }

  private static func firstInvalidUTF8(_ text: [UInt8]) -> Int? {
    text.withUnsafeBufferPointer { UTF8Check.firstInvalid(in: $0) }
  }
}

/// Recursive descent over an array; clarity first.
private struct JSONParser {
  let text: [UInt8]
  let maxDepth: Int
  var at = 0

  init(text: [UInt8], maxDepth: Int) {
    self.text = text
    self.maxDepth = maxDepth
  }

  mutating func document() throws(JSONFault) -> JSONValue {
    skipSpace()
    let value = try self.value(depth: 0)
    skipSpace()
    guard at == text.count else { throw JSONFault("text after the value", at: at) }
    return value
  }

  private var byte: UInt8? { at < text.count ? text[at] : nil }

  private mutating func skipSpace() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
  }

  private func fault(_ what: String) -> JSONFault {
    at >= text.count ? JSONFault("unexpected end", at: text.count) : JSONFault(what, at: at)
  }

  private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
    let isContainer = byte == 0x7B || byte == 0x5B
    if isContainer && depth >= maxDepth { throw JSONFault("nested deeper than \(maxDepth)", at: at) }
    let start = at
    let kind: JSONValue.Kind
    switch byte {
    case 0x7B: kind = .object(try members(depth: depth))
    case 0x5B: kind = .array(try elements(depth: depth))
    case 0x22: kind = .string(try string())
    case 0x74: kind = try literal("true", .bool(true))
    case 0x66: kind = try literal("false", .bool(false))
    case 0x6E: kind = try literal("null", .null)
    case 0x2D, .some(0x30...0x39): kind = .number(try number())
    default: throw fault("expected a value")
    }
    return JSONValue(kind: kind, range: start..<at)
  }

  private mutating func members(depth: Int) throws(JSONFault) -> [JSONValue.Member] {
    at += 1
    var members: [JSONValue.Member] = []
    skipSpace()
    if byte == 0x7D {
      at += 1
      return members
    }
    while true {
      skipSpace()
      guard byte == 0x22 else { throw fault("expected a member name") }
      let start = at
      let name = try string()
      let end = at
      skipSpace()
      guard byte == 0x3A else { throw fault("expected ':'") }
      at += 1
      skipSpace()
      members.append(.init(name: name, nameRange: start..<end, value: try value(depth: depth + 1)))
      if try closes(0x7D, "expected ',' or '}'") { return members }
    }
  }

  private mutating func elements(depth: Int) throws(JSONFault) -> [JSONValue] {
    at += 1
    var elements: [JSONValue] = []
    skipSpace()
    if byte == 0x5D {
      at += 1
      return elements
    }
    while true {
      skipSpace()
      elements.append(try value(depth: depth + 1))
      if try closes(0x5D, "expected ',' or ']'") { return elements }
    }
  }

  private mutating func closes(_ bracket: UInt8, _ what: String) throws(JSONFault) -> Bool {
    skipSpace()
    guard byte == 0x2C || byte == bracket else { throw fault(what) }
    at += 1
    return text[at - 1] == bracket
  }

  private mutating func literal(
    _ word: StaticString, _ kind: JSONValue.Kind
  ) throws(JSONFault) -> JSONValue.Kind {
    for index in 0..<word.utf8CodeUnitCount {
      guard byte == word.utf8Start[index] else { throw fault("expected a value") }
      at += 1
    }
    return kind
  }

  private mutating func number() throws(JSONFault) -> String {
    let start = at
    if byte == 0x2D { at += 1 }
    if byte == 0x30 {
      at += 1
    } else {
      try digits()
    }
    if byte == 0x2E {
      at += 1
      try digits()
    }
    if byte == 0x65 || byte == 0x45 {
      at += 1
      if byte == 0x2B || byte == 0x2D { at += 1 }
      try digits()
    }
    return String(decoding: text[start..<at], as: UTF8.self)
  }

  private mutating func digits() throws(JSONFault) {
    let start = at
    while let byte, byte >= 0x30 && byte <= 0x39 { at += 1 }
    guard at > start else { throw fault("expected a digit") }
  }

  private mutating func string() throws(JSONFault) -> String {
    at += 1
    var bytes: [UInt8] = []
    while let byte {
      switch byte {
      case 0x22:
        at += 1
        return String(decoding: bytes, as: UTF8.self)
      case 0x5C:
        at += 1
        try escape(into: &bytes)
      case 0..<0x20: throw fault("control character in a string")
      default:
        bytes.append(byte)
        at += 1
      }
    }
    throw fault("")
  }

  private mutating func escape(into bytes: inout [UInt8]) throws(JSONFault) {
    guard let byte else { throw fault("") }
    at += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: bytes.append(byte)
    case 0x62: bytes.append(8)
    case 0x66: bytes.append(12)
    case 0x6E: bytes.append(10)
    case 0x72: bytes.append(13)
    case 0x74: bytes.append(9)
    case 0x75: bytes += Array(String(try scalar()).utf8)
    default: throw JSONFault("invalid escape", at: at - 1)
    }
  }

  private mutating func scalar() throws(JSONFault) -> Character {
    let start = at
    let first = try fourHex()
    if first < 0xD800 || first > 0xDFFF, let scalar = Unicode.Scalar(first) { return Character(scalar) }
    guard first < 0xDC00, byte == 0x5C else { throw JSONFault("lone surrogate", at: start) }
    at += 1
    guard byte == 0x75 else { throw JSONFault("lone surrogate", at: start) }
    at += 1
    let second = try fourHex()
    guard second >= 0xDC00, second <= 0xDFFF,
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw JSONFault("lone surrogate", at: start) }
    return Character(scalar)
  }

  private mutating func fourHex() throws(JSONFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("invalid \\u escape")
      }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    return value
  }
}
