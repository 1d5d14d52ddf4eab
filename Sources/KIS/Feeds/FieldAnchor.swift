/// A column that is looked at in every record: what stands in it cannot be what stands beside it, so that a field put in
/// or taken out anywhere before it shows there. A look at the length, and at a byte where that does not tell; what looks
/// odd is then judged in full (`FieldKind.fits`).
struct FieldAnchor {
  let column: Int
  /// Bit n: a field of n bytes needs no second look.
  let lengths: UInt64
  /// What a field must have at `place` before its end.
  let place: Int
  let low: UInt8, span: UInt8

  init(_ column: Int, _ kind: FieldKind) {
    self.column = column
    switch kind {
    case .code: (lengths, place, low, span) = (0b11, 0, 0, 0)
    case .pair: (lengths, place, low, span) = (0b111, 0, 0, 0)
    case .time: (lengths, place, low, span) = (1 << 6 | 1, 0, 0, 0)
    case .date: (lengths, place, low, span) = (1 << 8 | 1, 0, 0, 0)
    case .letter: (lengths, place, low, span) = (1, 1, 0x41, 26)
    // Two digits follow the point in almost all that was seen; a whole number has a digit there.
    case .decimal: (lengths, place, low, span) = (1, 3, 0x2E, 1)
    case .integer: (lengths, place, low, span) = (0b111, 3, 0x30, 10)
    case .number: (lengths, place, low, span) = (1, 1, 0x30, 10)
    case .text: (lengths, place, low, span) = (.max, 0, 0, 0)
    }
  }

  /// Whether a field passes at a glance.
  @inline(__always)
  func passes(_ record: FrameRecord) -> Bool {
    let length = record.length(column)
    // (A field of more than 63 bytes wraps round: whatever it is, no shift puts it there.)
    if lengths &>> UInt64(truncatingIfNeeded: length) & 1 != 0 { return true }
    return place > 0 && length >= place && (record.start(column) + length - place).pointee &- low < span
  }
}
