import JSONBytes

/// Why a state file is not taken.
public enum StateFault: Error, Equatable, Sendable {
  /// The file begins as one of another version.
  case otherForm
  /// It ends before its end.
  case cutOff
  /// Its bytes are not those that were written.
  case changed
  /// A line, from 1, is not that of a subject.
  case line(Int)

  /// What is wrong, for the log.
  public var text: String {
    switch self {
    case .otherForm: "is of another version of snap-guard"
    case .cutOff: "is cut off"
    case .changed: "was changed (its checksum is another)"
    case .line(let number): "has an odd line \(number)"
    }
  }
}

/// The memory as text: a head, a line for each subject (product, market, symbol, numbers), and an end with a checksum.
extension MarketJudge {
  private static let stateMark: StaticString = "{\"snap_guard_state\":"
  static let stateHead: StaticString = "{\"snap_guard_state\":1}\n"
  private static let stateEnd: StaticString = "{\"checksum\":"

  /// How many bytes tell a state, of any version, from other files.
  public static var markLength: Int { stateMark.utf8CodeUnitCount }

  /// Whether a file that begins with these bytes is a state, whole or not, of this version or another.
  public static func isState(_ beginning: [UInt8]) -> Bool { beginning.starts(with: "\(stateMark)".utf8) }

  /// Appends the memory.
  public func appendState(to out: inout ByteBuffer) {
    let start = out.count
    out.append(Self.stateHead)
    for index in 0..<subjects.count {
      let names = subjects.names(index)
      out.append(0x5B)
      for name in [names.product, names.market, names.symbol] {
        out.append(jsonString: name.bytes)
        out.append(0x2C)
      }
      var numbers = StateNumbers()
      var state = subjects.state(index).pointee
      state.pass(&numbers)
      for number in numbers.numbers {
        out.append(text: number.map { String($0) } ?? "null")
        out.append(0x2C)
      }
      out.truncate(to: out.count - 1)
      out.append("]\n")
    }
    let checksum = Words(start: out.start + start, count: out.count - start).hash()
    out.append(Self.stateEnd)
    out.append(text: String(checksum))
    out.append("}\n")
  }

  /// Takes the memory that `appendState` wrote; after a fault nothing is changed.
  public mutating func restore(_ bytes: [UInt8]) throws(StateFault) {
    let head = Array("\(Self.stateHead)".utf8)
    guard bytes.starts(with: head) else { throw .otherForm }
    guard bytes.last == 0x0A, let end = bytes.dropLast().lastIndex(of: 0x0A) else { throw .cutOff }
    guard let last = try? JSONValue.parse(Array(bytes[(end + 1)...].dropLast())),
      let checksum = last["checksum"]?.numberText
    else { throw .cutOff }
    let sum = bytes[...end].withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { Words(start: $0, count: buffer.count).hash() } ?? 0
    }
    guard checksum == String(sum) else { throw .changed }
    var table = SubjectTable(limit: subjects.limit)
    var number = 1
    for line in bytes[head.count..<(end + 1)].split(separator: 0x0A) {
      number += 1
      guard Self.take(Array(line), &table), table.count == number - 1 else { throw .line(number) }
    }
    subjects = table
  }

  /// Adds the subject of one line; false for anything else.
  private static func take(_ line: [UInt8], _ table: inout SubjectTable) -> Bool {
    guard let elements = (try? JSONValue.parse(line))?.elements, elements.count > 3 else { return false }
    let names = elements[..<3].compactMap { $0.string }
    guard names.count == 3 else { return false }
    var numbers: [Int128?] = []
    for element in elements[3...] {
      let number = element.numberText.flatMap { Int128($0) }
      if number == nil && !element.isNull { return false }
      numbers.append(number)
    }
    var reading = StateNumbers(reading: numbers)
    var state = SubjectState()
    state.pass(&reading)
    guard reading.isWhole, reading.isAtEnd, state.isPossible else { return false }
    let places = names.map { Array($0.utf8) }
    let index = places[0].withUnsafeBufferPointer { product in
      places[1].withUnsafeBufferPointer { market in
        places[2].withUnsafeBufferPointer { symbol in
          table.index(Words(product), Words(market), Words(symbol))
        }
      }
    }
    guard let index else { return false }
    table.state(index).pointee = state
    return true
  }
}

extension Words {
  fileprivate init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.init(start: bytes.baseAddress ?? Words("").start, count: bytes.count)
  }
}
