import JSONBytes

/// Copying a snapshot without the verdicts that earlier stages appended, every other byte as it came in.
public enum SnapshotSplice {

  /// Appends the snapshot up to, not including, its closing brace, without the members `fields`.
  ///
  /// Returns whether a comma must precede the next member, that is, whether the object has members left.
  @inline(__always)
  public static func appendOpen(
    _ view: borrowing SnapshotView, without fields: (Int, Int), to out: inout ByteBuffer
  ) -> Bool {
    let (start, end) = view.extent
    if view.occurrences(fields.0) == 0 && view.occurrences(fields.1) == 0 {
      out.append(view.text + start, count: end - start - 1)
      return view.text[start + 1] != 0x7D && hasMembers(view.text + start + 1)
    }
    return appendPieces(view, fields, &out)
  }

  /// Verdicts as our stages write them: each follows a comma and stands once. Anything else is rewritten one
  /// member at a time.
  private static func appendPieces(
    _ view: borrowing SnapshotView, _ fields: (Int, Int), _ out: inout ByteBuffer
  ) -> Bool {
    let (start, end) = view.extent
    var pieces = (Self.cut(view, fields.0), Self.cut(view, fields.1))
    if pieces.0.isUnusual || pieces.1.isUnusual { return appendRewritten(view, fields, &out) }
    if pieces.1.from < pieces.0.from { swap(&pieces.0, &pieces.1) }
    var at = start
    for piece in [pieces.0, pieces.1] where piece.from < piece.to {
      out.append(view.text + at, count: piece.from - at)
      at = piece.to
    }
    out.append(view.text + at, count: end - 1 - at)
    return true
  }

  private struct Cut {
    var from = 0
    var to = 0
    var isUnusual = false
  }

  /// What to leave out for a member: from the comma before it to its last byte.
  private static func cut(_ view: borrowing SnapshotView, _ field: Int) -> Cut {
    let occurrences = view.occurrences(field)
    if occurrences == 0 { return Cut() }
    let place = view.place(field)
    var before = Int(place.name) - 1
    while before > 0 && view.text[before] <= 0x20 { before -= 1 }
    return Cut(from: before, to: Int(place.end), isUnusual: occurrences > 1 || view.text[before] != 0x2C)
  }

  /// Takes verdicts out one by one, reading the result anew each time.
  @inline(never)
  private static func appendRewritten(
    _ view: borrowing SnapshotView, _ fields: (Int, Int), _ out: inout ByteBuffer
  ) -> Bool {
    let (start, end) = view.extent
    var text = Array(UnsafeBufferPointer(start: view.text + start, count: end - start))
    var reader = SnapshotView(unwrap: false)
    while true {
      let count = text.count
      let cut = Self.read(text, with: &reader) { view -> Range<Int>? in
        guard let field = [fields.0, fields.1].first(where: { view.occurrences($0) > 0 }) else { return nil }
        let cut = Self.cut(view, field)
        if view.text[cut.from] == 0x2C { return cut.from..<cut.to }
        var after = cut.to
        while view.text[after] <= 0x20 && after < count { after += 1 }
        return cut.from + 1..<(view.text[after] == 0x2C ? after + 1 : cut.to)
      }
      guard let cut else { break }
      text.removeSubrange(cut)
    }
    out.append(Array(text.dropLast()))
    return text.withUnsafeBufferPointer { bytes in bytes.dropFirst().dropLast().contains { $0 > 0x20 } }
  }

  private static func read<Result>(
    _ text: [UInt8], with reader: inout SnapshotView, _ body: (borrowing SnapshotView) -> Result?
  ) -> Result? {
    let padded = text + [0x0A] + Array(repeating: 0, count: JSONScanner.padding)
    return padded.withUnsafeBufferPointer { bytes -> Result? in
      guard let start = bytes.baseAddress, reader.read(start, count: text.count) else { return nil }
      return body(reader)
    }
  }

  @inline(__always)
  private static func hasMembers(_ at: UnsafePointer<UInt8>) -> Bool {
    var at = at
    while at.pointee <= 0x20 { at += 1 }
    return at.pointee == 0x22
  }
}
