import Glibc

/// Variables of the environment. An empty variable counts as not set.
public struct Environment: Sendable {
  private let lookUp: @Sendable (String) -> String?

  /// The process's own environment.
  public static let process = Environment { name in GivenText.variable(name).map(meant) }

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
