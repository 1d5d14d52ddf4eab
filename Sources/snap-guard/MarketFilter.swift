import Contract
import Filters
import JSONBytes
import Plumbing
import Values

/// The contract's policy, and the rules of values for the lines that it lets through.
struct MarketFilter: LineFilter, ~Copyable {
  private let options: FilterOptions
  private let policy: GuardPolicy
  private let log: Log
  private var view: SnapshotView
  private var refused: RefusedLines
  private var judge: MarketJudge
  private var counts = RuleCounts()
  private var saidFull = false
  private let state: StateFile?
  /// When the state is to be written, monotonic; `.max` while nothing has changed.
  private(set) var nextDue = Nanoseconds.max

  init(
    _ options: FilterOptions, _ policy: GuardPolicy, _ rules: GuardRules, log: Log
  ) throws(ToolFailure) {
    self.options = options
    self.policy = policy
    self.log = log
    view = SnapshotView(unwrap: options.unwrap, values: MarketJudge.values)
    refused = RefusedLines(stage: "snap-guard", pattern: "Guard blocked | reason=", log: log)
    judge = MarketJudge(rules.limits, calendar: rules.calendar)
    state = try rules.statePath.map { path throws(ToolFailure) in try StateFile(path: path, options, log: log)
    }
    state?.read(into: &judge)
  }

  mutating func take(_ line: Line, _ streams: inout FilterStreams) -> LineOutcome {
    guard line.tooLong == 0, view.read(line.start, count: line.count) else {
      return refused.refuseUnreadable(line, view, &streams)
    }
    let decision = policy.decide(view)
    guard decision == .pass else {
      if options.emit != .pass { write(line, &streams) { $0.append(decision.verdictWithFlags) } }
      return refused.refuse(line, &streams, decision.cause, isJSON: view.nonFinite == 0) {
        decision.reason
      } verdict: {
        $0.append(decision.verdictWithFlags)
      }
    }
    let judgement = judge.judge(view, clock: streams.wall)
    counts.add(judgement)
    if state != nil && judge.isChanged && nextDue == .max { nextDue = streams.now + StateFile.interval }
    if judge.isFull && !saidFull { sayFull() }
    if options.emit == .all || (judgement.block == nil) == (options.emit == .pass) {
      write(line, &streams) { judgement.append(to: &$0) }
    }
    guard let block = judgement.block else { return .passed }
    return refused.refuse(line, &streams, .marketRule) {
      block.text
    } verdict: {
      judgement.append(to: &$0)
    }
  }

  func append(to text: inout MetricsText) {
    text.put(.ruleFlags, counts.flags)
    text.put(.ruleBlocks, counts.blocks)
    text.put(.ruleSubjects, judge.subjectCount)
  }

  mutating func serve(_ now: Nanoseconds) {
    guard let state else { return }
    do throws(SystemError) {
      try state.write(judge)
      judge.isChanged = false
      nextDue = .max
    } catch {
      state.noteFailure(error, now)
      nextDue = now + StateFile.interval
    }
  }

  mutating func settle() throws(ToolFailure) {
    guard let state, judge.isChanged else { return }
    do throws(SystemError) { try state.write(judge) } catch {
      throw ToolFailure(
        .ioError, "\(error); what the market rules remember is that of the last write: they warm up again")
    }
    judge.isChanged = false
  }

  mutating func finish() { refused.finish() }

  private mutating func sayFull() {
    saidFull = true
    log.warning(
      "market rules remember \(judge.subjectCount) symbols and no more: the others are judged without memory"
        + " (WARMING_UP); split the stream by symbol over several snap-guard")
  }

  @inline(__always)
  private func write(
    _ line: Line, _ streams: inout FilterStreams, verdict: (inout ByteBuffer) -> Void
  ) {
    if options.plain {
      streams.pass(line)
    } else {
      SnapshotSplice.appendGuard(view, to: &streams.out, verdict: verdict)
    }
  }
}
