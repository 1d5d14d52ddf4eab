import Plumbing

/// A folder to archive into.
public struct ArchiveDirectory: Equatable, Sendable {
  /// Absolute path.
  public let path: String
  /// What decided.
  public let origin: Origin
  /// How many of the path's last levels may be created. What is above them must be there: a missing one means
  /// that a volume is not mounted.
  public let levels: Int
}

extension Settings {
  /// Where the archive is: `--dir`, else `OBSERVER_CONFIG_DIR`/observer, else `paths.config_dir` of the file +
  /// /observer, else `<root>/config/observer`. `OBSERVER_DATA_DIR` plays no part.
  ///
  /// - Throws: `ToolFailure` 78 with the three ways out when nothing of that is known.
  public func archiveDirectory() throws(ToolFailure) -> ArchiveDirectory {
    if let given = arguments[Self.directoryOption] {
      guard !given.isEmpty else { throw ToolFailure(.usage, "--dir needs the name of a folder") }
      return ArchiveDirectory(path: absolute(given), origin: .option("dir"), levels: 1)
    }
    let variable = "OBSERVER_CONFIG_DIR"
    if let given = environment[variable] {
      let origin = origin(ofVariable: variable)
      return ArchiveDirectory(path: folder(given, origin) + "/observer", origin: origin, levels: 2)
    }
    if let given = try text(.configDirectory).value, !given.isEmpty {
      return ArchiveDirectory(
        path: relativeToRoot(given) + "/observer", origin: .file(file?.path ?? ""), levels: 2)
    }
    guard let root else { throw ProjectRoot.missing(environment) }
    return ArchiveDirectory(
      path: (root == "/" ? "" : root) + "/config/observer", origin: rootOrigin, levels: 2)
  }

  /// How the root was found.
  public var rootOrigin: Origin {
    .found(
      ProjectRoot.isStandalone(environment)
        ? "config/ above the executable" : "project above the working directory")
  }

  /// The watchlist's path: a variable's is relative to the working directory, the file's to the root.
  public func watchlist() throws(ToolFailure) -> Setting<String> {
    let setting = try text(.watchlist)
    return Setting(folder(setting.value ?? "", setting.origin), setting.origin)
  }

  /// The files with app keys; relative as the watchlist is.
  public func credentials() throws(ToolFailure) -> [String] {
    let setting = try list(.fetchCredentials)
    return setting.value.map { folder($0, setting.origin) }
  }

  /// Where the calendar may be, the best place first: `holidays.jsonl` beside the configuration file, then in
  /// `<root>/config`.
  public var holidayFiles: [String] {
    let beside = file.map { file -> String in
      let folder = file.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      return folder.isEmpty ? "." : folder.joined(separator: "/")
    }
    let installed = root.map { ($0 == "/" ? "" : $0) + "/config" }
    let folders = [beside, installed].compactMap { $0 }
    return folders.enumerated().filter { folders.firstIndex(of: $0.element) == $0.offset }
      .map { $0.element + "/holidays.jsonl" }
  }

  /// What a person typed is relative to where that person is; what a file says is relative to the root.
  private func folder(_ path: String, _ origin: Origin) -> String {
    switch origin {
    case .option, .variable: absolute(path)
    case .standIn, .file, .found, .standard: relativeToRoot(path)
    }
  }

  private func relativeToRoot(_ path: String) -> String {
    guard !path.hasPrefix("/"), let root else { return absolute(path) }
    return trimmed((root == "/" ? "" : root) + "/" + path)
  }

  private func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let workingDirectory else { return trimmed(path) }
    return trimmed((workingDirectory == "/" ? "" : workingDirectory) + "/" + path)
  }

  /// Without slashes at the end.
  private func trimmed(_ path: String) -> String {
    var path = path
    while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}
