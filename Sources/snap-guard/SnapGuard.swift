import JSONBytes
import Plumbing
import Contract
import Filters

/// Lets snapshots through, or not, on the verdict they carry.
enum SnapGuard: Tool {
  static let name = "snap-guard"

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    let options = FilterOptions(arguments)
    let policy = GuardPolicy(requiresValidation: arguments[requireValidation])
    Metrics.begin(arguments, stage: name, log: log)
    var loop = try FilterLoop(options, log: log)
    var filter = GuardFilter(options, policy, log: log)
    return try loop.run(&filter)
  }
}

private struct GuardFilter: LineFilter, ~Copyable {
  private let options: FilterOptions
  private let policy: GuardPolicy
  private var view: SnapshotView
  private var refused: RefusedLines

  init(_ options: FilterOptions, _ policy: GuardPolicy, log: Log) {
    self.options = options
    self.policy = policy
    view = SnapshotView(unwrap: options.unwrap)
    refused = RefusedLines(stage: "snap-guard", pattern: "Guard blocked | reason=", log: log)
  }

  mutating func take(_ line: Line, _ streams: inout FilterStreams) -> LineOutcome {
    guard line.tooLong == 0, view.read(line.start, count: line.count) else {
      return refused.refuseUnreadable(line, view, &streams)
    }
    let decision = policy.decide(view)
    let passes = decision == .pass
    if options.emit == .all || passes == (options.emit == .pass) { write(line, decision, &streams) }
    if passes { return .passed }
    return refused.refuse(line, &streams, Self.cause(decision), isJSON: view.nonFinite == 0) {
      decision.reason
    } verdict: {
      $0.append(decision.verdict)
    }
  }

  mutating func finish() { refused.finish() }

  private static func cause(_ decision: GuardDecision) -> RejectReason {
    switch decision {
    case .pass, .validationFailed: .validationFailed
    case .invalidStage: .invalidStage
    case .notValidated: .notValidated
    case .nonFinite: .nonFinite
    }
  }

  @inline(__always)
  private func write(_ line: Line, _ decision: GuardDecision, _ streams: inout FilterStreams) {
    if options.plain {
      streams.pass(line)
      return
    }
    if SnapshotSplice.appendOpen(view, without: Field.guardVerdict, to: &streams.out) {
      streams.out.append(0x2C)
    }
    streams.out.append("\"guard\":")
    streams.out.append(decision.verdict)
    streams.out.append("}\n")
  }
}
