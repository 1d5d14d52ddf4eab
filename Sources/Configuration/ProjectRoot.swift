import Glibc
import Plumbing

/// Where the installation, or the source tree, is: the folder that `config/` is in.
public enum ProjectRoot {
  /// The variable that makes the executable's place decide, not the working directory.
  public static let variable = "QTS_OBSERVER_STANDALONE"
  /// A name that some documents use for it. It is not honoured, but it is noticed.
  public static let misname = "OBSERVER_STANDALONE"

  /// Finds the root; nil when there is none.
  ///
  /// Standalone: the nearest folder at or above the executable's folder that holds `config/`. The working
  /// directory plays no part, because cron's is another one. Otherwise: the nearest folder at or above the
  /// working directory with `.git`, `Package.swift`, `pyproject.toml`, or both `src` and `tests`.
  ///
  /// - Parameters:
  ///   - executable: real path of the running program.
  ///   - workingDirectory: absolute path.
  public static func find(
    _ environment: Environment, executable: String? = executablePath,
    workingDirectory: String? = currentDirectory
  ) -> String? {
    if isStandalone(environment) {
      return executable.flatMap { nearest(from: $0.parentFolder) { isFolder($0 + "/config") } }
    }
    return workingDirectory.flatMap { nearest(from: $0, holdsProject) }
  }

  /// Whether the environment asks for the executable's place.
  public static func isStandalone(_ environment: Environment) -> Bool { environment[variable] == "1" }

  /// What is odd about the variables, for the log.
  static func warnings(_ environment: Environment) -> [String] {
    var warnings: [String] = []
    if environment[misname] != nil {
      warnings.append("\(misname) is not honoured: the variable's name is \(variable)")
    }
    if let value = environment[variable], value != "1", value != "0" {
      warnings.append("\(variable)=\(value) is not honoured: only 1 turns it on")
    }
    return warnings
  }

  /// Why there is no root, and the three ways out.
  static func missing(_ environment: Environment) -> ToolFailure {
    let (reason, other) =
      isStandalone(environment)
      ? (
        "no folder at or above the executable holds config/ (\(variable)=1)",
        "unset \(variable) to use the project above the working directory"
      )
      : (
        "no folder at or above the working directory has .git, Package.swift, pyproject.toml, or src and tests",
        "set \(variable)=1 to use the folder with config/ above the executable"
      )
    return ToolFailure(
      .configuration,
      "cannot tell where the archive is: \(reason); name it with --dir, or set OBSERVER_CONFIG_DIR to the"
        + " config folder, or \(other)",
      cause: .noRoot)
  }

  /// The real path of the running program, symbolic links resolved; nil when it is not UTF-8.
  public static var executablePath: String? { executable { String(validatingCString: $0) } }

  /// The working directory; nil when it was removed, or is not UTF-8.
  public static var currentDirectory: String? { working { String(validatingCString: $0) } }

  /// Refuses the path that decides where it is not UTF-8: what is found from there has no name.
  ///
  /// - Throws: `ToolFailure` 78, naming the path.
  static func checkPath(_ environment: Environment) throws(ToolFailure) {
    let (name, bytes) =
      isStandalone(environment)
      ? ("the executable's path", executable { String(cString: $0) })
      : ("the working directory's path", working { String(cString: $0) })
    let text = isStandalone(environment) ? executablePath : currentDirectory
    guard let bytes, text == nil else { return }
    throw ToolFailure(
      .configuration, GivenText.refusal("\(name), \(bytes.quoted()),"), cause: .noRoot)
  }

  private static func executable(_ read: (UnsafePointer<CChar>) -> String?) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4097) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let count = readlink("/proc/self/exe", start, 4096)
      guard count > 0 else { return nil }
      start[count] = 0
      return read(start)
    }
  }

  private static func working(_ read: (UnsafePointer<CChar>) -> String?) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4097) { buffer in
      guard let start = buffer.baseAddress, getcwd(start, 4096) != nil else { return nil }
      return read(start)
    }
  }

  private static func nearest(from start: String, _ holds: (String) -> Bool) -> String? {
    var folder = start
    while true {
      // "/" is looked at as "", so that "/config" and not "//config" is asked for.
      if holds(folder == "/" ? "" : folder) { return folder }
      if folder == "/" || !folder.hasPrefix("/") { return nil }
      folder = folder.parentFolder
    }
  }

  private static func holdsProject(_ folder: String) -> Bool {
    exists(folder + "/.git") || exists(folder + "/Package.swift") || exists(folder + "/pyproject.toml")
      || (isFolder(folder + "/src") && isFolder(folder + "/tests"))
  }

  private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
