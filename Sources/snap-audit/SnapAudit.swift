import Completeness
import Configuration
import Inputs
import JSONBytes
import Market
import Plumbing

/// Says of every day what was archived, what the exchange reported, and what is missing.
enum SnapAudit: Tool {
  static let name = "snap-audit"

  static let manual = SnapAuditOptions.manual

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    let options = SnapAuditOptions(arguments)
    let audit = Audit(calendar: try calendar(arguments, log), only: options.day)
    var reading = try ArchiveReading(audit, options, log)
    for input in InputList.expand(options.paths) { reading.read(input) }
    reading.finish()
    if reading.audit.malformed > 0 {
      log.error("\(reading.audit.malformed) lines are no snapshot and no record: they are left out")
    }
    let report = reading.audit.report(now: Clocks.wall().count)
    var buffer = ByteBuffer(capacity: 1 << 16)
    switch options.format {
    case .ndjson: report.append(to: &buffer)
    case .table: AuditTable(report).append(to: &buffer)
    }
    try StandardOutput.write(buffer.start, count: buffer.count)
    let isBad = options.isStrict && report.days.contains { !$0.condition.isGood }
    return reading.status == .done && isBad ? .unhealthy : reading.status
  }

  /// The calendar of holidays; without one only weekends are known.
  private static func calendar(_ arguments: Arguments, _ log: Log) throws(ToolFailure) -> MarketCalendar {
    let settings = try Settings(arguments)
    for warning in settings.warnings { log.warning(warning) }
    guard let text = settings.holidayFiles.lazy.compactMap({ SmallFile.text($0) }).first else {
      log.warning("no holidays.jsonl beside the configuration: holidays will be called missing")
      return MarketCalendar()
    }
    return MarketCalendar(jsonLines: text)
  }
}
