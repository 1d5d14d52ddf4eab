import Foundation
import TestSupport
import Testing

@testable import Archive

/// What a data file is called: one table for the sink, for readers and for the scripts.
struct DataFileNameTests {
  private static let base = "observer.x"

  private static func table() throws -> [(name: String, what: String)] {
    let text = try String(
      contentsOf: Tool.repository.appendingPathComponent("Tests/Golden/names.txt"), encoding: .utf8)
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
      let words = line.split(separator: "\t").map(String.init)
      return (words[0], words[1])
    }
  }

  private static func word(_ parsed: DataFileName?) -> String {
    guard let parsed else { return "foreign" }
    let content =
      switch parsed.content {
      case .whole: "whole"
      case .window: "window"
      case .removed: "removed"
      case .behindHole: "hole"
      }
    return parsed.form == .plain ? content : "\(content) \(parsed.form == .zstd ? "zstd" : "gzip")"
  }

  @Test func namesAreTakenApart() throws {
    let layout = try ArchiveLayout(directory: "/a", baseName: Self.base)
    for (name, what) in try Self.table() { #expect(Self.word(layout.parse(name)) == what, "\(name)") }
  }

  /// What the layout makes, it reads back.
  @Test func namesThatAreMade() throws {
    let layout = try ArchiveLayout(directory: "/a", baseName: Self.base)
    let hour = try #require(Rotation(text: "1h"))
    let second = try #require(Rotation(text: "1s"))
    let window = layout.name(of: hour.window(containing: 1_785_371_021_123), in: hour)
    #expect(window == "observer.x_20260730_0900.jsonl")
    #expect(layout.parse(window)?.content == .window("20260730_0900"))
    let short = layout.name(of: second.window(containing: 1_785_371_021_123), in: second)
    #expect(layout.parse(short)?.content == .window("20260730_092341"))
    #expect(layout.parse(layout.plainName)?.content == .whole)
    for attempt in [0, 1, 12] {
      let name = layout.recoveredName(at: 1_785_371_021_123, attempt: attempt)
      #expect(layout.parse(name)?.content == .removed, "\(name)")
      #expect(layout.parse(ArchiveLayout.recoveredName(of: name, at: 1 << 40))?.content == .behindHole)
    }
    #expect(layout.parse(ArchiveLayout.recoveredName(of: window, at: 0))?.content == .behindHole)
  }

  /// prune's pattern takes the plain and the zstd windows of the table, and nothing else.
  @Test func scriptsKnowTheSameNames() throws {
    let script = """
      source "$0"
      pattern="^$(window_pattern "$1")\\$"
      shift
      for name; do if [[ $name =~ $pattern ]]; then echo "window${BASH_REMATCH[4]:+ zstd}"; else echo other; fi; done
      """
    let table = try Self.table()
    let names = Tool.repository.appendingPathComponent("scripts/observer-names").path
    let outcome = try Tool.run("/bin/bash", ["-uec", script, names, Self.base] + table.map(\.name))
    #expect(outcome.status == 0 && outcome.lines.count == table.count, "\(outcome.errText)")
    for (line, (name, what)) in zip(outcome.lines, table) {
      #expect((line == what) == ["window", "window zstd"].contains(what), "\(name): \(line)")
    }
  }

  /// replay takes what the readers take, in the same order.
  @Test func scriptsListTheSameFiles() throws {
    let folder = try Tool.temporaryFolder("names")
    for (name, _) in try Self.table() {
      try "".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    }
    let script = "source \"$0\"; data_files \"$1\" | tr '\\0' '\\n'"
    let names = Tool.repository.appendingPathComponent("scripts/observer-names").path
    let listed = try Tool.run("/bin/bash", ["-uec", script, names, folder]).lines
    let forms = DataFileName.Form.allCases
    let files = try Self.table().compactMap { row in
      DataFileName.split(row.name).map { (String($0.stem), forms.firstIndex(of: $0.form) ?? 0, row.name) }
    }
    let expected = files.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    #expect(listed == expected.map { "\(folder)/\($0.2)" })
  }
}
