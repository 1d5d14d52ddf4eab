import Completeness
import Glibc
import Plumbing

/// Some whole lines of one input, and the facts that a reader makes of them.
///
/// It belongs to one thread at a time: to the one that fills and empties it, or to a reader. `ReaderPool` hands it over.
final class LineBlock: @unchecked Sendable {
  private struct Place {
    let offset: Int
    let count: Int
    let number: Int
  }

  /// Readable bytes behind the lines.
  private static let padding = 64

  private var text: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var used = 0
  private var lines: [Place] = []

  /// The name of the input.
  var input = ""
  /// Lines that are too long, and what the reader says.
  var facts = AuditFacts()
  /// The reader that made the facts.
  var reader = 0
  /// Whether the facts are there.
  var isRead = false

  /// Bytes of lines.
  var count: Int { used }

  init(capacity: Int) {
    self.capacity = capacity
    text = .allocate(capacity: capacity + Self.padding)
    text.initialize(repeating: 0x0A, count: capacity + Self.padding)
  }

  deinit { text.deallocate() }

  func clear(input: String) {
    self.input = input
    used = 0
    lines.removeAll(keepingCapacity: true)
    facts.removeAll()
    isRead = false
  }

  /// Adds a copy of a line.
  func append(_ line: Line) {
    if used + line.count + 1 > capacity { grow(line.count + 1) }
    memcpy(text + used, line.start, line.count)
    text[used + line.count] = 0x0A
    lines.append(Place(offset: used, count: line.count, number: line.number))
    used += line.count + 1
  }

  private func grow(_ more: Int) {
    let larger = max(capacity * 2, used + more)
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger + Self.padding)
    memory.initialize(repeating: 0x0A, count: larger + Self.padding)
    memcpy(memory, text, used)
    text.deallocate()
    text = memory
    capacity = larger
  }

  /// Makes facts of the lines.
  func read(by reader: inout FactReader, number: Int) {
    self.reader = number
    for line in lines { reader.take(text + line.offset, count: line.count, number: line.number, to: &facts) }
  }
}
