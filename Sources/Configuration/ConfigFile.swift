import Glibc
import JSONBytes
import Plumbing

/// The configuration file: values by dotted key, variables that stand in for unset ones, and what is odd in it.
public struct ConfigFile: Sendable {
  /// Where it was read.
  public let path: String
  /// Values as text, by `ConfigKey.name`. A key that is null is absent.
  public private(set) var values: [String: String] = [:]
  /// The section `environment`.
  public private(set) var environment: [String: String] = [:]
  /// Unknown keys.
  public private(set) var warnings: [String] = []

  /// Bytes that a configuration may have.
  private static let sizeLimit = 1 << 20

  /// Reads and checks the file.
  ///
  /// - Throws: `ToolFailure` 78 with line and column for broken JSON, naming the key for a value of the wrong type,
  ///   and naming the file when it cannot be read.
  public init(path: String) throws(ToolFailure) {
    do {
      try self.init(path: path, bytes: Self.read(path))
    } catch let failure as ToolFailure {
      throw failure
    } catch {
      throw ToolFailure(.configuration, "configuration: \(error)")
    }
  }

  /// Checks a file's bytes.
  public init(path: String, bytes: [UInt8]) throws(ToolFailure) {
    self.path = path
    let root: JSONValue
    do {
      root = try JSONValue.parse(bytes)
    } catch {
      throw ToolFailure(.configuration, "\(path):\(Self.place(of: error.offset, in: bytes)): \(error.what)")
    }
    guard let members = root.members else {
      throw ToolFailure(.configuration, "\(path):1:1: the configuration is one JSON object")
    }
    for member in members { try take(member, under: "", bytes) }
  }

  private mutating func take(
    _ member: JSONValue.Member, under prefix: String, _ bytes: [UInt8]
  ) throws(ToolFailure) {
    let name = prefix + member.name
    if name == "environment" { return try takeEnvironment(member.value, bytes) }
    let place = "\(path):\(Self.place(of: member.nameRange.lowerBound, in: bytes))"
    if let key = ConfigKey.all.first(where: { $0.name == name }) {
      if member.value.isNull {
        values[name] = nil
      } else if let text = key.text(of: member.value) {
        values[name] = text
      } else {
        throw ToolFailure(.configuration, "\(place): \(name) must be \(key.kind.expectation)")
      }
      return
    }
    let isSection = ConfigKey.all.contains { $0.name.hasPrefix(name + ".") }
    guard isSection else {
      warnings.append("\(place): unknown key \(name) is ignored")
      return
    }
    if member.value.isNull { return }
    guard let members = member.value.members else {
      throw ToolFailure(.configuration, "\(place): \(name) must be an object")
    }
    for inner in members { try take(inner, under: name + ".", bytes) }
  }

  private mutating func takeEnvironment(_ value: JSONValue, _ bytes: [UInt8]) throws(ToolFailure) {
    if value.isNull { return }
    guard let members = value.members else {
      let place = Self.place(of: value.range.lowerBound, in: bytes)
      throw ToolFailure(.configuration, "\(path):\(place): environment must be an object")
    }
    for member in members {
      let place = "\(path):\(Self.place(of: member.nameRange.lowerBound, in: bytes))"
      guard Self.isVariableName(member.name) else {
        throw ToolFailure(.configuration, "\(place): '\(member.name)' is not a variable's name")
      }
      guard let text = member.value.string ?? member.value.numberText, !text.utf8.contains(0) else {
        throw ToolFailure(.configuration, "\(place): environment.\(member.name) must be a string")
      }
      environment[member.name] = text
    }
  }

  private static func isVariableName(_ name: String) -> Bool {
    guard let first = name.utf8.first, first < 0x30 || first > 0x39 else { return false }
    return name.utf8.allSatisfy { byte in
      byte == 0x5F || (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
    }
  }

  /// `line:column`, both from 1; a column counts characters, as editors do.
  static func place(of offset: Int, in bytes: [UInt8]) -> String {
    let before = bytes[..<min(offset, bytes.count)]
    let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let column = before[start...].reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    return "\(line):\(column)"
  }

  private static func read(_ path: String) throws -> [UInt8] {
    let descriptor = try System.openRegular(path, O_RDONLY)
    defer { close(descriptor) }
    if let bytes = try SmallFile.bytes(descriptor, limit: sizeLimit, name: path) { return bytes }
    throw ToolFailure(.configuration, "\(path) is larger than \(sizeLimit) bytes: not a configuration")
  }
}

extension ConfigKey {
  /// The value as text if it is of the key's type.
  func text(of value: JSONValue) -> String? {
    switch kind {
    case .text, .file, .folder, .form: return value.string.flatMap { kind.accept($0) }
    case .choice: return (value.string ?? value.numberText).flatMap { kind.accept($0) }
    case .flag: return value.bool.map { $0 ? "true" : "false" }
    case .integer, .number: return value.numberText.flatMap { kind.accept($0) }
    case .list:
      guard let elements = value.elements else { return nil }
      let words = elements.compactMap { $0.string }
      return words.count == elements.count ? words.joined(separator: ",") : nil
    }
  }
}
