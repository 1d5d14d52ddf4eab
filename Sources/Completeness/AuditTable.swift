import JSONBytes
import Plumbing

/// The report in columns, for a terminal.
public struct AuditTable {
  private let report: AuditReport

  /// A table of `report`.
  public init(_ report: AuditReport) { self.report = report }

  /// Appends the table: the trade feeds, then the days.
  public func append(to buffer: inout ByteBuffer) {
    let titles = [
      "date", "market", "symbol", "feed", "records", "shares", "reported", "missed", "coverage", "gaps",
    ]
    Self.append([titles] + report.subjects.map(Self.cells), right: 4..<titles.count, to: &buffer)
    buffer.append("\n")
    Self.append(
      [["date", "condition", "symbols", "records", "missed", "reasons"]] + report.days.map(Self.cells),
      right: 2..<5, to: &buffer)
  }

  private static func cells(_ line: SubjectLine) -> [String] {
    let key = line.audit.key
    let sums = line.sums
    let hasTotals = line.isTrades && sums.reportedShares != nil
    let seconds = line.audit.gaps.values.sum(\.milliseconds) / 1000
    return [
      key.date, key.market.printable, key.symbol.printable, key.feed.printable, String(line.audit.records),
      hasTotals ? String(sums.archivedShares) : "-", hasTotals ? String(sums.reportedShares ?? 0) : "-",
      hasTotals ? String(line.missed.shares) : "-",
      sums.coverage.map { Decimal(Int64(clamping: $0 * 100_000), scale: 3).text + " %" } ?? "-",
      "\(seconds) s",
    ]
  }

  private static func cells(_ line: DayLine) -> [String] {
    let first = line.reasons.first.map(\.text) ?? ""
    let others = line.more.plus(Int64(line.reasons.count - 1))
    let more = others > 0 ? " (and \(others) more)" : ""
    return [
      SubjectKey.date(line.day), line.condition.rawValue,
      String(line.symbols),
      String(line.lines.reduce(0) { $0 + $1.audit.records }),
      String(line.lines.sum(\.missed.shares)), first.printable + more,
    ]
  }

  private static func append(_ rows: [[String]], right: Range<Int>, to buffer: inout ByteBuffer) {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        let pad = String(repeating: " ", count: widths[column] - cell.count)
        line += (column > 0 ? "  " : "") + (right.contains(column) ? pad + cell : cell + pad)
      }
      while line.last == " " { line.removeLast() }
      buffer.append(text: line + "\n")
    }
  }
}
