import Plumbing

/// What the name of a data file says.
public struct DataFileName: Equatable, Sendable {
  /// Which lines the file holds.
  public enum Content: Equatable, Sendable {
    /// `NAME.jsonl`: all lines of an archive without rotation; it is never finished.
    case whole
    /// `NAME_20260730_0900.jsonl`: those of the window that began then, in KST; with seconds for short windows.
    case window(String)
    /// `NAME_recovered_20260730_090000.jsonl`: those of a file that was removed while the sink had it open.
    case removed
    /// `…_recovered_at_1024.jsonl`: those that a power cut left behind a hole in the file called so before.
    case behindHole
  }

  /// What stands behind `.jsonl`.
  public enum Form: String, CaseIterable, Sendable {
    /// Compressed by zstd.
    case zstd = ".zst"
    /// Compressed by gzip.
    case gzip = ".gz"
    /// As it was written. It comes last: lines that came late into a window which is compressed already stand here.
    case plain = ""
  }

  /// Which lines the file holds.
  public let content: Content
  /// How they are stored.
  public let form: Form

  /// Whether a sink may be writing it.
  public var isLive: Bool {
    switch content {
    case .whole, .window: form == .plain
    case .removed, .behindHole: false
    }
  }

  /// A data file of whatever archive, by its ending: the name without it, and the form. Nil for hidden files, notes
  /// of a compression (`.packed`, `.tmp`) and everything else.
  public static func split(_ name: String) -> (stem: Substring, form: Form)? {
    guard !name.hasPrefix(".") else { return nil }
    for form in Form.allCases where name.hasSuffix(".jsonl" + form.rawValue) {
      let stem = name.dropLast(".jsonl".utf8.count + form.rawValue.utf8.count)
      return stem.isEmpty ? nil : (stem, form)
    }
    return nil
  }
}

/// Names of data files: this is the only place that makes them and takes them apart. The shell's copy is
/// `scripts/observer-names`; a test holds both against one table.
extension ArchiveLayout {
  /// The data file without rotation.
  public var plainName: String { baseName + ".jsonl" }

  /// The data file of a window.
  public func name(of window: Rotation.Window, in rotation: Rotation) -> String {
    "\(baseName)_\(rotation.stamp(of: window)).jsonl"
  }

  /// Where the content of a data file goes that was removed while it was open; `attempt` keeps names apart.
  func recoveredName(at instant: Milliseconds, attempt: Int) -> String {
    let stamp = Rotation.stamp(instant, seconds: true)
    return "\(baseName)\(Self.recovered)\(stamp)\(attempt == 0 ? "" : "_\(attempt)").jsonl"
  }

  /// Where whole lines go that a power cut left in a data file behind a hole; `offset` is where the file was cut off.
  static func recoveredName(of name: String, at offset: Int64) -> String {
    "\(name.dropLast(".jsonl".utf8.count))\(recoveredAt)\(offset).jsonl"
  }

  /// Reads a name; nil: it is no data file of this archive.
  public func parse(_ name: String) -> DataFileName? {
    guard let (stem, form) = DataFileName.split(name), let content = content(stem) else { return nil }
    return DataFileName(content: content, form: form)
  }

  private static let recovered = "_recovered_"
  private static let recoveredAt = "_recovered_at_"

  private func content(_ stem: Substring) -> DataFileName.Content? {
    guard stem.hasPrefix(baseName) else { return nil }
    let rest = stem.dropFirst(baseName.count)
    if rest.isEmpty { return .whole }
    if let (before, offset) = Self.cut(stem, before: Self.recoveredAt) {
      return Self.isNumber(offset) && content(before) != nil ? .behindHole : nil
    }
    if rest.hasPrefix(Self.recovered) {
      let stamp = rest.dropFirst(Self.recovered.count)
      let attempt = stamp.dropFirst("00000000_000000".count)
      let isAttempt = attempt.isEmpty || (attempt.hasPrefix("_") && Self.isNumber(attempt.dropFirst()))
      return String(stamp.dropLast(attempt.count)).numbers(like: "00000000_000000") != nil && isAttempt
        ? .removed : nil
    }
    guard rest.hasPrefix("_") else { return nil }
    let stamp = String(rest.dropFirst())
    let isStamp = stamp.numbers(like: "00000000_0000") != nil || stamp.numbers(like: "00000000_000000") != nil
    return isStamp ? .window(stamp) : nil
  }

  /// What stands before and behind the last `mark`.
  private static func cut(_ text: Substring, before mark: String) -> (Substring, Substring)? {
    var at = text.endIndex
    while at > text.startIndex {
      at = text.index(before: at)
      if text[at...].hasPrefix(mark) { return (text[..<at], text[at...].dropFirst(mark.count)) }
    }
    return nil
  }

  private static func isNumber(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }
}
