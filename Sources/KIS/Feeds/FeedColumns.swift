/// The fields of a real-time record in index order, under the exchange's own names, each with its kind.
///
/// Written as one text: `NAME` or `NAME:kind` (`FieldKind`), `NAME[1-10]:kind` for NAME1 to NAME10.
struct FeedColumns: Sendable {
  /// Names by index.
  let names: [String]
  private let kinds: [FieldKind]

  /// Reads the text; `plain` is the kind of a column that names none.
  init(_ text: String, plain: FieldKind = .number) {
    var names: [String] = []
    var kinds: [FieldKind] = []
    for word in text.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x0A }) {
      let colon = word.firstIndex(of: UInt8(ascii: ":")) ?? word.endIndex
      let kind =
        colon == word.endIndex
        ? plain : word[colon...].dropFirst().first.flatMap { FieldKind(rawValue: $0) }
      guard let kind else { preconditionFailure("\(Substring(word)): no such kind") }
      let added = Self.expanded(Substring(word[..<colon]))
      names += added
      kinds += Array(repeating: kind, count: added.count)
    }
    self.names = names
    self.kinds = kinds
  }

  /// How field `index` is to be read; fields after the known ones are text.
  func kind(_ index: Int) -> FieldKind { index < kinds.count ? kinds[index] : .text }

  /// Whether the column of this name is a whole number in every archive.
  func isWhole(_ name: String) -> Bool { kind(self[name]) == .integer }

  /// What stands in `raw` for field `index`: the exchange's name in lower case, `f47` for what is not known.
  func rawName(_ index: Int) -> String { index < names.count ? names[index].lowercased() : "f\(index)" }

  /// The column of this name, which must be there.
  subscript(_ name: String) -> Int {
    guard let index = names.firstIndex(of: name) else { preconditionFailure("no column \(name)") }
    return index
  }

  private static func expanded(_ word: Substring) -> [String] {
    guard word.utf8.last == UInt8(ascii: "]"), let open = word.firstIndex(of: "["),
      let dash = word.lastIndex(of: "-"),
      let first = Int(word[word.index(after: open)..<dash]),
      let last = Int(word[word.index(after: dash)...].dropLast())
    else { return [String(word)] }
    return (first...last).map { "\(word[..<open])\($0)" }
  }
}
