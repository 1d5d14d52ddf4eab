import Plumbing

/// `observer-health manual NAME [man|bash|zsh]`: the pages of the scripts, which cannot make them.
struct ManualCommand {
  let words: [String]

  func run() throws -> ExitStatus {
    var text: String
    if words == ["scripts"] {
      text = ScriptManual.scripts
    } else if let manual = ScriptManual.all.first(where: { $0.name == words.first }),
      let page = manual.page(named: words.count == 2 ? words[1] : nil)
    {
      text = page
    } else {
      let names = ScriptManual.all.map(\.name).joined(separator: ", ")
      throw ToolFailure(.usage, "manual takes one of \(names), and man, bash or zsh")
    }
    try text.withUTF8 { bytes throws in
      if let start = bytes.baseAddress { try StandardOutput.write(start, count: bytes.count) }
    }
    return .done
  }
}
