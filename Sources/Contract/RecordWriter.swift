import JSONBytes

/// When a record says it was made.
public enum RecordClock: Sendable {
  /// The moment it is written.
  case now
  /// The snapshot's own time: the same input gives the same bytes, whenever it is replayed.
  case event
  /// A given time.
  case fixed(String)
}

/// Turns an annotated snapshot into a PatternRecord (record schema v1.1.0).
public struct RecordWriter: ~Copyable {
  private var generatedAt = ByteBuffer(capacity: 64)
  private var sessionID = ByteBuffer(capacity: 64)
  private var mode = ByteBuffer(capacity: 64)
  private let clock: RecordClock
  private var stampedAt = Int64.min

  /// - Parameters:
  ///   - sessionID: stands in for the snapshot's own, if given.
  ///   - mode: stands in for the snapshot's own, if given.
  public init(clock: RecordClock, sessionID: String?, mode: String?) {
    self.clock = clock
    if let sessionID { self.sessionID.append(jsonString: sessionID) }
    if let mode { self.mode.append(jsonString: mode) }
    if case .fixed(let time) = clock { generatedAt.append(jsonString: time) }
  }

  /// Sets the time that `RecordClock.now` writes; `stamp` appends the ISO text when it changed.
  public mutating func setTime(milliseconds: Int64, stamp: (Int64, inout ByteBuffer) -> Void) {
    guard case .now = clock, milliseconds != stampedAt else { return }
    stampedAt = milliseconds
    generatedAt.removeAll()
    generatedAt.append(0x22)
    stamp(milliseconds, &generatedAt)
    generatedAt.append(0x22)
  }

  /// Appends the record of a snapshot that was read, with a line feed.
  public func append(_ view: borrowing SnapshotView, to out: inout ByteBuffer) {
    out.append("{\"snapshot\":")
    SnapshotSplice.appendBare(view, to: &out)
    out.append("},\"regime_tags\":{},\"condition_tags\":[],\"outcome_labels\":{},")
    out.append(
      "\"metadata\":{\"schema_version\":\"v1.0.0\",\"dataset_version\":\"v1.0.0\",\"build_id\":\"observer_core_v1\",\"generated_at\":"
    )
    appendStamp(view, to: &out)
    if let quality = RecordQuality(view) {
      quality.append(to: &out)
    } else {
      out.append(",\"quality_flags\":[]")
    }
    out.append(",\"validation\":")
    appendVerdict(view, Field.validation, absent: "{\"severity\":\"SKIPPED\"}", to: &out)
    out.append(",\"guard\":")
    appendVerdict(
      view, Field.guardVerdict, absent: "{\"action\":\"SKIPPED\",\"reason\":\"stage not run\"}", to: &out)
    out.append(
      ",\"_schema\":{\"record_schema_name\":\"PatternRecord\",\"record_schema_version\":\"v1.1.0\",\"compat_min_version\":\"v1.0.0\",\"producer\":\"observer_core\",\"build_id\":\"observer_core_v1\",\"dataset_version\":\"v1.0.0\",\"generated_at\":"
    )
    appendStamp(view, to: &out)
    out.append("},\"_quality\":")
    QualityTags.append(view, to: &out)
    out.append(",\"_interpretation\":")
    Interpretation.append(view, to: &out)
    out.append("}}\n")
  }

  /// `generated_at`'s value, and the session and mode that follow it in both places.
  private func appendStamp(_ view: borrowing SnapshotView, to out: inout ByteBuffer) {
    if case .event = clock {
      out.appendValue(view, Field.timestamp)
    } else {
      out.append(generatedAt.start, count: generatedAt.count)
    }
    out.append(",\"session_id\":")
    if sessionID.isEmpty {
      out.appendValue(view, Field.sessionID)
    } else {
      out.append(sessionID.start, count: sessionID.count)
    }
    out.append(",\"mode\":")
    if mode.isEmpty {
      out.appendValue(view, Field.mode)
    } else {
      out.append(mode.start, count: mode.count)
    }
  }

  private func appendVerdict(
    _ view: borrowing SnapshotView, _ field: Int, absent: StaticString, to out: inout ByteBuffer
  ) {
    if view.isMissing(field) {
      out.append(absent)
    } else {
      out.append(view.value(field))
    }
  }
}

extension ByteBuffer {
  /// Appends a member's value as it stands in the snapshot; null where it is absent.
  @inline(__always)
  mutating func appendValue(_ view: borrowing SnapshotView, _ field: Int) {
    if view.occurrences(field) == 0 {
      append("null")
    } else {
      let place = view.place(field)
      append(view.text + Int(place.start), count: Int(place.end &- place.start))
    }
  }
}
