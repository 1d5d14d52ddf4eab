import JSONBytes
import Plumbing
import Contract
import Filters

/// Turns annotated snapshots into PatternRecords.
enum SnapEnrich: Tool {
  static let name = "snap-enrich"

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    let options = FilterOptions(arguments)
    let writer = RecordWriter(
      clock: arguments[clockOption] ?? .now, sessionID: arguments.textOrVariable(sessionID),
      mode: arguments.textOrVariable(mode))
    Metrics.begin(arguments, stage: name, log: log)
    var loop = try FilterLoop(options, log: log)
    var filter = EnrichFilter(options, writer, log: log)
    return try loop.run(&filter)
  }
}

private struct EnrichFilter: LineFilter, ~Copyable {
  private let options: FilterOptions
  private var view: SnapshotView
  private var writer: RecordWriter
  private var refused: RefusedLines

  init(_ options: FilterOptions, _ writer: consuming RecordWriter, log: Log) {
    self.options = options
    self.writer = writer
    view = SnapshotView(unwrap: options.unwrap)
    refused = RefusedLines(stage: "snap-enrich", pattern: "Record refused | errors=", log: log)
  }

  mutating func take(_ line: Line, _ streams: inout FilterStreams) -> LineOutcome {
    guard line.tooLong == 0, view.read(line.start, count: line.count) else {
      return refused.refuseUnreadable(line, view, &streams)
    }
    guard view.nonFinite == 0 else {
      return refused.refuse(
        line, &streams, .nonFinite(in: .snapshot, count: view.nonFinite), isJSON: false)
    }
    if options.emit == .blocked { return .passed }
    writer.setTime(milliseconds: streams.wall.count) { KST(Milliseconds($0)).appendISO(to: &$1) }
    writer.append(view, to: &streams.out)
    return .passed
  }

  mutating func finish() { refused.finish() }
}
