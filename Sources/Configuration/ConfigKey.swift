import Plumbing

/// One key of the configuration: the single place that knows its type, default and meaning, the option and the
/// variable that say the same.
public struct ConfigKey: Sendable {
  /// Dotted path in the file: `rotation.window_ms`.
  public let name: String
  /// What values it takes.
  public let kind: ValueKind
  /// The built-in default as text (a list: separated by commas); nil where nothing is the default.
  public let standard: String?
  /// The option that says the same: its name and the word for its value.
  public let option: (name: String, word: String)?
  /// The variable that says the same.
  public let variable: String?
  /// What it decides, in one line.
  public let meaning: String
  /// What else the manual page says.
  public let detail: String

  init(
    _ name: String, _ kind: ValueKind, _ standard: String?, option: (name: String, word: String)? = nil,
    variable: String? = nil, _ meaning: String, detail: String = ""
  ) {
    self.name = name
    self.kind = kind
    self.standard = standard
    self.option = option
    self.variable = variable
    self.meaning = meaning
    self.detail = detail
  }
}

extension ConfigKey: CommandOption {
  /// The key as an option of a tool; its value is read from `Settings`, which knows variables and file too.
  public var spec: OptionSpec {
    guard let option else { preconditionFailure("\(name) has no option") }
    var isRepeatable = false
    if case .list = kind { isRepeatable = true }
    return OptionSpec(
      option.name, kind, word: option.word.isEmpty ? nil : option.word, standard: standard,
      variable: variable,
      isRepeatable: isRepeatable, meaning, detail: detail)
  }
}
