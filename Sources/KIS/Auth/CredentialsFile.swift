import Glibc
import JSONBytes
import Plumbing

/// A file of variables (`--credentials FILE`): credentials, and what belongs to the service that they are for.
///
/// Only its owner can read it. The variables of `served` stand in for those that the environment does not set.
public struct CredentialsFile: Sendable {
  /// Where it is.
  public let path: String
  private let content: VariableText

  private static let sizeLimit = 64 << 10

  /// Variables that count when they stand here, besides the credentials: those of `config/observer.env.example`.
  public static let served = [
    "KIS_REST_URL", "KIS_WS_URL", "KIS_TOKEN_CACHE_DIR", "OBSERVER_MODE", "OBSERVER_LOG_LEVEL",
    "OBSERVER_LOG_FORMAT", "QTS_OBSERVER_STANDALONE",
  ]

  /// Reads a file, or a pipe to its end.
  ///
  /// - Throws: `ToolFailure` with status refused: it cannot be read, others can read it, or it holds no credentials.
  public init(path: String) throws(ToolFailure) {
    let bytes = try Self.privateContent(of: path)
    do {
      content = try VariableText(bytes)
    } catch {
      throw ToolFailure(.refused, "\(path) is not valid JSON: \(error.what) at byte \(error.offset)")
    }
    self.path = path
  }

  /// The value of a variable, nil when it is not given or empty.
  public subscript(name: String) -> String? { content.values[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// `environment`, with the served variables of this file for those that it does not set.
  public func standingIn(for environment: Environment) -> Environment {
    let given = content.values.filter { Self.served.contains($0.key) }
    return Environment { environment[$0] ?? given[$0] }
  }

  /// What stands here and does not count, a line each; names only, never a value.
  public func warnings(_ environment: Environment) -> [String] {
    let known = Credentials.keyNames + Credentials.secretNames + Self.served
    let these = "these are: \(known.joined(separator: ", "))"
    let names = content.values.filter { !$0.value.isEmpty }.keys.sorted()
    var warnings = names.filter { !known.contains($0) }.map { name in
      "\(path), line \(content.lines[name] ?? 1): \(name) is not read from a credentials file; \(these)."
        + " Set others in the environment (set -a; . FILE; set +a)"
    }
    for name in names where Self.served.contains(name) {
      guard let other = environment[name], other != self[name] else { continue }
      warnings.append("\(path): \(name) does not count: the environment has another")
    }
    let odd = content.oddLines
    if !odd.isEmpty {
      let places = odd.prefix(5).map(String.init).joined(separator: ", ") + (odd.count > 5 ? ", …" : "")
      warnings.append("\(path), line \(places): no NAME=value with a name that is read from here; \(these)")
    }
    return warnings
  }

  private static func privateContent(of file: String) throws(ToolFailure) -> [UInt8] {
    do {
      // Non-blocking: a named pipe without a writer is empty, not a wait.
      let descriptor = try System.open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY)
      defer { close(descriptor) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw SystemError("examine \(file)") }
      if let kind = FileKind(mode: status.st_mode), kind != .fifo {
        throw ToolFailure(.refused, "--credentials \(file): it is \(kind.rawValue), not a file of variables")
      }
      // The opened file is examined, so a symbolic link is judged by what it leads to.
      if status.st_mode & 0o077 != 0 {
        throw ToolFailure(
          .refused, "\(file) can be read or written by others; run: chmod 600 '\(file)'",
          cause: .credentialsExposed)
      }
      if status.st_uid != geteuid() && status.st_uid != 0 {
        throw ToolFailure(
          .refused, "\(file) belongs to another user (uid \(status.st_uid))", cause: .credentialsForeign)
      }
      if let content = try SmallFile.bytes(descriptor, limit: sizeLimit, name: file) { return content }
      throw ToolFailure(.refused, "\(file) is larger than 64 KiB: not a credentials file")
    } catch let failure as ToolFailure {
      throw failure
    } catch {
      throw ToolFailure(.refused, "credentials file: \(error)")
    }
  }
}

/// Variables as people write them: `NAME=value` lines as a shell, docker or systemd reads them, or one JSON object.
///
/// A byte order mark, CR before LF, `export`, comments, and one pair of quotes around a value are understood.
struct VariableText: Equatable, Sendable {
  /// Values by name; of a name that is given twice the last one. No quotes around them.
  private(set) var values: [String: String] = [:]
  /// Numbers, from 1, of the lines that give them.
  private(set) var lines: [String: Int] = [:]
  /// Numbers, from 1, of lines that give no variable.
  private(set) var oddLines: [Int] = []

  /// Reads a text.
  ///
  /// - Throws: what is wrong, when it begins like JSON.
  init(_ bytes: [UInt8]) throws(JSONFault) {
    let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    let first = bytes.first { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }
    if first == 0x7B {
      for member in try JSONValue.parse(bytes).members ?? [] {
        let line = 1 + bytes[..<member.value.range.lowerBound].count { $0 == 0x0A }
        set(member.name, Self.text(member.value), line: line)
      }
    } else {
      readLines(bytes)
    }
  }

  /// A value of another type is kept as a placeholder, so that it is reported.
  private static func text(_ value: JSONValue) -> String {
    value.isNull ? "" : value.string ?? value.numberText ?? value.bool.map { $0 ? "true" : "false" } ?? "…"
  }

  private mutating func readLines(_ bytes: [UInt8]) {
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      for part in line.split(separator: 0x0D) {
        read(Substring(String(decoding: part, as: UTF8.self)).trimmed, line: index + 1)
      }
    }
  }

  private mutating func read(_ text: Substring, line: Int) {
    let words = text.hasPrefix("export ") ? text.dropFirst(7).trimmed : text
    if words.isEmpty || words.hasPrefix("#") { return }
    guard let equals = words.firstIndex(of: "=") else { return oddLines.append(line) }
    set(
      String(words[..<equals].trimmed), Self.value(words[words.index(after: equals)...].trimmed), line: line)
  }

  /// A malformed name is not shown: it may be a part of a secret that was broken over lines.
  private mutating func set(_ name: String, _ value: String, line: Int) {
    let isName =
      name.utf8.count <= 40 && name.utf8.contains(0x5F) && name.utf8.first.map { $0 > 0x39 } == true
      && name.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    guard isName else { return oddLines.append(line) }
    values[name] = value
    lines[name] = line
  }

  /// What a shell would make of it: what stands between quotes, else all up to a comment.
  private static func value(_ text: Substring) -> String {
    if let quote = text.first, quote == "\"" || quote == "'",
      let end = text.dropFirst().firstIndex(of: quote)
    {
      let rest = text[text.index(after: end)...].trimmed
      if rest.isEmpty || rest.hasPrefix("#") { return String(text[text.index(after: text.startIndex)..<end]) }
    }
    var end = text.startIndex
    while end < text.endIndex {
      if text[end] == "#", end > text.startIndex, [" ", "\t"].contains(text[text.index(before: end)]) {
        break
      }
      end = text.index(after: end)
    }
    return String(text[..<end].trimmed)
  }
}

extension Substring {
  /// Without spaces and tabs at both ends.
  fileprivate var trimmed: Substring { trimmed { $0 == " " || $0 == "\t" } }
}
