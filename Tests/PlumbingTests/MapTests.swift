import Foundation
import TestSupport
import Testing

/// Sources/README.md is true: each file and folder that it names is there, and so is each function and type.
struct MapTests {
  private static let root = Tool.repository.path

  private static let sources: [String: String] = {
    var found: [String: String] = [:]
    let folder = root + "/Sources"
    for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init()
    where name.hasSuffix(".swift") {
      found[name] = try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    }
    return found
  }()

  private static let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "extension", "actor"]

  /// Files that declare or extend a type, by its name without the outer ones'.
  private static let homes: [Substring: [String]] = {
    var found: [Substring: [String]] = [:]
    for text in sources.values {
      let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "." && $0 != "_" }
      for (kind, name) in zip(words, words.dropFirst()) where kinds.contains(kind) {
        found[name.split(separator: ".").last ?? name, default: []].append(text)
      }
    }
    return found
  }()

  @Test func everythingNamedIsThere() throws {
    let map = try String(contentsOfFile: Self.root + "/Sources/README.md", encoding: .utf8)
    var checked = 0
    for match in map.matches(of: #/`([^`\n]+)`/#) {
      let name = String(match.1)
      if name.contains("/") {
        let isThere = [name, "Sources/" + name].contains {
          FileManager.default.fileExists(atPath: "\(Self.root)/\($0)")
        }
        #expect(isThere, "\(name)")
        checked += 1
      } else if !name.hasSuffix(".swift"), let part = name.wholeMatch(of: #/([A-Z][A-Za-z]+)\.([a-zA-Z]+)/#) {
        let homes = Self.homes[part.1] ?? []
        let member = try Regex("(func|let|var|case|typealias|static let) \(part.2)\\b")
        #expect(homes.contains { $0.contains(member) }, "\(name)")
        checked += 1
      } else if name.wholeMatch(of: #/[A-Z][A-Za-z]+/#) != nil {
        #expect(Self.homes[name[...]] != nil || map.contains("| \(name) |"), "\(name)")
        checked += 1
      } else if name.hasSuffix(".swift") && !name.contains("…") {
        let exists = Self.sources.keys.contains { $0.hasSuffix("/" + name) } || name == "Package.swift"
        #expect(exists, "\(name)")
        checked += 1
      }
    }
    #expect(checked > 50)
  }

  /// The table names every module, and what it builds on is what Package.swift says.
  @Test func everyModuleHasARow() throws {
    let map = try String(contentsOfFile: Self.root + "/Sources/README.md", encoding: .utf8)
    let package = try String(contentsOfFile: Self.root + "/Package.swift", encoding: .utf8)
    let declaration =
      #/    \.target\(\s*name: "(?<name>[A-Za-z]+)"(?:,\s+dependencies: \[(?<below>[^\]]*)\])?/#
    var modules: [String: String] = [:]
    for match in package.matches(of: declaration) where match.name != "TestSupport" {
      let below = match.below?.matches(of: #/[A-Za-z]+/#).map { String($0.0) } ?? []
      modules[String(match.name)] = below.joined(separator: ", ")
    }
    let rows = map.matches(of: #/\n\| (?<name>[A-Z][A-Za-z]+) \| [^|\n]+ \| (?<below>[^|\n]*?) ?(?=\|)/#)
    #expect(rows.count == modules.count)
    for row in rows {
      #expect(modules[String(row.name)] == String(row.below), "the row of \(row.name) in Sources/README.md")
    }
  }

  /// A module imports only what stands below it: Package.swift's order.
  @Test func picturedOrderHolds() throws {
    let package = try String(contentsOfFile: Self.root + "/Package.swift", encoding: .utf8)
    let order = package.matches(of: #/target\(\s*name: "([A-Za-z-]+)"/#).map { String($0.1) }
    for (file, text) in Self.sources {
      let own = String(file.prefix { $0 != "/" })
      for match in text.matches(of: #/(?m)^(?:@testable )?import ([A-Za-z]+)$/#) {
        guard let below = order.firstIndex(of: String(match.1)), let here = order.firstIndex(of: own) else {
          continue
        }
        #expect(below < here, "\(file) imports \(match.1)")
      }
    }
  }
}
