import JSONBytes
import Testing

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
