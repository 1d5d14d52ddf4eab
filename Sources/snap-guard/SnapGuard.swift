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
    let rules = try GuardRules(arguments, log)
    Metrics.begin(arguments, stage: name, log: log)
    var loop = try FilterLoop(options, log: log)
    if rules.areOn {
      var filter = try MarketFilter(options, policy, rules, log: log)
      return try loop.run(&filter)
    }
    var filter = GuardFilter(options, policy, log: log)
    return try loop.run(&filter)
  }
}

/// The contract's policy alone.
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
    return refused.refuse(line, &streams, decision.cause, isJSON: view.nonFinite == 0) {
      decision.reason
    } verdict: {
      $0.append(decision.verdict)
    }
  }

  mutating func finish() { refused.finish() }

  @inline(__always)
  private func write(_ line: Line, _ decision: GuardDecision, _ streams: inout FilterStreams) {
    if options.plain {
      streams.pass(line)
      return
    }
    SnapshotSplice.appendGuard(view, to: &streams.out) { $0.append(decision.verdict) }
  }
}
