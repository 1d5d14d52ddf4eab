import Plumbing
import Testing

@testable import Health

/// Frames that no channel is unreadable by: whether the link says so.
@Suite struct FramesRuleTests {
  private static func check(
    refused: Double, named: Double, read: Double
  ) -> (check: HealthCheck?, report: HealthReport) {
    var facts = HealthRulesTests.healthy()
    for (name, value) in [
      ("observer_kis_frames_refused_total", refused),
      ("observer_kis_channel_frames_refused_total{tr=H0STCNT0}", named),
      ("observer_kis_channel_frames_read_total{tr=H0STCNT0}", read),
    ] {
      facts.stages[0].before?.values[name] = 1000
      facts.stages[0].now?.values[name] = 1000 + value
    }
    let report = HealthReport(facts)
    return (report.checks.first { $0.name == "frames" }, report)
  }

  @Test(arguments: [
    (0.0, 0.0, 500.0, true, false, "all that came could be read"),
    (3, 0, 0, false, false, "nothing that comes can be read: 3 frames refused lately"),
    (1378, 0, 0, false, false, "nothing that comes can be read: 1378 frames refused lately"),
    (1378, 0, 1, true, true, "1378 frames could not be read lately, others could"),
    (2, 2, 500, true, true, "2 frames could not be read lately, others could"),
    (2, 0, 0, true, true, "2 frames could not be read lately"),
  ])
  func isTold(
    refused: Double, named: Double, read: Double, ok: Bool, isWarning: Bool, detail: String
  ) throws {
    let (found, report) = Self.check(refused: refused, named: named, read: read)
    let check = try #require(found)
    #expect(check.ok == ok && check.isWarning == isWarning && check.detail.hasPrefix(detail), "\(check)")
    #expect(report.isHealthy == ok && !check.korean.isEmpty)
    #expect(check.fix.isEmpty == (refused == 0))
  }
}
