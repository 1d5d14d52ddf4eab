import JSONBytes

/// A record's summary for people and dashboards: values copied as bytes, nothing derived.
enum Interpretation {
  /// Appends the `_interpretation` object.
  static func append(_ view: borrowing SnapshotView, to out: inout ByteBuffer) {
    out.append("{\"summary\":{\"source\":")
    out.appendValue(view, Field.source)
    out.append(",\"stage\":")
    out.appendValue(view, Field.stage)
    out.append(",\"symbol\":")
    out.appendValue(view, Field.symbol)
    out.append(",\"market\":")
    out.appendValue(view, Field.market)
    let hasPrice = view.occurrences(Field.price) > 0
    let hasVolume = view.occurrences(Field.volume) > 0
    if hasPrice {
      out.append(",\"price\":")
      out.appendValue(view, Field.price)
    }
    if hasVolume {
      out.append(",\"volume\":")
      out.appendValue(view, Field.volume)
    }
    out.append("},\"hints\":[")
    let start = out.count
    if hasPrice { out.append("\"HAS_PRICE\",") }
    if hasVolume { out.append("\"HAS_VOLUME\",") }
    if view.memberCount(Field.computed) > 0 { out.append("\"HAS_COMPUTED\",") }
    if view.memberCount(Field.state) > 0 { out.append("\"HAS_STATE\",") }
    if out.count > start { out.truncate(to: out.count - 1) }
    out.append("]}")
  }
}
