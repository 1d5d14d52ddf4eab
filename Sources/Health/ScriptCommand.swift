import Configuration
import Glibc
import Plumbing

/// How `scripts/observer` is called from where the reader of an advice is.
enum ScriptCommand {
  /// Beside the executable when it was installed, else in the repository that it was built in.
  static func find(_ environment: Environment) -> String {
    let home = (ProjectRoot.executablePath ?? "/").parentFolder
    if isProgram(home + "/observer") { return called(home, environment) }
    var root = home
    while root != "/" && !isProgram(root + "/scripts/observer") { root = root.parentFolder }
    if root == "/" { return "observer" }
    return ProjectRoot.currentDirectory == root ? "scripts/observer" : called(root + "/scripts", environment)
  }

  /// How this program itself is called.
  static func health(_ environment: Environment) -> String {
    guard let path = ProjectRoot.executablePath else { return "observer-health" }
    return called(
      path.parentFolder, environment, path.split(separator: "/").last.map(String.init) ?? "observer-health")
  }

  /// Where logrotate's configuration is: installed, or in the repository.
  static func rotation() -> String? {
    var root = (ProjectRoot.executablePath ?? "/").parentFolder
    let installed = root.parentFolder + "/share/observer/logrotate.conf"
    if access(installed, R_OK) == 0 { return installed }
    while root != "/" && access(root + "/config/logrotate.conf", R_OK) != 0 { root = root.parentFolder }
    return root == "/" ? nil : root + "/config/logrotate.conf"
  }

  private static func called(_ folder: String, _ environment: Environment, _ name: String = "observer")
    -> String
  {
    let path = (environment["PATH"] ?? "").split(separator: ":")
    return path.contains(Substring(folder)) ? name : HealthRules.quoted(folder + "/" + name)
  }

  private static func isProgram(_ path: String) -> Bool { access(path, X_OK) == 0 }
}
