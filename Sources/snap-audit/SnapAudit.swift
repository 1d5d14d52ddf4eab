import Completeness
import Configuration
import Glibc
import Inputs
import JSONBytes
import Market
import Plumbing

/// Says of every day what was archived, what the exchange reported, and what is missing.
enum SnapAudit: Tool {
  static let name = "snap-audit"

  static let manual = SnapAuditOptions.manual

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    let options = try SnapAuditOptions(arguments)
    let names = try options.names.map { path throws(ToolFailure) in try SymbolNames.read(path) } ?? [:]
    let pages = try options.pages.map { path throws(ToolFailure) in try PageFolder.days(in: path) } ?? []
    let draws = options.format == .html && !options.isCalendar
    let audit = Audit(calendar: try calendar(arguments, log), only: options.day, draws: draws)
    var reading = try ArchiveReading(audit, options, log)
    let inputs = InputList.expand(options.paths)
    if let path = options.lines { try refuse(path, among: inputs) }
    for input in inputs { reading.read(input) }
    reading.finish()
    if reading.audit.malformed > 0 {
      log.error("\(reading.audit.malformed) lines are neither snapshots nor records: they are left out")
    }
    let now = Clocks.wall().count
    let report = reading.audit.report(now: now)
    if let path = options.lines { try write(report, to: path) }
    var buffer = ByteBuffer(capacity: 1 << 16)
    switch options.format {
    case .ndjson: report.append(to: &buffer)
    case .table: AuditTable(report).append(to: &buffer)
    case .html: buffer.append(text: page(reading.audit, options, names, pages, now))
    }
    try StandardOutput.write(buffer.start, count: buffer.count)
    let isBad = options.isStrict && report.days.contains { !$0.condition.isGood }
    return reading.status == .done && isBad ? .unhealthy : reading.status
  }

  private static func page(
    _ audit: Audit, _ options: SnapAuditOptions, _ names: [String: String], _ pages: Set<Int>, _ now: Int64
  ) -> String {
    let language = ReportLanguage(korean: options.language == .korean)
    return options.isCalendar
      ? CalendarPage(audit, pages: pages, names: names, language, now: now).html
      : DayPage(audit, names: names, language, now: now).html
  }

  /// Refuses to write the audit's lines over what it is about to read.
  private static func refuse(_ path: String, among inputs: [Input]) throws(ToolFailure) {
    do throws(InputFailure) {
      for input in inputs { try input.refuse(output: path) }
    } catch { throw error.toolFailure }
  }

  private static func write(_ report: AuditReport, to path: String) throws(ToolFailure) {
    var buffer = ByteBuffer(capacity: 1 << 16)
    report.append(to: &buffer)
    let file: Int32
    do throws(SystemError) {
      file = try System.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o644)
    } catch { throw ToolFailure(.cannotCreate, "\(error)") }
    defer { close(file) }
    do throws(SystemError) {
      try System.write(file, buffer.start, count: buffer.count, name: path)
    } catch { throw ToolFailure(.ioError, "\(error)") }
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
