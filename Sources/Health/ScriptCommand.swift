import Configuration
import Glibc
import Plumbing

/// How `scripts/observer` is called from where the reader of an advice is.
enum ScriptCommand {
  /// Beside the executable when it was installed, else in the repository that it was built in.
  static func find(_ environment: Environment) -> String {
    let home = parent(of: ProjectRoot.executablePath ?? "/")
    if isProgram(home + "/observer") { return called(home, environment) }
    var root = home
    while root != "/" && !isProgram(root + "/scripts/observer") { root = parent(of: root) }
    if root == "/" { return "observer" }
    return ProjectRoot.currentDirectory == root ? "scripts/observer" : called(root + "/scripts", environment)
  }

  private static func called(_ folder: String, _ environment: Environment) -> String {
    let path = (environment["PATH"] ?? "").split(separator: ":")
    return path.contains(Substring(folder)) ? "observer" : HealthRules.quoted(folder + "/observer")
  }

  private static func parent(of path: String) -> String {
    let shorter = path.split(separator: "/").dropLast().joined(separator: "/")
    return "/" + shorter
  }

  private static func isProgram(_ path: String) -> Bool { access(path, X_OK) == 0 }
}
