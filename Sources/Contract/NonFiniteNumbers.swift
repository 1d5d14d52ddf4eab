import Glibc

/// Where in a snapshot the numbers are that no finite double holds. Only looked for when there are some.
struct NonFiniteNumbers {
  /// How many, and the paths of the first ones, escaped as inside a JSON string.
  struct Finding {
    var count = 0
    var paths: [[UInt8]] = []
    var pathBytes = 0
  }

  /// Paths that are listed at most.
  static let maxPaths = 50
  /// Bytes that the listed paths may have together: names can be as long as the line.
  static let maxPathBytes = 1 << 16

  /// In `observation.inputs`, `.computed`, `.state`.
  private(set) var sections = [Finding](repeating: Finding(), count: 3)
  /// In the rest of the line.
  private(set) var elsewhere = Finding()

  init() {}

  /// Looks through the whole line, which was scanned without a fault. An observation that is no object has no
  /// sections, even if an earlier member of that name had some.
  init(in view: borrowing SnapshotView) {
    var walk = Walk(at: MemberWalk.afterSpace(view.text))
    let hasSections = view.isObject(Field.observation)
    walk.value(view.unwraps ? .record(hasSections) : .snapshot(hasSections), &self)
  }

  private mutating func note(_ path: [UInt8], _ place: Place) {
    if case .section(let index) = place {
      sections[index].count += 1
      Self.list(path, in: &sections[index])
    } else {
      elsewhere.count += 1
      Self.list(path, in: &elsewhere)
    }
  }

  private static func list(_ path: [UInt8], in finding: inout Finding) {
    guard finding.paths.count < maxPaths, finding.pathBytes + path.count <= maxPathBytes else { return }
    finding.paths.append(path)
    finding.pathBytes += path.count
  }

  /// What the value being looked at is. Decided by where it stands, not by how its path reads: a name may
  /// hold dots and brackets.
  private enum Place {
    case record(Bool), snapshot(Bool), observation, section(Int), other

    func member(_ name: UnsafeBufferPointer<UInt8>) -> Place {
      switch self {
      case .record(let sections): JSONSpelling.matches(name, "snapshot") ? .snapshot(sections) : .other
      case .snapshot(let sections):
        sections && JSONSpelling.matches(name, "observation") ? .observation : .other
      case .observation:
        ["inputs", "computed", "state"].firstIndex { JSONSpelling.matches(name, $0) }.map { .section($0) }
          ?? .other
      case .section, .other: self
      }
    }
  }

  /// A walk over text that is known to be well formed, with the path to where it stands.
  private struct Walk {
    var at: UnsafePointer<UInt8>
    var path: [UInt8] = []

    init(at: UnsafePointer<UInt8>) { self.at = at }

    mutating func value(_ place: Place, _ found: inout NonFiniteNumbers) {
      switch at.pointee {
      case 0x7B: members(place, &found)
      case 0x5B: elements(place, &found)
      case 0x22: at = MemberWalk.afterString(at)
      default: scalar(place, &found)
      }
      at = MemberWalk.afterSpace(at)
    }

    private mutating func members(_ place: Place, _ found: inout NonFiniteNumbers) {
      let length = path.count
      at = MemberWalk.afterSpace(at + 1)
      while at.pointee != 0x7D {
        let nameEnd = MemberWalk.afterString(at)
        let name = UnsafeBufferPointer(start: at, count: nameEnd - at)
        let inside = place.member(name)
        if case (.record, .snapshot) = (place, inside) {
          path.removeAll(keepingCapacity: true)
        } else {
          if !path.isEmpty { path.append(0x2E) }
          path.append(contentsOf: name[1..<name.count - 1])
        }
        at = MemberWalk.afterSpace(MemberWalk.afterSpace(nameEnd) + 1)
        value(inside, &found)
        path.removeSubrange(length...)
        if at.pointee == 0x2C { at = MemberWalk.afterSpace(at + 1) }
      }
      at += 1
    }

    private mutating func elements(_ place: Place, _ found: inout NonFiniteNumbers) {
      let length = path.count
      let inside: Place = if case .section = place { place } else { .other }
      at = MemberWalk.afterSpace(at + 1)
      var index = 0
      while at.pointee != 0x5D {
        path.append(contentsOf: "[\(index)]".utf8)
        value(inside, &found)
        path.removeSubrange(length...)
        index += 1
        if at.pointee == 0x2C { at = MemberWalk.afterSpace(at + 1) }
      }
      at += 1
    }

    private mutating func scalar(_ place: Place, _ found: inout NonFiniteNumbers) {
      let start = at
      at = MemberWalk.afterScalar(at)
      let first = start.pointee == 0x2D ? start[1] : start.pointee
      if first == 0x4E || first == 0x49 || (first &- 0x30 < 10 && overflows(start)) {
        found.note(path, place)
      }
    }

    private func overflows(_ number: UnsafePointer<UInt8>) -> Bool {
      number.withMemoryRebound(to: CChar.self, capacity: 1) { strtod($0, nil).isInfinite }
    }
  }
}
