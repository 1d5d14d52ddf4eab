import Foundation
import TestSupport
import Testing

@testable import KIS

/// The feed table as programs read it, and the schemas that are made of it.
@Suite struct FeedSchemaTests {
  private struct Table: Decodable {
    struct Member: Decodable {
      let name: String, type: String?, array: Bool?, words: [String]?
    }
    let tr: String, product: String, feed: String
    let members: [Member], raw: [String]?
  }

  private static let tables =
    (try? FeedSchema.lines.split(separator: "\n").map {
      try JSONDecoder().decode(Table.self, from: Data($0.utf8))
    }) ?? []

  @Test func eachChannelIsALine() {
    #expect(Self.tables.map(\.tr) == ["REST", "REST"] + FeedTable.rows.map(\.transactionID))
    for table in Self.tables {
      #expect(Set(table.members.map(\.name)).count == table.members.count && !table.members.isEmpty)
    }
  }

  /// Why `value` does not fit the type; nil where it does.
  private static func fault(_ value: Any, _ member: Table.Member) -> String? {
    if let list = value as? [Any], member.array == true {
      return list.lazy.compactMap { element in fault(element, element: member) }.first
    }
    return member.array == true ? "no array" : fault(value, element: member)
  }

  private static func fault(_ value: Any, element member: Table.Member) -> String? {
    if value is NSNull { return nil }
    let isRight =
      switch member.type {
      case "decimal": value is NSNumber
      case "integer": (value as? NSNumber)?.doubleValue.truncatingRemainder(dividingBy: 1) == 0
      case "boolean": value is Bool
      case "time": (value as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d/) != nil
      case "text": (value as? String).map { member.words?.contains($0) ?? true } ?? false
      default: false
      }
    return isRight ? nil : "\(member.name) is \(value), not \(member.type ?? "null")"
  }

  private static func faults(_ line: String) throws -> [String] {
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    let context = try #require(object?["context"] as? [String: Any])
    let inputs = (object?["observation"] as? [String: Any])?["inputs"] as? [String: Any] ?? [:]
    let (product, feed) = (context["product"] as? String, context["feed"] as? String)
    let rows = tables.filter { $0.product == product && $0.feed == feed }
    #expect(!rows.isEmpty && !inputs.isEmpty)
    return inputs.compactMap { name, value in
      if name == "raw" { return nil }
      let members = rows.flatMap(\.members).filter { $0.name == name }
      guard !members.isEmpty else { return "\(feed ?? "") has \(name), which is not in the table" }
      return members.contains { fault(value, $0) == nil } ? nil : fault(value, members[0])
    }
  }

  @Test func whatIsWrittenHasTheTypesThatAreNamed() throws {
    let path = Tool.repository.path + "/Tests/Golden/stock-snapshots.jsonl"
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      let faults = try Self.faults(String(line))
      #expect(faults.isEmpty, "\(faults)")
    }
  }

  @Test func theAnswersHaveExactlyTheMembersThatAreNamed() throws {
    let lines = [
      try #require(try SnapshotAnswerTests.priceLine(SnapshotAnswerTests.price)),
      try #require(try SnapshotAnswerTests.multiLine(SnapshotAnswerTests.multi)),
    ]
    for (line, table) in zip(lines, Self.tables) {
      let faults = try Self.faults(line)
      #expect(faults.isEmpty, "\(faults)")
      for member in table.members { #expect(line.contains("\"\(member.name)\":"), "\(member.name)") }
    }
  }

  @Test func theSchemasAreThoseOfTheTable() throws {
    let folder = URL(fileURLWithPath: Tool.path("kis-fetch")).deletingLastPathComponent().path
    let outcome = try Tool.run(
      Tool.repository.path + "/Tests/harness/make-schema", ["--check"], env: ["OBSERVER_BIN_DIR": folder])
    #expect(outcome.status == 0, "\(outcome.errText)")
  }
}
