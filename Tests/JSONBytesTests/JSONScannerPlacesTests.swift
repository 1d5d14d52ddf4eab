import JSONBytes
import Testing

/// Where the scanner says members stand.
struct JSONScannerPlacesTests {
  private static let outer = 0, inner = 1, deepest = 2, long = 3, empty = 4, eight = 5, nine = 6

  private static func shape() -> Shape {
    Shape([
      .member("outer", outer, [.member("inner", inner, [.member("deepest", deepest)])]),
      .member("sixteen_bytes_xx", long), .member("", empty), .member("eightxxx", eight),
      .member("ninexxxxx", nine),
    ])
  }

  /// The value of a slot as text, nil where it is absent.
  private func values(_ text: String) -> [String?]? {
    var scanner = JSONScanner(Self.shape())
    guard Verdict.scan(Array(text.utf8), with: &scanner) == nil else { return nil }
    return (0...6).map { slot in
      guard scanner.count(of: slot) > 0 else { return nil }
      let place = scanner.place(of: slot)
      return String(decoding: Array(text.utf8)[Int(place.start)..<Int(place.end)], as: UTF8.self)
    }
  }

  struct Case: Sendable {
    let text: String
    let values: [String?]
  }

  @Test(arguments: [
    Case(text: "{}", values: [nil, nil, nil, nil, nil, nil, nil]),
    Case(
      text: #"{"outer":{"inner":{"deepest":-1.5e3}}}"#,
      values: [#"{"inner":{"deepest":-1.5e3}}"#, #"{"deepest":-1.5e3}"#, "-1.5e3", nil, nil, nil, nil]),
    Case(text: #"{ "outer" : [1] , "":"" }"#, values: ["[1]", nil, nil, nil, #""""#, nil, nil]),
    Case(text: #"{"inner":1,"deepest":2,"x":{"outer":3}}"#, values: [nil, nil, nil, nil, nil, nil, nil]),
    Case(
      text: #"{"sixteen_bytes_xx":1,"sixteen_bytes_xxx":2,"sixteen_bytes_x":3,"eightxx":4,"eightxxxx":5}"#,
      values: [nil, nil, nil, "1", nil, nil, nil]),
    Case(
      text: #"{"eightxxx":1,"ninexxxxx":2,"ninexxxx":3,"eightxxx ":4}"#,
      values: [nil, nil, nil, nil, nil, "1", "2"]),
    Case(
      text: #"{"\u006futer":{"inne\u0072":1}}"#, values: [#"{"inne\u0072":1}"#, "1", nil, nil, nil, nil, nil]),
    Case(
      text: #"{"outer\u0000":1,"\u0000":2,"oute\\r":3,"out\u00e9r":4}"#,
      values: [nil, nil, nil, nil, nil, nil, nil]),
    Case(
      text: #"{"outer":{"inner":1},"outer":{"inner":2}}"#,
      values: [#"{"inner":2}"#, "2", nil, nil, nil, nil, nil]),
    Case(text: #"{"outer":{"inner":{"deepest":1}},"outer":2}"#, values: ["2", nil, nil, nil, nil, nil, nil]),
    Case(
      text: #"{"outer":{"inner":{"deepest":1},"inner":null}}"#,
      values: [#"{"inner":{"deepest":1},"inner":null}"#, "null", nil, nil, nil, nil, nil]),
    Case(text: #"{"outer":[{"inner":1}]}"#, values: [#"[{"inner":1}]"#, nil, nil, nil, nil, nil, nil]),
  ])
  func found(_ aCase: Case) { #expect(values(aCase.text) == aCase.values) }

  @Test func countsAndDuplicates() {
    var scanner = JSONScanner(Self.shape())
    for (text, count, duplicates) in [
      ("{}", 0, false), (#"{"outer":1}"#, 1, false), (#"{"outer":1,"outer":2}"#, 2, true),
      (#"{"outer":1,"x":1,"x":1,"outer":1,"out\u0065r":2}"#, 2, true),
      (#"{"x":1,"x":2}"#, 0, false),
    ] {
      #expect(Verdict.scan(Array(text.utf8), with: &scanner) == nil)
      #expect(scanner.count(of: Self.outer) == count && scanner.hasDuplicates == duplicates, "\(text)")
    }
  }

  @Test func membersAreCounted() {
    var scanner = JSONScanner(Self.shape())
    for (object, count) in [
      ("{}", 0), ("{ }", 0), (#"{"a":1}"#, 1), (#"{"inner":{"x":1,"y":2,"z":3},"b":[{},{"a":1}]}"#, 2),
      (#"{"a":1,"a":2}"#, 2),
    ] {
      #expect(Verdict.scan(Array(#"{"outer":\#(object),"x":{"a":1}}"#.utf8), with: &scanner) == nil)
      #expect(Int(scanner.place(of: Self.outer).members) == count, "\(object)")
    }
  }

  /// A text that is refused leaves nothing behind.
  @Test func nothingIsCarriedOver() {
    var scanner = JSONScanner(Self.shape())
    #expect(Verdict.scan(Array(#"{"outer":NaN,"outer":1,"#.utf8), with: &scanner) != nil)
    #expect(Verdict.scan(Array(#"{"x":1}"#.utf8), with: &scanner) == nil)
    #expect(
      scanner.count(of: Self.outer) == 0 && scanner.nonFinite == 0 && !scanner.hasDuplicates
        && !scanner.hasFailed)
  }

  /// Names of every length up to the longest, one byte changed at every place: only the same name is found.
  @Test func similarNames() {
    let names: [StaticString] = [
      "a", "ab", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghijklmno", "abcdefghijklmnop",
    ]
    var scanner = JSONScanner(Shape(names.enumerated().map { .member($1, $0) }))
    for (index, name) in names.enumerated() {
      let bytes = Array(String(describing: name).utf8)
      #expect(Verdict.scan(Array("{\"".utf8) + bytes + Array("\":1}".utf8), with: &scanner) == nil)
      #expect(
        (0..<names.count).map { scanner.count(of: $0) } == (0..<names.count).map { $0 == index ? 1 : 0 })
      for position in bytes.indices {
        var other = bytes
        other[position] = 0x7A
        #expect(Verdict.scan(Array("{\"".utf8) + other + Array("\":1}".utf8), with: &scanner) == nil)
        #expect((0..<names.count).allSatisfy { scanner.count(of: $0) == 0 }, "\(name) at \(position)")
      }
    }
  }
}

/// What the parser makes of a text.
struct JSONValueTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

  @Test func values() throws {
    let value = try parse(#" {"a":[1,-2.50,true,null,"x\n\u00e9\ud83d\ude00\/"],"b":{},"a":{"c":1e3}} "#)
    #expect(value["a"]?["c"]?.numberText == "1e3")
    #expect(value["a"]?["c"]?.double == 1000)
    #expect(value["a"]?["c"]?.integer == nil)
    #expect(value.members?.map(\.name) == ["a", "b", "a"])
    let elements = try #require(value.members?[0].value.elements)
    #expect(
      elements[0].integer == 1 && elements[1].numberText == "-2.50" && elements[2].bool == true
        && elements[3].isNull)
    #expect(elements[4].string == "x\né😀/")
    #expect(value["x"] == nil && value["b"]?.members?.isEmpty == true)
    #expect(value["b"]?["x"] == nil && elements[0]["x"] == nil)
  }

  @Test func ranges() throws {
    let text = #" {"key" : [ 10 , "é" ] } "#
    let value = try parse(text)
    let bytes = Array(text.utf8)
    func words(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    #expect(words(value.range) == #"{"key" : [ 10 , "é" ] }"#)
    let member = try #require(value.members?.first)
    #expect(words(member.nameRange) == #""key""# && words(member.value.range) == #"[ 10 , "é" ]"#)
    #expect(member.value.elements?.map { words($0.range) } == ["10", #""é""#])
  }

  /// Line breaks are white space here: configuration files have them.
  @Test func manyLines() throws { #expect(try parse("{\r\n\t\"a\":\n1\n}\n")["a"]?.integer == 1) }

  @Test(arguments: [
    ("", "unexpected end", 0), ("{", "unexpected end", 1), (#"{"a":tru}"#, "expected a value", 8),
    ("[1,]", "expected a value", 3),
    (#"{"a" 1}"#, "expected ':'", 5), (#"{"a":1 2}"#, "expected ',' or '}'", 7),
    ("[1 2]", "expected ',' or ']'", 3), ("1 2", "text after the value", 2),
    (#""\x""#, "invalid escape", 2), (#""\ud800""#, "lone surrogate", 3),
    ("\"\u{1}\"", "control character in a string", 1), ("[[[]]]", "nested deeper than 2", 2),
  ])
  func faults(text: String, what: String, offset: Int) {
    #expect(throws: JSONFault(what, at: offset)) {
      try JSONValue.parse(Array(text.utf8), maxDepth: text.hasPrefix("[[[") ? 2 : 64)
    }
  }

  @Test func invalidUTF8() {
    #expect(throws: JSONFault("invalid UTF-8", at: 2)) { try JSONValue.parse([0x22, 0x61, 0xC3, 0x22]) }
  }
}

/// The output buffer and what is written into it.
struct ByteBufferTests {
  @Test func decimals() {
    var values = [0, 1, 9, 10, 11, 99, 100, 12345, Int.max, Int.min, Int.min + 1, -1, -9, -10, -99, -100]
    var power = 1
    while power <= Int.max / 10 {
      power *= 10
      values += [power, power - 1, power + 1, -power, 1 - power]
    }
    for value in values {
      var buffer = ByteBuffer(capacity: 64)
      buffer.append(decimal: value)
      #expect(buffer.text == "\(value)")
    }
  }

  @Test func strings() throws {
    let text =
      String(String.UnicodeScalarView((0..<0x200).compactMap { Unicode.Scalar($0) })) + "한😀\u{2028}\u{10FFFF}"
    var buffer = ByteBuffer()
    buffer.append(jsonString: text)
    #expect(try JSONValue.parse(buffer.bytes).string == text)
    #expect(buffer.bytes.allSatisfy { $0 >= 0x20 })
    var short = ByteBuffer()
    short.append(jsonString: "\"\\\n\r\t\u{1}\u{1F}/\u{7F}")
    #expect(short.text == #""\"\\\n\r\t\u0001\u001f/"# + "\u{7F}\"")
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func base64(text: String, wanted: String) {
    var buffer = ByteBuffer()
    Array(text.utf8).withUnsafeBufferPointer { buffer.append(base64: $0) }
    #expect(buffer.text == wanted)
  }

  @Test func base64OfEveryByte() {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    for byte in UInt8.min...UInt8.max {
      var buffer = ByteBuffer()
      [byte, 0, byte].withUnsafeBufferPointer { buffer.append(base64: $0) }
      #expect(
        Array(buffer.bytes) == [
          letters[Int(byte >> 2)], letters[Int(byte & 3) << 4], letters[Int(byte >> 6)],
          letters[Int(byte & 63)],
        ])
    }
  }

  @Test func growsAndKeeps() {
    var buffer = ByteBuffer(capacity: 0)
    var wanted: [UInt8] = []
    for index in 0..<1000 {
      let part = Array(repeating: UInt8(truncatingIfNeeded: index), count: index % 7)
      buffer.append(part)
      buffer.append(UInt8(truncatingIfNeeded: index))
      wanted += part + [UInt8(truncatingIfNeeded: index)]
    }
    #expect(Array(buffer.bytes) == wanted)
    buffer.truncate(to: 10)
    #expect(Array(buffer.bytes) == Array(wanted[..<10]))
    buffer.removeAll()
    let isEmpty = buffer.isEmpty
    #expect(isEmpty)
    try? buffer.append(upTo: 5) { (target: UnsafeMutablePointer<UInt8>) throws(JSONFault) -> Int in
      target[0] = 0x41
      return 1
    }
    #expect(buffer.text == "A")
  }
}
