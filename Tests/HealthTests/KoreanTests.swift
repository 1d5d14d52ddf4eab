import Foundation
import TestSupport
import Testing

@testable import Health

/// Where the locale or the browser is Korean, a person reads Korean throughout: details and the comments of fixes too.
/// Names of links, programs, options, variables and commands are the same in every language.
struct KoreanTests {
  /// Three English words in a row are a sentence, or the beginning of one.
  private static func english(_ text: some StringProtocol) -> String? {
    // A stage's last words are quoted as they came.
    String(text).replacing(#/"[^"]*"|&quot;.*?&quot;/#, with: "").firstMatch(
      of: #/[a-z]{2,} [a-z']{2,} [a-z']{2,}/#
    ).map { String($0.0) }
  }

  private static func comment(_ fix: String) -> Substring {
    fix.range(of: "  # ").map { fix[$0.upperBound...] } ?? ""
  }

  @Test(arguments: HealthRulesTests.faults)
  func everyDetailIsKorean(fault: Fault) {
    var facts = HealthRulesTests.healthy()
    fault.change(&facts)
    let report = HealthReport(facts)
    for check in report.checks {
      #expect(!check.korean.isEmpty, "\(check.name)")
      #expect(Self.english(check.korean) == nil, "\(check.name): \(check.korean)")
      let comment = Self.comment(check.fix(korean: true)).split(separator: "  # ").first ?? ""
      #expect(Self.english(comment) == nil, "\(check.name): \(comment)")
    }
    #expect(Self.english(report.verdict(korean: true)) == nil)
  }

  @Test func theWholePageIsKorean() {
    let facts = HealthRulesTests.healthy()
    let page = HealthPage(HealthReport(facts), facts, [(7, 0), (8, 120)], korean: true, nonce: "n").html
    let body = page.replacing(#/<(script|style|code)[^>]*>(?s:.*?)</(script|style|code)>/#, with: "")
    let shown = body.replacing(#/<[^>]*>/#, with: "|")
    #expect(Self.english(shown) == nil, "\(Self.english(shown) ?? "")")
  }

  /// Each comment that the rules can write is in the table.
  @Test func everyCommentIsInTheTable() throws {
    let folder = Tool.repository.appendingPathComponent("Sources/Health")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".swift")
    }
    var found = 0
    for file in files where file != "FixComments.swift" {
      let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      for line in text.split(separator: "\n") where line.contains("  # ") {
        guard let match = line.firstMatch(of: #/"[^"\n]*  # (.*?)"(?!\))/#) else { continue }
        found += 1
        // An interpolation is a command or a path.
        let plain = String(match.1).replacing(#/\\\([^()]*(\([^()]*\))?[^()]*\)/#, with: "X")
        let korean = FixComments.korean("x  # " + plain)
        #expect(Self.english(korean) == nil, "\(file): \(korean)")
      }
    }
    #expect(found > 25)
  }
}
