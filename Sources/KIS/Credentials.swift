import Glibc
import JSONBytes
import Plumbing

/// A text that must not be shown: printing, interpolating or dumping it gives `<redacted>`.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let text: String

  /// Wraps `text`.
  public init(_ text: String) { self.text = text }

  /// The text itself, for the one place that sends it.
  public func reveal() -> String { text }

  /// `<redacted>`.
  public var description: String { "<redacted>" }
  /// `<redacted>`.
  public var debugDescription: String { "<redacted>" }
  /// Nothing to see.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What KIS knows a user by. Nothing in it can be printed by accident.
public struct Credentials: Equatable, Sendable {
  /// The app key (36 characters today).
  public let appKey: Secret
  /// The app secret (180 characters today).
  public let appSecret: Secret

  /// Makes credentials from two texts that were checked.
  public init(appKey: Secret, appSecret: Secret) {
    self.appKey = appKey
    self.appSecret = appSecret
  }

  /// Names of files that belong to this key at this service: no part of the key can be read from it.
  public func fingerprint(environment: ServiceEnvironment, restURL: String) -> String {
    environment.rawValue + "-" + Digest.hexadecimal(appKey.reveal() + "\n" + restURL)
  }

  private static let keyNames = ["KIS_APP_KEY", "REAL_APP_KEY"]
  private static let secretNames = ["KIS_APP_SECRET", "REAL_APP_SECRET"]
  private static let sizeLimit = 64 << 10

  /// Reads credentials from `file` when one is named, else from the environment.
  ///
  /// - Throws: `ToolFailure` with status refused, in one line that names what is missing or wrong.
  public static func find(file: String?, environment: Environment) throws(ToolFailure) -> Credentials {
    if let file { return try read(file: file) }
    return try make(place: "the environment") { environment[$0] }
  }

  /// Reads `NAME=value` lines or one JSON object from a file that only its owner can read.
  public static func read(file: String) throws(ToolFailure) -> Credentials {
    let text = try privateContent(of: file)
    let first = text.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
    let values = first == 0x7B ? try members(of: text, file) : lines(of: text)
    return try make(place: file) { values[$0] }
  }

  private static func make(
    place: String, _ value: (String) -> String?
  ) throws(ToolFailure) -> Credentials {
    let key = keyNames.lazy.compactMap(value).first
    let secret = secretNames.lazy.compactMap(value).first
    guard let key, let secret else {
      let missing =
        key == nil ? secret == nil ? "KIS_APP_KEY and KIS_APP_SECRET" : "KIS_APP_KEY" : "KIS_APP_SECRET"
      throw ToolFailure(
        .refused,
        "credentials missing: \(missing) not found in \(place); set KIS_APP_KEY and KIS_APP_SECRET"
          + " (or REAL_APP_KEY and REAL_APP_SECRET), or give --credentials FILE", cause: .credentialsMissing)
    }
    for (name, text) in [("app key", key), ("app secret", secret)] where !isPlausible(text) {
      throw ToolFailure(
        .refused, "the \(name) in \(place) is not 1 to 512 printable ASCII characters without spaces")
    }
    return Credentials(appKey: Secret(key), appSecret: Secret(secret))
  }

  /// Both travel in HTTP headers: no space, no line end, nothing beyond ASCII.
  private static func isPlausible(_ text: String) -> Bool {
    (1...512).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  private static func privateContent(of file: String) throws(ToolFailure) -> [UInt8] {
    do {
      // Non-blocking: a named pipe that nobody writes to is empty, not a wait that no signal ends.
      let descriptor = try System.open(file, O_RDONLY | O_NONBLOCK)
      defer { close(descriptor) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw SystemError("examine \(file)") }
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
      var content = [UInt8](repeating: 0, count: sizeLimit + 1)
      var count = 0
      while count < content.count {
        let room = content.count - count
        let got = try content.withUnsafeMutableBytes { bytes throws(SystemError) in
          guard let base = bytes.baseAddress else { return 0 }
          return try System.read(descriptor, into: base + count, room: room, name: file)
        }
        if got == 0 { return Array(content.prefix(count)) }
        count += got
      }
      throw ToolFailure(.refused, "\(file) is larger than 64 KiB: not a credentials file")
    } catch let failure as ToolFailure {
      throw failure
    } catch {
      throw ToolFailure(.refused, "credentials file: \(error)")
    }
  }

  private static func members(of text: [UInt8], _ file: String) throws(ToolFailure) -> [String: String] {
    do {
      let value = try JSONValue.parse(text)
      var found: [String: String] = [:]
      for member in value.members ?? [] { found[member.name] = member.value.string }
      return found
    } catch {
      throw ToolFailure(.refused, "\(file) is not valid JSON: \(error.what) at byte \(error.offset)")
    }
  }

  private static func lines(of text: [UInt8]) -> [String: String] {
    var found: [String: String] = [:]
    for line in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      var words = Substring(String(decoding: line, as: UTF8.self)).trimmed
      if words.hasPrefix("export ") { words = words.dropFirst(7).trimmed }
      guard !words.hasPrefix("#"), let equals = words.firstIndex(of: "=") else { continue }
      var value = words[words.index(after: equals)...].trimmed
      if value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote {
        value = value.dropFirst().dropLast()
      }
      found[String(words[..<equals].trimmed)] = String(value)
    }
    return found
  }
}

extension Substring {
  /// Without spaces and tabs at both ends.
  fileprivate var trimmed: Substring {
    var rest = self
    while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
    return rest
  }
}
