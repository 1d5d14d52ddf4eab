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

  @Test(arguments: [true, false]) func membersAreCounted(membersMatter: Bool) {
    var scanner = JSONScanner(membersMatter ? Self.shape() : Shape([.member("outer", Self.outer)]))
    for (object, count) in [
      ("{}", 0), ("{ }", 0), (#"{"a":1}"#, 1), (#"{"inner":{"x":1,"y":2,"z":3},"b":[{},{"a":1}]}"#, 2),
      (#"{"a":1,"a":2}"#, 2), (#"{"a":[1,2,{"b":3}],"b":{"c":{},"d":[]},"e":""}"#, 3),
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
