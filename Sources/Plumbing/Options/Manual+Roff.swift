/// Every program of the package, as manual pages refer to each other.
private let programs = [
  "observer", "observer-seal", "observer-prune", "observer-restore", "observer-export", "observer-report",
  "observer-spark", "observer-symbols", "kis-fetch",
  "snap-validate", "snap-guard", "snap-enrich", "jsonl-sink", "jsonl-verify", "snap-audit", "observer-health",
]

extension Manual {
  /// The manual page, for man(7)'s macros.
  public var manualPage: String {
    var page = ".TH \"\(name.uppercased().roff)\" 1 \"\" \"Observer \(Version.number)\" \"Observer manual\"\n"
    page += ".SH NAME\n\(name.roff) \\- \(summary.roff)\n.SH SYNOPSIS\n.nf\n"
    for line in usage { page += "\\fB\(invocation.roff)\\fR \(line.roff)\n" }
    page += ".fi\n.SH DESCRIPTION\n\(about.roff)\n"
    if !commands.isEmpty {
      page += ".SH COMMANDS\n"
      for command in commands {
        page += Self.entry("\\fB\(command.name.roff)\\fR", [command.meaning.sentence, command.detail])
      }
    }
    page += ".SH OPTIONS\n"
    for group in allGroups {
      if !group.title.isEmpty { page += ".SS \"\(group.title.roff)\"\n" }
      for spec in group.specs {
        page += Self.entry(spec.roffUsage, [spec.meaning.sentence, spec.roffDetail])
      }
    }
    for section in sections { page += Self.text(section) }
    let variables = specs.filter { $0.variable != nil }
    if !variables.isEmpty {
      page += ".SH ENVIRONMENT\n"
      for spec in variables {
        page += Self.entry("\\fB\((spec.variable ?? "").roff)\\fR", ["Stands in for --\(spec.name)."])
      }
    }
    page += ".SH \"EXIT STATUS\"\n"
    for (status, meaning) in statuses { page += Self.entry("\\fB\(status.code)\\fR", [meaning.sentence]) }
    if !otherStatus.isEmpty { page += ".PP\n\(otherStatus.sentence.roff)\n" }
    page += ".SH EXAMPLE\n\(example.note.sentence.roff)\n".replacingEmptyLine
    page += ".PP\n.nf\n.RS\n\(example.command.roff)\n.RE\n.fi\n"
    let others = programs.filter { $0 != name }.map { "\\fB\($0.roff)\\fR(1)" }
    return page + ".SH \"SEE ALSO\"\n\(others.joined(separator: ",\n"))\n"
  }

  private static func entry(_ title: String, _ sentences: [String]) -> String {
    ".TP\n\(title)\n" + sentences.filter { !$0.isEmpty }.map { $0.roff + "\n" }.joined()
  }

  private static func text(_ section: Section) -> String {
    var text = ".SH \"\(section.title.roff)\"\n"
    for (number, paragraph) in section.paragraphs.enumerated() {
      if paragraph.hasPrefix("  ") {
        text += ".PP\n.nf\n\(paragraph.roff)\n.fi\n"
      } else {
        text += (number == 0 ? "" : ".PP\n") + "\(paragraph.roff)\n"
      }
    }
    return text
  }
}

extension OptionSpec {
  fileprivate var roffUsage: String {
    let flag = "\\fB\("--\(name)".roff)\\fR"
    if isValueOptional { return "\(flag)[=\\fI\(word.roff)\\fR]" }
    return kind == nil ? flag : "\(flag) \\fI\(word.roff)\\fR"
  }

  fileprivate var roffDetail: String {
    var text = detail
    func add(_ sentence: String) { text += (text.isEmpty ? "" : " ") + sentence }
    switch kind {
    case .choice(let words)
    where word != words.joined(separator: "|") && !meaning.contains(words.joined(separator: ", ")):
      add("One of \(words.joined(separator: ", ")).")
    case .integer(let range) where range.upperBound < Int.max:
      add("From \(range.lowerBound) to \(range.upperBound).")
    case .number: add("It takes \(kind?.expectation ?? "").")
    default: break
    }
    if isRepeatable { add("It may be given several times.") }
    if let standard { add("The default is \(standard).") }
    return text
  }
}

extension String {
  /// As text of roff: nothing in it is a request or an escape, a dash can be copied.
  fileprivate var roff: String {
    var text = ""
    var isStart = true
    for letter in self {
      if isStart && (letter == "." || letter == "'") { text += "\\&" }
      isStart = letter == "\n"
      switch letter {
      case "\\": text += "\\e"
      case "-": text += "\\-"
      case "'": text += "\\(aq"
      case "`": text += "\\(ga"
      case "^": text += "\\(ha"
      case "~": text += "\\(ti"
      case "\"": text += "\\(dq"
      default: text.append(letter)
      }
    }
    return text
  }

  /// Without the empty line that an absent sentence leaves.
  fileprivate var replacingEmptyLine: String { hasSuffix("\n\n") ? String(dropLast()) : self }
}
