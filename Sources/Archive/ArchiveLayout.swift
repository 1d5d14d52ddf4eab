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
  public var lock: String { path(Self.lockName) }
  /// What the lock is called.
  public static let lockName = "observer.lock"
  /// What never entered the archive.
  public var rejects: String { directory + "/rejects" }

  /// The path of a file in the archive's folder.
  public func path(_ name: String) -> String { directory + "/" + name }
}
