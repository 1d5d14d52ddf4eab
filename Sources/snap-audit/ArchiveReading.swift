import Completeness
import Inputs
import Plumbing

/// Takes inputs one after the other through readers into the audit. One reader works in place; several get copies of whole
/// lines, and what they find is taken in the order of the lines, so that the report is the same.
struct ArchiveReading: ~Copyable {
  private(set) var audit: Audit
  /// How the process ends: the first thing that went wrong, an input that cannot be read before bad lines.
  private(set) var status = ExitStatus.done
  private let maxLine: Int
  private let log: Log
  private let pool: ReaderPool?
  private var reader = FactReader()
  private var facts = AuditFacts()

  /// What is read at once, and given to a reader.
  private static let blockSize = 1 << 20

  init(_ audit: Audit, _ options: SnapAuditOptions, _ log: Log) throws(ToolFailure) {
    self.audit = audit
    self.log = log
    maxLine = options.maxLine
    pool = options.jobs > 1 ? try ReaderPool(readers: options.jobs, blockSize: 2 * Self.blockSize) : nil
  }

  /// Reads an input to its end. What cannot be read is named, and takes nothing else with it.
  mutating func read(_ input: Input) {
    do throws(InputFailure) {
      var stream = try input.open()
      var lines = LineReader(descriptor: stream.descriptor, maxLine: maxLine, blockSize: Self.blockSize)
      while try lines.fill(from: stream) { take(&lines, input.name) }
      // Where a stream was cut, what follows the last line feed is a part of a line only.
      try stream.finish()
      take(&lines, input.name)
    } catch {
      takeRest()
      log.error("\(error)")
      if status != .ioError { status = error.status }
    }
  }

  /// Takes what is still with readers, and settles what waited for a later line.
  mutating func finish() {
    takeRest()
    audit.finish()
  }

  private mutating func takeRest() { while takeNext() {} }

  private mutating func take(_ lines: inout LineReader, _ name: String) {
    guard let pool else {
      while let line = lines.next() {
        if line.tooLong > 0 {
          facts.refuse(line.number, Self.tooLong)
        } else if !line.isBlank {
          reader.take(line.start, count: line.count, number: line.number, to: &facts)
        }
      }
      take(facts, of: 0, name)
      facts.removeAll()
      return
    }
    while pool.free == nil { _ = takeNext() }
    guard let block = pool.free else { return }
    block.clear(input: name)
    while let line = lines.next() {
      if line.tooLong > 0 {
        block.facts.refuse(line.number, Self.tooLong)
      } else if !line.isBlank {
        block.append(line)
      }
    }
    pool.give()
  }

  private static let tooLong = "line too long"

  private mutating func takeNext() -> Bool {
    guard let block = pool?.next() else { return false }
    take(block.facts, of: block.reader, block.input)
    pool?.takeBack()
    return true
  }

  private mutating func take(_ facts: AuditFacts, of reader: Int, _ name: String) {
    audit.take(facts, of: reader)
    for line in facts.bad where named < Self.maxNamed {
      named += 1
      log.error("\(name):\(line.number): \(line.reason)")
    }
    if facts.badCount > 0, status == .done { status = .badData }
  }

  /// Bad lines that were named.
  private var named = 0
  /// Bad lines that are named, the others are counted.
  private static let maxNamed = 20
}
