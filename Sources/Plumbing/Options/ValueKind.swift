/// What values an option or a configuration key takes: how one is checked, and what a message says of it.
public enum ValueKind: Equatable, Sendable {
  /// Any string.
  case text
  /// The path of a file.
  case file
  /// The path of a folder.
  case folder
  /// One of a few words, whatever their case.
  case choice([String])
  /// `true` or `false`, or 1 and 0.
  case flag
  /// A whole number.
  case integer(ClosedRange<Int>)
  /// A number.
  case number(ClosedRange<Double>)
  /// Several of these words, separated by commas; any strings, and files in a completion, where there are none.
  case list([String])
  /// Text of a form that the words describe; the option's definition checks it.
  case form(String)

  /// The value as it is kept, nil when `text` cannot be one.
  public func accept(_ text: String) -> String? {
    switch self {
    case .text, .file, .folder, .form: return text
    case .list(let words):
      return words.isEmpty || text.split(separator: ",").allSatisfy { words.contains(String($0)) }
        ? text : nil
    case .choice(let words): return words.first { $0.lowercased() == text.lowercased() }
    case .flag:
      switch text {
      case "true", "1": return "true"
      case "false", "0": return "false"
      default: return nil
      }
    case .integer(let range): return Int(text).flatMap { range.contains($0) ? text : nil }
    case .number(let range): return Double(text).flatMap { range.contains($0) ? text : nil }
    }
  }

  /// What a value must be, for a message: "a whole number from 0 to 9".
  public var expectation: String {
    switch self {
    case .text: "a string"
    case .file: "a file"
    case .folder: "a folder"
    case .choice(let words): "one of " + words.joined(separator: ", ")
    case .flag: "true or false"
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      "a number from \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))"
    case .list(let words):
      words.isEmpty ? "an array of strings" : "a list of " + words.joined(separator: ", ")
    case .form(let words): words
    }
  }

  /// 1000, not 1000.0.
  private static func plain(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
