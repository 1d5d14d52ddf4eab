import Glibc

/// What the caller gave to this process: its words and variables. They come as bytes and are kept as text, so that what
/// is not UTF-8 has to be refused: repaired, it would name another file.
public enum GivenText {
  /// The words of the command line, without the program's name.
  ///
  /// - Throws: `ToolFailure` 64, naming the first word that is not UTF-8.
  static func words() throws(ToolFailure) -> [String] {
    var words: [String] = []
    var place = CommandLine.unsafeArgv + 1
    while CommandLine.argc > 0, let word = place.pointee {
      guard let text = String(validatingCString: word) else {
        let shown = String(cString: word).quoted()
        throw ToolFailure(.usage, refusal("argument \(words.count + 1), \(shown),"))
      }
      words.append(text)
      place += 1
    }
    return words
  }

  /// Refuses variables of this project that are not UTF-8. Values are not shown: some are secrets.
  ///
  /// - Throws: `ToolFailure` 78, naming the variable.
  static func checkVariables() throws(ToolFailure) {
    var place = environ
    while let entry = place.pointee {
      place += 1
      guard String(validatingCString: entry) == nil else { continue }
      let name = String(String(cString: entry).prefix { $0 != "=" })
      if isOurs(name) { throw ToolFailure(.configuration, refusal(name)) }
    }
  }

  /// A variable's value as text. One of this project that is not UTF-8 counts as not set; in others it is repaired.
  static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(validatingCString: value) ?? (isOurs(name) ? nil : String(cString: value))
  }

  private static func isOurs(_ name: String) -> Bool {
    ["OBSERVER_", "QTS_", "KIS_"].contains { name.hasPrefix($0) }
  }

  /// What is said of a name that is not UTF-8, and the way out.
  public static func refusal(_ subject: String) -> String {
    "\(subject) is not UTF-8: rename it (convmv -f euc-kr -t utf-8), or give another"
  }
}
