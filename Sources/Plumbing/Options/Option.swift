/// The one definition of an option: the parser, `--help`, the manual page and the shells' completions read it.
public struct OptionSpec: Sendable {
  /// Long name without the dashes.
  public let name: String
  /// What values it takes; nil: it is a flag.
  public let kind: ValueKind?
  /// What stands for the value in help: `FILE`, `pass|blocked|all`.
  public let word: String
  /// The default as text, nil where there is none.
  public let standard: String?
  /// The variable that stands in for it.
  public let variable: String?
  /// Whether each use counts, not only the last.
  public let isRepeatable: Bool
  /// Whether the value may be left out; then it follows a `=` only.
  public let isValueOptional: Bool
  /// What it does, in one line.
  public let meaning: String
  /// What else the manual page says, in whole sentences.
  public let detail: String
  /// Whether a value can be read, for a kind that cannot tell by itself.
  let isValid: @Sendable (String) -> Bool

  /// Makes a definition. Without a word for the value a choice shows its words.
  public init(
    _ name: String, _ kind: ValueKind?, word: String? = nil, standard: String? = nil, variable: String? = nil,
    isRepeatable: Bool = false, isValueOptional: Bool = false, _ meaning: String, detail: String = "",
    isValid: @escaping @Sendable (String) -> Bool = { _ in true }
  ) {
    self.name = name
    self.kind = kind
    if let word {
      self.word = word
    } else if case .choice(let words) = kind {
      self.word = words.joined(separator: "|")
    } else {
      self.word = kind == nil ? "" : "VALUE"
    }
    self.standard = standard
    self.variable = variable
    self.isRepeatable = isRepeatable
    self.isValueOptional = isValueOptional
    self.meaning = meaning
    self.detail = detail
    self.isValid = isValid
  }

  /// The same option where its manual page says something else of it.
  public init(_ other: OptionSpec, detail: String) {
    self.init(
      other.name, other.kind, word: other.word, standard: other.standard, variable: other.variable,
      isRepeatable: other.isRepeatable, isValueOptional: other.isValueOptional, other.meaning, detail: detail,
      isValid: other.isValid)
  }

  /// Checks a value from the command line.
  ///
  /// - Throws: `ToolFailure`, status usage: `--name takes …, not 'text'`.
  func check(_ text: String) throws(ToolFailure) {
    guard let kind, kind.accept(text) == nil || !isValid(text) else { return }
    throw ToolFailure(.usage, "--\(name) takes \(kind.expectation), not '\(text)'")
  }

  /// As help shows it: `--emit pass|blocked|all`.
  var usage: String {
    if isValueOptional { return "--\(name)[=\(word)]" }
    return kind == nil ? "--\(name)" : "--\(name) \(word)"
  }

  /// The meaning with default and variable behind it, as help shows it.
  var summary: String {
    let aside = [standard, variable].compactMap { $0 }.filter { !$0.isEmpty }
    return aside.isEmpty ? meaning : "\(meaning) (\(aside.joined(separator: "; ")))"
  }
}

/// What can stand in a tool's list of options.
public protocol CommandOption: Sendable {
  /// Its definition.
  var spec: OptionSpec { get }
}

extension OptionSpec: CommandOption {
  /// Itself.
  public var spec: OptionSpec { self }
}

/// An option whose value has a type: `arguments[option]` is that value, checked before anything is read.
public struct Option<Value: Sendable>: CommandOption {
  /// Its definition.
  public let spec: OptionSpec
  /// The value of the words that were given; none: the default.
  let read: @Sendable ([String]) -> Value
}

extension Option where Value == Bool {
  /// An option without a value.
  public static func flag(_ name: String, _ meaning: String, detail: String = "") -> Option {
    Option(spec: OptionSpec(name, nil, meaning, detail: detail)) { !$0.isEmpty }
  }
}

extension Option where Value == Int {
  /// A whole number with a default.
  public static func integer(
    _ name: String, _ word: String, in range: ClosedRange<Int>, default standard: Int, _ meaning: String,
    detail: String = ""
  ) -> Option {
    let spec = OptionSpec(
      name, .integer(range), word: word, standard: String(standard), meaning, detail: detail)
    return Option(spec: spec) { $0.last.flatMap { Int($0) } ?? standard }
  }

