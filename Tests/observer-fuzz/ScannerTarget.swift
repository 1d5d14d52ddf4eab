import Glibc

@testable import JSONBytes

/// A scanner that has seen thousands of lines, and learned their skeletons, against one that has seen none; and
/// both against the parser that builds values.
final class ScannerTarget: FuzzTarget {
  private var warm = JSONScanner(ScannerTarget.shape())
  private var cold = JSONScanner(ScannerTarget.shape())
  private var executions = 0
  let room = JSONScanner.padding

  private static func shape() -> Shape {
    let meta: [Shape.Field] = [
      .member("timestamp", 3), .member("timestamp_ms", 4), .member("run_id", 5),
      .member("observer_version", 6),
    ]
    let inputs: [Shape.Field] = [.member("price", 10), .member("volume", 11)]
    let members: [Shape.Field] = [
      .member("meta", 0, meta), .member("context", 1, [.member("symbol", 7), .member("stage", 8)]),
      .member(
        "observation", 2, [.member("inputs", 9, inputs), .member("computed", 12), .member("state", 13)]),
    ]
    return Shape(
      members + [.member("snapshot", 14, [.member("meta", 15, [.member("run_id", 16)])]), .member("a", 17)])
  }

  func prepare(_ input: inout Input) {
    for index in 0..<input.count where input.start[index] == 0x0A { input.start[index] = 0x20 }
  }

  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    let count = input.count
    input.start[count] = 0x0A
    // What stands behind the line is the next line in the reader's memory: anything.
    for index in 1..<room { input.start[count + index] = UInt8(truncatingIfNeeded: random.next()) }
    cold.choice = SkeletonChoice()
    let isGood = warm.scan(input.start, count: count)
    guard isGood == cold.scan(input.start, count: count) else {
      throw Broken(
        "warm says \(isGood), cold \(!isGood): \(isGood ? cold.fault(count: count).text : warm.fault(count: count).text)"
      )
    }
    executions += 1
    var kind = Kind()
    if isGood { try compare(input.start, &kind) } else { try compareFaults(count, &kind) }
    if executions % 16 == 0 { try compareWithParser(input, isGood) }
    return kind.value
  }

  private func compare(_ text: UnsafePointer<UInt8>, _ kind: inout Kind) throws(Broken) {
    guard warm.start == cold.start, warm.end == cold.end else { throw Broken("extent differs") }
    guard warm.nonFinite == cold.nonFinite else {
      throw Broken("non-finite: \(warm.nonFinite), \(cold.nonFinite)")
    }
    guard warm.hasDuplicates == cold.hasDuplicates else { throw Broken("duplicates differ") }
    kind.add(min(warm.nonFinite, 3))
    kind.add(warm.hasDuplicates ? 1 : 0)
    for slot in 0..<18 {
      guard warm.count(of: slot) == cold.count(of: slot) else { throw Broken("count of slot \(slot)") }
      kind.add(warm.count(of: slot))
      guard warm.count(of: slot) > 0 else { continue }
      let (left, right) = (warm.place(of: slot), cold.place(of: slot))
      guard left.name == right.name, left.start == right.start, left.end == right.end else {
        throw Broken("place of slot \(slot): \(left), \(right)")
      }
      let first = text[Int(left.start)]
      kind.add(Int(first == 0x7B ? 1 : first == 0x22 ? 2 : first == 0x5B ? 3 : first > 0x60 ? 4 : 5))
      if first == 0x7B && left.members != right.members { throw Broken("members of slot \(slot)") }
    }
  }

  private func compareFaults(_ count: Int, _ kind: inout Kind) throws(Broken) {
    let (left, right) = (warm.fault(count: count).text, cold.fault(count: count).text)
    guard left == right else { throw Broken("faults: \(left) / \(right)") }
    kind.add(words: left)
  }

  private func compareWithParser(_ input: borrowing Input, _ isGood: Bool) throws(Broken) {
    let text = Array(input.bytes)
    do {
      let value = try JSONValue.parse(text, maxDepth: JSONScanner.maxDepth)
      guard isGood == (value.members != nil) else {
        throw Broken(
          "the parser takes it, the scanner says \(isGood ? "good" : cold.fault(count: text.count).text)")
      }
    } catch let broken as Broken {
      throw broken
    } catch let fault as JSONFault {
      if isGood && cold.nonFinite == 0 { throw Broken("the scanner takes it, the parser says \(fault.what)") }
    } catch {
      throw Broken("\(error)")
    }
  }
}

/// The parser that builds values: ranges lie inside one another, and a value parsed again is the same.
final class ValueTarget: FuzzTarget {
  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    let text = Array(input.bytes)
    var kind = Kind()
    do {
      let value = try JSONValue.parse(text)
      try check(value, text, 0..<text.count, &kind)
    } catch let fault as JSONFault {
      guard fault.offset >= 0 && fault.offset <= text.count else { throw Broken("offset \(fault.offset)") }
      kind.add(words: fault.what)
    } catch let broken as Broken {
      throw broken
    } catch {
      throw Broken("\(error)")
    }
    return kind.value
  }

  private func check(
    _ value: JSONValue, _ text: [UInt8], _ outer: Range<Int>, _ kind: inout Kind
  ) throws(Broken) {
    guard value.range.lowerBound >= outer.lowerBound, value.range.upperBound <= outer.upperBound,
      !value.range.isEmpty
    else { throw Broken("range \(value.range) in \(outer)") }
    switch value.kind {
    case .object(let members):
      kind.add(min(members.count, 3))
      for member in members { try check(member.value, text, value.range, &kind) }
    case .array(let elements):
      kind.add(8 + min(elements.count, 3))
      for element in elements { try check(element, text, value.range, &kind) }
    case .number(let written):
      kind.add(16)
      guard written.utf8.elementsEqual(text[value.range]) else { throw Broken("number \(written)") }
      guard Double(written) != nil else { throw Broken("number \(written) is no double") }
    case .string(let string):
      var again = ByteBuffer()
      again.append(jsonString: string)
      guard let back = try? JSONValue.parse(again.bytes).string, back == string else {
        throw Broken("string")
      }
      kind.add(17 + min(string.utf8.count, 3))
    case .bool: kind.add(24)
    case .null: kind.add(25)
    }
  }
}
