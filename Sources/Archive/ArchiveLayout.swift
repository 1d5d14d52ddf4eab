import Plumbing

/// Where everything of one archive stands: names only, nothing is opened.
public struct ArchiveLayout: Equatable, Sendable {
  /// The archive's folder.
  public let directory: String
  /// Start of the data files' names, without extension.
  public let baseName: String

  /// Makes a layout.
  ///
  /// - Throws: `ToolFailure` (usage) when `baseName` cannot be the start of a file name.
  public init(directory: String, baseName: String = "observer") throws(ToolFailure) {
    let bytes = Array(baseName.utf8)
    let isPlain = bytes.allSatisfy { $0 > 0x20 && $0 != 0x2F && $0 != 0x7F }
    guard !bytes.isEmpty, bytes.count <= 100, bytes[0] != 0x2E, isPlain else {
      throw ToolFailure(
        .usage,
        "--base-name takes a file name without separators, spaces or a leading dot, at most 100 bytes, not '\(baseName)'"
      )
    }
    self.directory = directory
    self.baseName = baseName
  }

  /// The lock of the folder: one sink at a time, whatever the data files' names.
  public var lock: String { directory + "/observer.lock" }
  /// What never entered the archive.
  public var rejects: String { directory + "/rejects" }

  /// The data file without rotation.
  public var plainName: String { baseName + ".jsonl" }

  /// The data file of a window.
  public func name(of window: Rotation.Window, in rotation: Rotation) -> String {
    "\(baseName)_\(rotation.stamp(of: window)).jsonl"
  }

  /// Where the content of a data file goes that was removed while it was open; `attempt` keeps names apart.
  func recoveredName(at milliseconds: Int64, attempt: Int) -> String {
    let stamp = Rotation.stamp(milliseconds, seconds: true)
    return "\(baseName)_recovered_\(stamp)\(attempt == 0 ? "" : "_\(attempt)").jsonl"
  }

  /// The path of a file in the archive's folder.
  public func path(_ name: String) -> String { directory + "/" + name }
}