  /// `--max-line`: how long a line may be, in bytes, without its line feed.
  public static func maxLine(_ meaning: String) -> Option {
    integer("max-line", "BYTES", in: 64...(1 << 30), default: 16 << 20, meaning)
  }
}

extension Option where Value == Int? {
  /// A whole number, nil when it was not given.
  public static func integer(
    _ name: String, _ word: String, in range: ClosedRange<Int>, _ meaning: String, detail: String = ""
  ) -> Option {
    Option(spec: OptionSpec(name, .integer(range), word: word, meaning, detail: detail)) {
      $0.last.flatMap { Int($0) }
    }
  }
}

extension Option where Value == Double {
  /// A number with a default.
  public static func number(
    _ name: String, _ word: String, in range: ClosedRange<Double>, default standard: Double,
    _ meaning: String,
    detail: String = ""
  ) -> Option {
    let shown = Int(exactly: standard).map(String.init) ?? "\(standard)"
    let spec = OptionSpec(name, .number(range), word: word, standard: shown, meaning, detail: detail)
    return Option(spec: spec) { $0.last.flatMap { Double($0) } ?? standard }
  }
}

extension Option where Value == Double? {
  /// A number, nil when it was not given.
  public static func number(
    _ name: String, _ word: String, in range: ClosedRange<Double>, _ meaning: String, detail: String = ""
  ) -> Option {
    Option(spec: OptionSpec(name, .number(range), word: word, meaning, detail: detail)) {
      $0.last.flatMap { Double($0) }
    }
  }
}

extension Option where Value == String? {
  /// A string, nil when it was not given.
  public static func text(
    _ name: String, _ word: String, as kind: ValueKind = .text, standard: String? = nil,
    variable: String? = nil, _ meaning: String, detail: String = ""
  ) -> Option {
    let spec = OptionSpec(
      name, kind, word: word, standard: standard, variable: variable, meaning, detail: detail)
    return Option(spec: spec) { $0.last }
  }
}

extension Option where Value == [String] {
  /// A string that may be given several times.
  public static func texts(
    _ name: String, _ word: String, as kind: ValueKind = .text, _ meaning: String, detail: String = ""
  ) -> Option {
    let spec = OptionSpec(name, kind, word: word, isRepeatable: true, meaning, detail: detail)
    return Option(spec: spec) { $0 }
  }
}

extension Option where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of an enum's words, with a default.
  public static func choice(
    _ name: String, word: String? = nil, default standard: Value, _ meaning: String, detail: String = ""
  ) -> Option {
    let words = Value.allCases.map(\.rawValue)
    let spec = OptionSpec(
      name, .choice(words), word: word, standard: standard.rawValue, meaning, detail: detail)
    return Option(spec: spec) { Self.value($0) ?? standard }
  }

  /// The enum's case that was given.
  fileprivate static func value(_ given: [String]) -> Value? {
    ValueKind.choice(Value.allCases.map(\.rawValue)).accept(given.last ?? "").flatMap { Value(rawValue: $0) }
  }
}

extension Option {
  /// One of an enum's words, nil when it was not given.
  public static func choice<Choice>(
    _ name: String, word: String? = nil, _ meaning: String, detail: String = ""
  ) -> Option where Value == Choice?, Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
    let spec = OptionSpec(
      name, .choice(Choice.allCases.map(\.rawValue)), word: word, meaning, detail: detail)
    return Option(spec: spec) { Option<Choice>.value($0) }
  }

  /// A value of a form of its own, read by `read`; nil when it was not given. `expectation` ends the message
  /// `--name takes …`.
  public static func form<Form>(
    _ name: String, _ word: String, _ expectation: String, standard: String? = nil, _ meaning: String,
    detail: String = "", read: @escaping @Sendable (String) -> Form?
  ) -> Option where Value == Form? {
    let spec = OptionSpec(
      name, .form(expectation), word: word, standard: standard, meaning, detail: detail
    ) { read($0) != nil }
    return Option(spec: spec) { $0.last.flatMap(read) }
  }
}
