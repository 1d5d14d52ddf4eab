import Plumbing

/// How far a data file was known to be on disk when the lock file was last written.
public struct DurableMark: Equatable, Sendable {
  /// File name in the archive's folder.
  public let name: String
  /// Bytes from the start that were synced.
  public let offset: Int64

  /// Makes a mark.
  public init(name: String, offset: Int64) {
    self.name = name
    self.offset = offset
  }
}

/// The data files that a power cut may have torn, as `observer.lock` lists them.
///
/// A file is on the list, and the list on disk, before the first byte goes into the file. So the list can be
/// believed that every other file is whole, but only while it says so itself, in its last line, with a checksum and
/// the number of the inode that it stands in: a list that is lost, torn, of an older version or copied from elsewhere
/// says nothing, and then every file is looked at.
struct OpenList: Equatable {
  /// Files written lately, the last one last.
  var marks: [DurableMark] = []
  /// The file that was used last and closed in order: the next start reads again what came behind that offset.
  var closed: DurableMark?
  /// Whether every file that is not in `marks` is known to be whole and on disk.
  var isComplete = false

  /// How many files are kept on the list: those that are open, and as many of those before them, which are opened
  /// again without another sync of the list (lines whose own time picks the window come late).
  static let limit = 16
  /// The list has this many bytes whatever it holds, so that a new one takes the old one's place: no room has to
  /// be found on a full disk, and no size changes behind the content.
  static let size = 4096

  /// The list that `text` holds, read from the inode `inode`.
  init(_ text: Substring, inode: UInt64) {
    let lines = text.split(separator: "\n").drop { $0.hasPrefix("pid ") }
    for line in lines {
      let words = line.split(separator: " ", maxSplits: 2)
      guard words.count == 3, let offset = Int64(words[1]), offset >= 0, !words[2].contains("/") else {
        continue
      }
      let mark = DurableMark(name: String(words[2]), offset: offset)
      if words[0] == "durable" { marks.append(mark) }
      if words[0] == "closed" { closed = mark }
    }
    // The last line but the blank rest.
    guard let last = lines.last(where: { $0.utf8.contains { $0 != 0x20 } }) else { return }
    let stated = text[..<last.startIndex]
    isComplete = last == Self.seal(stated, inode: inode)
  }

  init() {}

  /// What is written: who holds the lock, a line for each mark, and whether the others are clean.
  func text(pid: Int32, inode: UInt64) -> String {
    var text = "pid \(pid)\n"
    for mark in marks { text += "durable \(mark.offset) \(mark.name)\n" }
    if let closed { text += "closed \(closed.offset) \(closed.name)\n" }
    if isComplete { text += Self.seal(text[...], inode: inode) + "\n" }
    return text + String(repeating: " ", count: max(0, Self.size - text.utf8.count - 1)) + "\n"
  }

  private static func seal(_ text: Substring, inode: UInt64) -> String {
    // FNV-1a: it tells a torn list, not a forged one.
    let sum = text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return "others clean, inode \(inode), sum \(String(sum, radix: 16))"
  }

  /// How far a file was durable, if that is known.
  func offset(of name: String) -> Int64? {
    (marks.first { $0.name == name } ?? closed.flatMap { $0.name == name ? $0 : nil })?.offset
  }

  /// Puts a file on the list, or to its end; of those that are not `open`, what was closed longest ago goes.
  mutating func enter(_ mark: DurableMark, open: [String]) {
    marks.removeAll { $0.name == mark.name }
    if marks.count >= Self.limit, let oldest = marks.firstIndex(where: { !open.contains($0.name) }) {
      marks.remove(at: oldest)
    }
    marks.append(mark)
    if closed?.name == mark.name { closed = nil }
  }

  /// Notes how far listed files are durable by now.
  mutating func update(_ newer: [DurableMark]) {
    for mark in newer {
      if let index = marks.firstIndex(where: { $0.name == mark.name }) { marks[index] = mark }
    }
  }
}
