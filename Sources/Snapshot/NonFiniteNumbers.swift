import Glibc

/// Where in a snapshot the numbers are that no finite double holds. Only looked for when there are some.
struct NonFiniteNumbers {
  /// How many, and the paths of the first ones, escaped as inside a JSON string.
  struct Finding {
    var count = 0
    var paths: [[UInt8]] = []
  }

  /// Paths that are listed at most.
  static let maxPaths = 50

  /// In `observation.inputs`, `.computed`, `.state`.
  private(set) var sections = [Finding](repeating: Finding(), count: 3)
  /// In the rest of the line.
  private(set) var elsewhere = Finding()

  private static let prefixes = ["observation.inputs", "observation.computed", "observation.state"].map {
    Array($0.utf8)
  }

  init() {}

  /// Looks through the whole line, which was scanned without a fault.
  init(in view: borrowing SnapshotView) {
    var walk = Walk(at: view.text, root: view.unwraps ? Array("snapshot.".utf8) : [])
    walk.value([], &self)
  }

  private mutating func note(_ path: [UInt8]) {
    for (index, prefix) in Self.prefixes.enumerated() where path.starts(with: prefix) {
      let next = path.count > prefix.count ? path[prefix.count] : 0x2E
      if next == 0x2E || next == 0x5B { return Self.add(path, to: &sections[index]) }
    }
    Self.add(path, to: &elsewhere)
  }

  private static func add(_ path: [UInt8], to finding: inout Finding) {
    finding.count += 1
    if finding.paths.count < maxPaths { finding.paths.append(path) }
  }

  /// A walk over text that is known to be well formed.
  private struct Walk {
    var at: UnsafePointer<UInt8>
    let root: [UInt8]

    mutating func value(_ path: [UInt8], _ found: inout NonFiniteNumbers) {
      skipSpace()
      switch at.pointee {
      case 0x7B: members(path, &found)
      case 0x5B: elements(path, &found)
      case 0x22: _ = string()
      default: scalar(path, &found)
      }
      skipSpace()
    }

    private mutating func members(_ path: [UInt8], _ found: inout NonFiniteNumbers) {
      at += 1
      skipSpace()
      while at.pointee != 0x7D {
        let name = string()
        skipSpace()
        at += 1
        value(path.isEmpty ? name : path + [0x2E] + name, &found)
        if at.pointee == 0x2C { at += 1 }
        skipSpace()
      }
      at += 1
    }

    private mutating func elements(_ path: [UInt8], _ found: inout NonFiniteNumbers) {
      at += 1
      skipSpace()
      var index = 0
      while at.pointee != 0x5D {
        value(path + Array("[\(index)]".utf8), &found)
        index += 1
        if at.pointee == 0x2C { at += 1 }
      }
      at += 1
    }

    private mutating func string() -> [UInt8] {
      let start = at + 1
      at += 1
      while at.pointee != 0x22 { at += at.pointee == 0x5C ? 2 : 1 }
      let content = Array(UnsafeBufferPointer(start: start, count: at - start))
      at += 1
      return content
    }

    private mutating func scalar(_ path: [UInt8], _ found: inout NonFiniteNumbers) {
      let first = at.pointee
      let start = at
      while !isDelimiter(at.pointee) { at += 1 }
      let isWord = first == 0x4E || first == 0x49 || (first == 0x2D && start[1] == 0x49)
      let isNumber = first == 0x2D || first &- 0x30 < 10
      let isHuge =
        isNumber && !isWord
        && start.withMemoryRebound(to: CChar.self, capacity: 1) { strtod($0, nil).isInfinite }
      if isWord || isHuge {
        found.note(path.starts(with: root) ? Array(path.dropFirst(root.count)) : path)
      }
    }

    private func isDelimiter(_ byte: UInt8) -> Bool {
      byte == 0x2C || byte == 0x7D || byte == 0x5D || byte <= 0x20
    }

    private mutating func skipSpace() {
      while at.pointee == 0x20 || at.pointee == 0x09 || at.pointee == 0x0D { at += 1 }
    }
  }
}
