import JSONBytes

/// Copying a snapshot without the verdicts that earlier stages appended, every other byte as it came in.
public enum SnapshotSplice {
  /// Appends the snapshot up to, not including, its closing brace, without the member `field`.
  ///
  /// Returns whether a comma must precede the next member, that is, whether the object has members left.
  @inline(__always)
  public static func appendOpen(
    _ view: borrowing SnapshotView, without field: Int, to out: inout ByteBuffer
  ) -> Bool {
    if view.occurrences(field) > 0 { return appendCut(view, field, &out) }
    let (start, end) = view.extent
    out.append(view.text + start, count: end - start - 1)
    return view.text[start + 1] != 0x7D && hasMembers(view.text + start + 1)
  }

  /// Appends the snapshot with the guard's verdict in place of an older one, and a line feed.
  @inline(__always)
  public static func appendGuard(
    _ view: borrowing SnapshotView, to out: inout ByteBuffer, verdict: (inout ByteBuffer) -> Void
  ) {
    if appendOpen(view, without: Field.guardVerdict, to: &out) { out.append(0x2C) }
    out.append("\"guard\":")
    verdict(&out)
    out.append("}\n")
  }

  /// Appends the snapshot up to, not including, its closing brace, without either verdict.
  @inline(__always)
  static func appendBare(_ view: borrowing SnapshotView, to out: inout ByteBuffer) {
    let (start, end) = view.extent
    if view.occurrences(Field.validation) == 0 && view.occurrences(Field.guardVerdict) == 0 {
      out.append(view.text + start, count: end - start - 1)
      return
    }
    guard let first = cut(view, Field.validation), let second = cut(view, Field.guardVerdict) else {
      _ = appendRewritten(view, [Field.validation, Field.guardVerdict], &out)
      return
    }
    let cuts = first.from <= second.from ? (first, second) : (second, first)
    out.append(view.text + start, count: cuts.0.from - start)
    out.append(view.text + cuts.0.to, count: cuts.1.from - cuts.0.to)
    out.append(view.text + cuts.1.to, count: end - 1 - cuts.1.to)
  }

  private static func appendCut(
    _ view: borrowing SnapshotView, _ field: Int, _ out: inout ByteBuffer
  ) -> Bool {
    guard let cut = cut(view, field) else { return appendRewritten(view, [field], &out) }
    let (start, end) = view.extent
    out.append(view.text + start, count: cut.from - start)
    out.append(view.text + cut.to, count: end - 1 - cut.to)
    return true
  }

  /// What to leave out for a verdict as our stages write it, once and after a comma: from that comma to the
  /// value's last byte. Empty, at the snapshot's start, when it is absent; nil when it stands otherwise.
  private static func cut(_ view: borrowing SnapshotView, _ field: Int) -> (from: Int, to: Int)? {
    let occurrences = view.occurrences(field)
    if occurrences == 0 { return (view.extent.start, view.extent.start) }
    let place = view.place(field)
    var before = Int(place.name) - 1
    while view.text[before] <= 0x20 { before -= 1 }
    if occurrences > 1 || view.text[before] != 0x2C { return nil }
    return (before, Int(place.end))
  }

  /// Goes through the members one by one: a verdict may stand first, twice, or be spelled with escapes.
  ///
  /// A verdict after a kept member goes with the comma before it, one before the first kept member with the
  /// comma after it.
  @inline(never)
  private static func appendRewritten(
    _ view: borrowing SnapshotView, _ fields: [Int], _ out: inout ByteBuffer
  ) -> Bool {
    let names = fields.map { $0 == Field.validation ? "validation" : "guard" }
    let (start, end) = view.extent
    var walk = MemberWalk(view.text + start)
    var copied = view.text + start
    var hasKept = false
    while let member = walk.next() {
      if !names.contains(where: { member.isNamed($0) }) {
        hasKept = true
        continue
      }
      let from = hasKept ? member.comma : member.name
      out.append(copied, count: from - copied)
      copied = hasKept ? member.end : walk.afterComma(member.end)
    }
    out.append(copied, count: view.text + end - 1 - copied)
    return hasKept
  }

  @inline(__always)
  private static func hasMembers(_ at: UnsafePointer<UInt8>) -> Bool {
    var at = at
    while at.pointee <= 0x20 { at += 1 }
    return at.pointee == 0x22
  }
}
