import JSONBytes

/// What can be said about a snapshot's completeness without judging its values.
enum QualityTags {
  /// Appends the `_quality` object.
  static func append(_ view: borrowing SnapshotView, to out: inout ByteBuffer) {
    let inputs = view.memberCount(Field.inputs)
    let computed = view.memberCount(Field.computed)
    let state = view.memberCount(Field.state)
    let hasPrice = view.occurrences(Field.price) > 0
    let hasVolume = view.occurrences(Field.volume) > 0
    out.append("{\"flags\":[")
    let start = out.count
    if inputs == 0 { out.append("\"EMPTY_INPUTS\",") }
    if computed == 0 { out.append("\"NO_COMPUTED\",") }
    if state == 0 { out.append("\"NO_STATE\",") }
    if hasPrice && !view.isNumber(Field.price) { out.append("\"PRICE_NOT_NUMERIC\",") }
    if hasVolume && !view.isNumber(Field.volume) { out.append("\"VOLUME_NOT_NUMERIC\",") }
    if out.count > start { out.truncate(to: out.count - 1) }
    out.append("],\"stats\":{\"inputs_count\":")
    out.append(decimal: inputs)
    out.append(",\"computed_count\":")
    out.append(decimal: computed)
    out.append(",\"state_count\":")
    out.append(decimal: state)
    out.append(",\"timestamp_ms\":")
    out.appendValue(view, Field.timestampMS)
    out.append(",\"timestamp_iso\":")
    out.appendValue(view, Field.timestamp)
    out.append(",\"time_resolution\":\"ms\",\"has_price\":")
    out.append(hasPrice ? "true" : "false")
    out.append(",\"has_volume\":")
    out.append(hasVolume ? "true" : "false")
    out.append("}}")
  }
}
