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
    buffer.append(#""event":"gap","reason":"#)
    buffer.append(jsonString: gap.reason.rawValue)
    buffer.append(#","from":""#)
    buffer.append(text: KST(gap.from).iso)
    buffer.append(#"","to":""#)
    buffer.append(text: KST(gap.to).iso)
    buffer.append(#"","seconds":"#)
    buffer.append(thousandths: Int((gap.to - gap.from).count))
    buffer.append(#","severity":"#)
    buffer.append(jsonString: gap.severity.rawValue)
    if let missed = gap.missed {
      buffer.append(#","missed_trades":"#)
      buffer.append(decimal: Int(missed.trades))
      buffer.append(#","missed_volume":"#)
      buffer.append(decimal: Int(missed.shares))
      if let value = missed.value {
        buffer.append(#","missed_value":"#)
        buffer.append(decimal: Int(value))
      }
    }
    if let cause = gap.cause {
      buffer.append(#","cause":"#)
      buffer.append(jsonString: cause.rawValue)
    }
    buffer.append(#","gap_id":"#)
    buffer.append(jsonString: gap.id)
    buffer.append(gap.isFinal ? #","final":true"# : #","final":false"#)
    if let detail = gap.detail {
      buffer.append(#","detail":"#)
      buffer.append(jsonString: SecretMask.mask(detail))
    }
    buffer.append(SnapshotText.stateEnd)
  }
}
