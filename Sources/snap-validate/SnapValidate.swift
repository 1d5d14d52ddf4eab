import JSONBytes
import Plumbing
import Contract
import Filters

/// Checks snapshots against the contract.
enum SnapValidate: Tool {
  static let name = "snap-validate"

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    let options = FilterOptions(arguments)
    Metrics.begin(arguments, stage: name, log: log)
    var loop = try FilterLoop(options, log: log)
    var filter = ValidateFilter(options, log: log)
    return try loop.run(&filter)
  }
}

private struct ValidateFilter: LineFilter, ~Copyable {
  private let options: FilterOptions
  private var view: SnapshotView
  private var report = ValidationReport()
  private var refused: RefusedLines

  init(_ options: FilterOptions, log: Log) {
    self.options = options
    view = SnapshotView(unwrap: options.unwrap)
    refused = RefusedLines(stage: "snap-validate", pattern: "Validation failed | errors=", log: log)
  }

  mutating func take(_ line: Line, _ streams: inout FilterStreams) -> LineOutcome {
    guard line.tooLong == 0, view.read(line.start, count: line.count) else {
      return refused.refuseUnreadable(line, view, &streams)
    }
    Validator.check(view, &report)
    guard report.isClean else { return refuse(line, &streams) }
    if options.emit == .blocked { return .passed }
    if options.plain {
      streams.pass(line)
    } else {
      open(&streams.out)
      streams.out.append("\"validation\":{\"severity\":\"INFO\"}}\n")
    }
    return .passed
  }

  mutating func finish() { refused.finish() }

  /// The snapshot without an old verdict, ready for a new one.
  @inline(__always)
  private func open(_ out: inout ByteBuffer) {
    if SnapshotSplice.appendOpen(view, without: Field.validation, to: &out) {
      out.append(0x2C)
    }
  }

  @inline(never)
  private mutating func refuse(_ line: Line, _ streams: inout FilterStreams) -> LineOutcome {
    if options.emit != .pass {
      if options.plain {
        streams.pass(line)
      } else {
        open(&streams.out)
        streams.out.append("\"validation\":")
        report.appendVerdict(to: &streams.out)
        streams.out.append("}\n")
      }
    }
    let isJSON = view.nonFinite == 0
    let errors = report.errorsText
    var verdict: [UInt8] = []
    if streams.keepsRejects {
      var text = ByteBuffer(capacity: 512)
      report.appendVerdict(to: &text)
      verdict = Array(text.bytes)
    }
    return refused.refuse(line, &streams, report.firstError?.reason ?? .missing, isJSON: isJSON) {
      errors
    } verdict: {
      $0.append(verdict)
    }
  }
}
