import Contract
import JSONBytes
import Plumbing

/// What every stage does with a line that it refuses: the rejects file gets it whole, the log gets the reason.
public struct RefusedLines: Sendable {
  private let stage: StaticString
  private let pattern: String
  private let log: Log
  private var message = RepeatedMessage(.warning)

  /// - Parameters:
  ///   - stage: the tool's name.
  ///   - pattern: what the log line starts with, as operators grep for it: `Validation failed | errors=`.
  public init(stage: StaticString, pattern: String, log: Log) {
    self.stage = stage
    self.pattern = pattern
    self.log = log
  }

  /// Refuses a line that was read but does not pass.
  @inline(never)
  public mutating func refuse(
    _ line: Line, _ streams: inout FilterStreams, _ cause: RejectReason, isJSON: Bool = true,
    reason: () -> String, verdict: (inout ByteBuffer) -> Void
  ) -> LineOutcome {
    streams.rejectCounts.add(cause)
    message.report(to: log, now: streams.now) { "\(pattern)\(reason()) | line=\(streams.place(line))" }
    if streams.keepsRejects {
      RejectRecord.append(
        stage: stage, number: line.number, file: streams.input, line: line.bytes, isJSON: isJSON,
        fullLength: line.tooLong, to: &streams.rejects, verdict: verdict)
    }
    return .rejected
  }

  /// Refuses a line for one error.
  public mutating func refuse(
    _ line: Line, _ streams: inout FilterStreams, _ error: ContractError, isJSON: Bool
  ) -> LineOutcome {
    refuse(line, &streams, error.reason, isJSON: isJSON) {
      "[\"\(error.text)\"]"
    } verdict: {
      RejectRecord.appendVerdict(error: error.text, to: &$0)
    }
  }

  /// Refuses a line that cannot be taken at all: no JSON object, or too long.
  @inline(never)
  public mutating func refuseUnreadable(
    _ line: Line, _ view: borrowing SnapshotView, _ streams: inout FilterStreams
  ) -> LineOutcome {
    let error = line.tooLong > 0 ? ContractError.tooLong : view.fault
    let isValue = !view.hasFailedScan || view.isOtherValue
    let isJSON = line.tooLong == 0 && isValue && view.nonFinite == 0
    return refuse(line, &streams, error, isJSON: isJSON)
  }

  /// Says how many reasons were not written.
  public mutating func finish() { message.finish(to: log, pattern + "…") }
}
