/// What every stage counts, in one set of names.
public struct StageMetrics: Sendable {
  /// Lines and bytes that came in and went out, blank lines included in what came in.
  public var linesIn = 0, linesOut = 0, bytesIn = 0, bytesOut = 0, blank = 0
  /// Lines refused, by reason.
  public var rejects: [(reason: String, count: Int)] = []
  /// When the last line came; zero before the first.
  public var lastLine: Milliseconds = .zero

  /// Nothing counted yet.
  public init() {}

  /// Writes them down.
  public func append(to text: inout MetricsText) {
    text.put(.linesIn, linesIn)
    text.put(.linesOut, linesOut)
    text.put(.bytesIn, bytesIn)
    text.put(.bytesOut, bytesOut)
    text.put(.blankLines, blank)
    text.put(.rejects, rejects.map { ($0.reason, $0.count) })
    text.put(.lastLine, lastLine > .zero ? lastLine.inSeconds : nil)
  }
}
