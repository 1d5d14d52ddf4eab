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

  /// Text of the files that declare or extend a type.
  private static func homes(of type: Substring) -> [String] {
    guard let pattern = try? Regex("(struct|class|enum|protocol|extension|actor) ([A-Za-z]+\\.)?\(type)\\b")
    else { return [] }
    return sources.values.filter { $0.contains(pattern) }
  }

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
        let homes = Self.homes(of: part.1)
        let member = try Regex("(func|let|var|case|typealias|static let) \(part.2)\\b")
        #expect(homes.contains { $0.contains(member) }, "\(name)")
        checked += 1
      } else if name.wholeMatch(of: #/[A-Z][A-Za-z]+/#) != nil {
        #expect(!Self.homes(of: name[...]).isEmpty || map.contains("| \(name) |"), "\(name)")
        checked += 1
      } else if name.hasSuffix(".swift") && !name.contains("…") {
        let exists = Self.sources.keys.contains { $0.hasSuffix("/" + name) } || name == "Package.swift"
        #expect(exists, "\(name)")
        checked += 1
      }
    }
    #expect(checked > 50)
  }

  /// The table names every module, and nothing that is none.
  @Test func everyModuleHasARow() throws {
    let map = try String(contentsOfFile: Self.root + "/Sources/README.md", encoding: .utf8)
    let package = try String(contentsOfFile: Self.root + "/Package.swift", encoding: .utf8)
    let modules = Set(package.matches(of: #/    \.target\(\s*name: "([A-Za-z]+)"/#).map { String($0.1) })
    let rows = map.matches(of: #/\n\| ([A-Z][A-Za-z, ]+) \|/#).flatMap {
      $0.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    #expect(Set(rows) == modules.subtracting(["CCurl", "TestSupport"]))
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
