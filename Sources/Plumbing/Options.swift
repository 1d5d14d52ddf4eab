import Glibc

/// One command line option.
public struct OptionSpec: Sendable {
  /// Long name without the dashes.
  public let name: String
  /// Whether it takes a value (`--name value` or `--name=value`).
  public let takesValue: Bool

  /// An option with a value.
  public static func value(_ name: String) -> OptionSpec { OptionSpec(name: name, takesValue: true) }
  /// An option without one.
  public static func flag(_ name: String) -> OptionSpec { OptionSpec(name: name, takesValue: false) }
  /// What every tool understands.
  public static let common: [OptionSpec] = [
    .flag("help"), .flag("version"), .value("log-level"), .value("log-format"),
  ]
}

/// Variables of the environment. An empty variable counts as not set.
public struct Environment: Sendable {
  private let lookUp: @Sendable (String) -> String?

  /// The process's own environment.
  public static let process = Environment { name in
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return meant(String(cString: value))
  }

  /// What was meant by a value: docker's `--env-file` keeps the quotes around it, a file from Windows leaves a CR.
  static func meant(_ value: String) -> String {
    var value = Substring(value)
    while value.utf8.last == 0x0D { value = value.dropLast() }
    if value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote {
      value = value.dropFirst().dropLast()
    }
    return String(value)
  }

  /// All variables of the process.
  static var processVariables: [(name: String, value: String)] {
    var found: [(name: String, value: String)] = []
    var place = environ
    while let entry = place.pointee {
      let words = String(cString: entry).split(separator: "=", maxSplits: 1)
      if words.count == 2 { found.append((String(words[0]), String(words[1]))) }
      place += 1
    }
    return found
  }

  /// An environment for a test, or one with stand-ins.
  public init(_ lookUp: @escaping @Sendable (String) -> String?) { self.lookUp = lookUp }

  /// The value of `name`, nil when absent or empty.
  public subscript(name: String) -> String? {
    guard let value = lookUp(name), !value.isEmpty else { return nil }
    return value
  }
}

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
  ///   one), a missing value, or a value where none belongs.
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
      if !spec.takesValue {
        if parts.count > 1 { throw ToolFailure(.usage, "--\(name) takes no value") }
        given[name, default: []].append("")
      } else if parts.count > 1 {
        given[name, default: []].append(String(parts[1]))
      } else if at < words.count {
        given[name, default: []].append(words[at])
        at += 1
      } else {
        throw ToolFailure(.usage, "--\(name) needs a value")
      }
    }
    self.given = given
    self.operands = operands
    self.environment = environment
  }

  /// Whether a flag was given.
  public func flag(_ name: String) -> Bool { given[name] != nil }

  /// The last value given on the command line.
  public func value(_ name: String) -> String? { given[name]?.last }

  /// All values of a repeatable option, in order.
  public func values(_ name: String) -> [String] { given[name] ?? [] }

  /// The command line's value, else the variable's.
  public func value(_ name: String, or variable: String) -> String? { value(name) ?? environment[variable] }

  /// A whole number within `range`.
  public func integer(
    _ name: String, in range: ClosedRange<Int>, default fallback: Int
  ) throws(ToolFailure) -> Int {
    guard let text = value(name) else { return fallback }
    guard let number = Int(text), range.contains(number) else {
      throw ToolFailure(
        .usage,
        "--\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return number
  }

  /// One of a few words.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, default fallback: Choice
  ) throws(ToolFailure) -> Choice where Choice.RawValue == String {
    guard let text = value(name) else { return fallback }
    guard let choice = Choice(rawValue: text) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw ToolFailure(.usage, "--\(name) takes one of \(known), not '\(text)'")
    }
    return choice
  }

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
