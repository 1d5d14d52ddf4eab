/// A parsed command line, with the environment beside it.
public struct Arguments: Sendable {
  /// What is not an option.
  public let operands: [String]
  /// Variables that stand in for options.
  public var environment: Environment
  private let given: [String: [String]]

  /// Parses GNU style: `--name value`, `--name=value`, `--` ends options. A lone `-` is an operand.
  ///
  /// - Throws: `ToolFailure` with status usage and one line for an unknown option (with the nearest known
  ///   one), a missing value, a value where none belongs, or one that the option's definition does not take.
  public init(
    _ words: [String], specs: [OptionSpec], environment: Environment = .process
  ) throws(ToolFailure) {
    var given: [String: [String]] = [:]
    var operands: [String] = []
    var at = 0
    while at < words.count {
      let word = words[at]
      at += 1
      if word == "--" {
        operands += words[at...]
        break
      }
      if word == "-h" { given["help", default: []].append("") }
      guard word.hasPrefix("--") else {
        if word.hasPrefix("-") && word != "-" && word != "-h" {
          throw ToolFailure(.usage, "unknown option \(word) (see --help)")
        }
        if word != "-h" { operands.append(word) }
        continue
      }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let spec = specs.first(where: { $0.name == name }) else {
        throw ToolFailure(.usage, Self.unknown(name, specs))
      }
      var value = parts.count > 1 ? String(parts[1]) : nil
      if spec.kind == nil {
        if value != nil { throw ToolFailure(.usage, "--\(name) takes no value") }
      } else if value == nil && !spec.isValueOptional {
        guard at < words.count else { throw ToolFailure(.usage, "--\(name) needs a value") }
        value = words[at]
        at += 1
      }
      if let value { try spec.check(value) }
      given[name, default: []].append(value ?? "")
    }
    self.given = given
    self.operands = operands
    self.environment = environment
  }

  /// The option's value, or its default.
  public subscript<Value>(option: Option<Value>) -> Value { option.read(given[option.spec.name] ?? []) }

  /// Whether the option was given.
  public func has(_ option: some CommandOption) -> Bool { given[option.spec.name] != nil }

  /// All values that were given, in order.
  public func values(_ option: some CommandOption) -> [String] { given[option.spec.name] ?? [] }

  /// The command line's value, else that of the option's variable.
  public func textOrVariable(_ option: Option<String?>) -> String? {
    self[option] ?? option.spec.variable.flatMap { environment[$0] }
  }

  /// The names of the options that were given.
  var names: [String] { given.keys.sorted() }

  /// Refuses operands, for tools that read stdin only.
  public func refuseOperands() throws(ToolFailure) {
    if let first = operands.first {
      throw ToolFailure(.usage, "unexpected argument '\(first)': input is read from standard input")
    }
  }

  private static func unknown(_ name: String, _ specs: [OptionSpec]) -> String {
    let ranked = specs.map { ($0.name, distance(name, $0.name)) }.min { $0.1 < $1.1 }
    if let (nearest, steps) = ranked, steps < 4 {
      return "unknown option --\(name); did you mean --\(nearest)? (see --help)"
    }
    return "unknown option --\(name) (see --help)"
  }

  /// Edit distance, for the suggestion.
  private static func distance(_ left: String, _ right: String) -> Int {
    let target = Array(right.utf8)
    var row = Array(0...target.count)
    for (line, byte) in left.utf8.enumerated() {
      var corner = row[0]
      row[0] = line + 1
      for column in target.indices {
        let step = min(row[column + 1] + 1, row[column] + 1, corner + (byte == target[column] ? 0 : 1))
        corner = row[column + 1]
        row[column + 1] = step
      }
    }
    return row[target.count]
  }
}
