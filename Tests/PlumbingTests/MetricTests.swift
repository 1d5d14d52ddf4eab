import Foundation
import Plumbing
import TestSupport
import Testing

/// The catalogue of metrics against all that is written by hand beside it.
@Suite struct MetricTests {
  private static func file(_ path: String) throws -> String {
    try String(contentsOf: Tool.repository.appendingPathComponent(path), encoding: .utf8)
  }

  @Test func namesFollowPrometheus() {
    #expect(Set(Metric.allCases.map(\.rawValue)).count == Metric.allCases.count)
    for metric in Metric.allCases {
      let (name, definition) = (metric.rawValue, metric.definition)
      #expect(name.wholeMatch(of: /observer(_[a-z]+)+/) != nil, "\(name)")
      #expect(name.hasSuffix("_total") == (definition.kind == .counter), "\(name)")
      #expect(definition.help.hasSuffix(".") && !definition.help.contains("\n"), "\(name)")
      #expect(!definition.labels.contains("stage"), "\(name)")
    }
  }

  /// Every byte of the exposition: name, kind, help, labels, and how numbers and labels are written.
  @Test func theExpositionIsAsItWas() throws {
    var text = MetricsText(stage: "test")
    for metric in Metric.allCases {
      switch (metric.definition.kind, metric.definition.labels.count) {
      case (.histogram, _):
        var values = Histogram([0.001, 0.25, 10])
        for value in [0.0005, 0.125, 0.25, 60] { values.observe(value) }
        text.put(metric, values)
      case (_, 0): text.put(metric, 1234.5)
      case (_, 1): text.put(metric, [("one", 1), ("a \"quoted\\\" one", 1_795_500_000_123)])
      default: text.put(metric, [("one", "other", 0.25)])
      }
    }
    text.put(.archiveSize, nil)
    text.put(.channelLastRefusal, [(String, String, Double)]())
    let path = "Tests/Golden/metrics.prom"
    let written = String(decoding: text.bytes, as: UTF8.self)
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try written.write(
        to: Tool.repository.appendingPathComponent(path), atomically: true, encoding: .utf8)
      Issue.record("recorded \(path)")
    }
    #expect(try written == Self.file(path))
  }

  /// Dashboard, alert rules and the harness read metrics by name: a name that nobody writes is a flat line, or an
  /// alarm that never comes.
  @Test(arguments: [
    "config/prometheus/alerts.yml", "config/prometheus/dashboard.json", "Tests/harness/faultkit/pipeline.py",
    "Tests/harness/faultkit/chain.py", "Tests/harness/faultkit/hours.py",
  ])
  func whatIsReadIsWritten(path: String) throws {
    let known = Set(
      Metric.allCases.flatMap { metric in
        (metric.definition.kind == .histogram ? ["", "_bucket", "_sum", "_count"] : [""])
          .map { metric.rawValue + $0 }
      })
    let text = try Self.file(path)
    let read = Set(text.matches(of: /\bobserver(_[a-z]+)+\b/).map { String($0.output.0) })
    #expect(!read.isEmpty)
    #expect(read.subtracting(known).isEmpty, "\(path) reads what nobody writes")
  }

  /// A label that an alert speaks of has to outlive its sums.
  @Test func alertsKeepTheLabelsThatTheyName() throws {
    for alert in try Self.file("config/prometheus/alerts.yml").components(separatedBy: "- alert: ")
      .dropFirst()
    {
      let named = Set(alert.matches(of: /\$labels\.([a-z]+)/).map { String($0.output.1) })
      for sum in alert.matches(of: /\bby \(([a-z, ]+)\)/) {
        let kept = Set(sum.output.1.components(separatedBy: ", "))
        #expect(named.isSubset(of: kept), "\(alert.prefix(30)): \(named.subtracting(kept))")
      }
    }
  }

  /// config/README.md lists every metric, as here: the rows are what the test prints when they differ.
  @Test func theTableIsWhole() throws {
    let rows = Metric.allCases.map { metric in
      let definition = metric.definition
      let labels = definition.labels.map { "`\($0)`" }.joined(separator: ", ")
      return "| `\(metric.rawValue)` | \(definition.kind.rawValue) | \(labels) | \(definition.help) |"
    }
    let table = (["| metric | kind | labels | what |", "| --- | --- | --- | --- |"] + rows)
      .joined(separator: "\n")
    #expect(
      try Self.file("config/README.md").contains(table + "\n"),
      "config/README.md: the table is now\n\(table)")
  }
}
