/// What every stage counts, in one set of names.
public struct StageMetrics: Sendable {
  /// Lines and bytes that came in and went out, blank lines included in what came in.
  public var linesIn = 0, linesOut = 0, bytesIn = 0, bytesOut = 0, blank = 0
  /// Lines refused, by reason.
  public var rejects: [(reason: String, count: Int)] = []
  /// When the last line came, epoch milliseconds; 0 before the first.
  public var lastLine: Int64 = 0

  /// Nothing counted yet.
  public init() {}

  /// Writes them down.
  public func append(to text: inout MetricsText) {
    text.counter("observer_lines_in_total", "Lines read.", linesIn)
    text.counter("observer_lines_out_total", "Lines passed on.", linesOut)
    text.counter("observer_bytes_in_total", "Bytes read.", bytesIn)
    text.counter("observer_bytes_out_total", "Bytes passed on.", bytesOut)
    text.counter("observer_blank_lines_total", "Blank lines skipped.", blank)
    text.counter(
      "observer_rejects_total", "Lines refused, by reason.", by: "reason",
      rejects.map { ($0.reason, $0.count) })
    text.gauge(
      "observer_last_line_timestamp_seconds", "When the last line came, seconds since 1970.",
      lastLine > 0 ? Double(lastLine) / 1000 : nil)
  }
}
