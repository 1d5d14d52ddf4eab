extension Manual {
  /// Characters that a terminal's line has.
  static let width = 80

  /// What `--help` prints: usage, options, exit codes, an example; it fits a screen.
  public var help: String {
    var lines = usage.enumerated().map { ($0 == 0 ? "usage: " : "       ") + "\(invocation) \($1)" }
    lines += [""] + Self.wrapped(about, Self.width)
    if !commands.isEmpty {
      lines.append("")
      lines += Self.table(commands.map { ($0.name, $0.meaning) }, column: Self.column(commands.map(\.name)))
    }
    let column = Self.column(specs.map(\.usage))
    lines.append("")
    for group in allGroups {
      if !group.title.isEmpty { lines.append("\(group.title):") }
      lines += Self.table(group.specs.map { ($0.usage, $0.summary) }, column: column)
    }
    lines.append("")
    lines += Self.wrapped(exitText, Self.width)
    lines += [""] + exampleLines
    return lines.joined(separator: "\n") + "\n"
  }

  /// "Exit status: 0 done; 64 usage".
  private var exitText: String {
    let codes = statuses.map { "\($0.0.code) \($0.1)" } + (otherStatus.isEmpty ? [] : [otherStatus])
    return "Exit status: " + codes.joined(separator: "; ")
  }

  /// On one line where it fits.
  private var exampleLines: [String] {
    let short = "Example: \(example.command)"
    if example.note.isEmpty && !short.contains("\n") && short.count <= Self.width { return [short] }
    let head = example.note.isEmpty ? "Example:" : "Example: \(example.note)"
    return [head] + example.command.split(separator: "\n").map { "  \($0)" }
  }

  /// Where the second column begins: behind the longest first one that is not too long.
  private static func column(_ firsts: [String]) -> Int {
    (firsts.map(\.count).filter { $0 <= longestUsage }.max() ?? 0) + 4
  }

  private static let longestUsage = 22

  /// Two columns; a first one that is too long has a line of its own.
  private static func table(_ rows: [(String, String)], column: Int) -> [String] {
    rows.flatMap { (first, second) -> [String] in
      let text = wrapped(second, width - column).map { String(repeating: " ", count: column) + $0 }
      guard first.count + 4 <= column, let top = text.first else { return ["  " + first] + text }
      return ["  " + first + top.dropFirst(first.count + 2)] + text.dropFirst()
    }
  }

  /// Lines of at most `width` characters; a line end in the text stays one.
  static func wrapped(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var full = ""
      for word in line.split(separator: " ") {
        if !full.isEmpty && full.count + 1 + word.count > width {
          lines.append(full)
          full = ""
        }
        full += (full.isEmpty ? "" : " ") + word
      }
      lines.append(full)
    }
    return lines
  }
}

extension String {
  /// As a sentence: a capital in front, a full stop at the end.
  var sentence: String {
    guard let first, let last else { return "" }
    let isOpen = !".:!?".contains(last)
    return first.uppercased() + dropFirst() + (isOpen ? "." : "")
  }
}
