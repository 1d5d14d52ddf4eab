import Contract
import JSONBytes
import Plumbing

extension SnapshotBuilder {
  /// Appends a gap as a system snapshot line.
  public mutating func append(_ gap: GapRecord, at moment: SnapshotMoment, to buffer: inout ByteBuffer) {
    open(moment, to: &buffer)
    buffer.append(SnapshotText.systemSource)
    appendContext(gap.subject, to: &buffer)
    buffer.append(SnapshotText.state)
    buffer.append(GapText.reason)
    buffer.append(jsonString: gap.reason.rawValue)
    buffer.append(GapText.from)
    buffer.append(text: KST(gap.from).iso)
    buffer.append(GapText.to)
    buffer.append(text: KST(gap.to).iso)
    buffer.append(GapText.seconds)
    buffer.append(thousandths: Int((gap.to - gap.from).count))
    buffer.append(GapText.severity)
    buffer.append(jsonString: gap.severity.rawValue)
    if let missed = gap.missed {
      buffer.append(GapText.missedTrades)
      buffer.append(decimal: Int(missed.trades))
      buffer.append(GapText.missedVolume)
      buffer.append(decimal: Int(missed.shares))
      if let value = missed.value {
        buffer.append(GapText.missedValue)
        buffer.append(decimal: Int(value))
      }
    }
    if let cause = gap.cause {
      buffer.append(GapText.cause)
      buffer.append(jsonString: cause.rawValue)
    }
    buffer.append(GapText.gapID)
    buffer.append(jsonString: gap.id)
    buffer.append(gap.isFinal ? GapText.isFinal : GapText.lasts)
    if let detail = gap.detail {
      buffer.append(GapText.detail)
      buffer.append(jsonString: SecretMask.mask(detail))
    }
    buffer.append(SnapshotText.stateEnd)
  }
}
