import Glibc
import Plumbing

/// Where an effective value came from.
public enum Origin: Equatable, Sendable, CustomStringConvertible {
  /// An option.
  case option(String)
  /// A variable of the process.
  case variable(String)
  /// A variable given by the file's section `environment`.
  case standIn(String, file: String)
  /// The file.
  case file(String)
  /// Found by looking at folders.
  case found(String)
  /// Built in.
  case standard

  /// One word or two for a person.
  public var description: String {
    switch self {
    case .option(let name): "--\(name)"
    case .variable(let name): "variable \(name)"
    case .standIn(let name, let file): "\(file) environment.\(name)"
    case .file(let path): path
    case .found(let how): how
    case .standard: "default"
    }
  }

  /// Refuses the value of `key` that came from here: the text names the place to mend, `--rest-url must be …`,
  /// `KIS_REST_URL must be …`, `c.json: fetch.rest_url must be …`. Status 64 for an option, 78 for all else.
  public func refusal(of key: ConfigKey, _ why: String) -> ToolFailure {
    switch self {
    case .option(let name): ToolFailure(.usage, "--\(name) \(why)")
    case .variable(let name): ToolFailure(.configuration, "\(name) \(why)")
    case .standIn(let name, let file): ToolFailure(.configuration, "\(file): environment.\(name) \(why)")
    case .file(let path): ToolFailure(.configuration, "\(path): \(key.name) \(why)")
    case .found, .standard: ToolFailure(.configuration, "\(key.name) \(why)")
    }
  }
}

/// A value with its origin.
public struct Setting<Value: Sendable & Equatable>: Sendable, Equatable {
  /// The effective value.
  public let value: Value
  /// Where it came from.
  public let origin: Origin

  /// Makes a setting.
  public init(_ value: Value, _ origin: Origin) {
    self.value = value
    self.origin = origin
  }
}

/// Every setting of the process: command line before environment before file before built-in default.
public struct Settings: Sendable {
  /// The file, if there is one.
  public let file: ConfigFile?
  /// The installation's or the project's folder, if one was found.
  public let root: String?
  /// The environment, with the file's section `environment` standing in for what is not set.
  public let environment: Environment
  /// Warnings to log once.
  public let warnings: [String]
  let arguments: Arguments
  let workingDirectory: String?
  private let processEnvironment: Environment

  /// `--config`, of every tool with settings.
  public static let configOption = Option.text(
    "config", "FILE", as: .file, variable: "OBSERVER_CONFIG_FILE", "the configuration file",
    detail: "Else <root>/config/deployment_config.json, which need not exist.")
  /// `--dir`, of every tool with an archive.
  public static let directoryOption = Option.text(
    "dir", "DIR", as: .folder, "the archive's folder",
    detail: "Else $OBSERVER_CONFIG_DIR/observer, paths.config_dir of the configuration file, or"
      + " <root>/config/observer; with QTS_OBSERVER_STANDALONE=1 the root is above the executable.")

  /// Finds and reads the configuration: `--config`, else `OBSERVER_CONFIG_FILE`, else
  /// `<root>/config/deployment_config.json`, which need not exist.
  ///
  /// - Throws: `ToolFailure` 78 for a file that is named but cannot be read, is broken, or has a wrong type, and
  ///   for a working directory (standalone: an executable) whose path is not UTF-8.
  public init(
    _ arguments: Arguments, executable: String? = ProjectRoot.executablePath,
    workingDirectory: String? = ProjectRoot.currentDirectory
  ) throws(ToolFailure) {
    let process = arguments.environment
    try ProjectRoot.checkPath(process)
    let place = ProjectRoot.find(process, executable: executable, workingDirectory: workingDirectory)
    if let path = arguments.textOrVariable(Self.configOption) {
      file = try ConfigFile(path: path)
    } else if let place, access(Self.standardPath(place), F_OK) == 0 {
      file = try ConfigFile(path: Self.standardPath(place))
    } else {
      file = nil
    }
    let standIns = file?.environment ?? [:]
    for (name, value) in standIns { SecretMask.register(value, variable: name) }
    environment = Environment { process[$0] ?? standIns[$0] }
    // The file may turn standalone on; its own place was decided before.
    root =
      standIns[ProjectRoot.variable] == nil
      ? place
      : ProjectRoot.find(environment, executable: executable, workingDirectory: workingDirectory)
    warnings = ProjectRoot.warnings(environment) + (file?.warnings ?? [])
    self.arguments = arguments
    self.workingDirectory = workingDirectory
    processEnvironment = process
  }

  private static func standardPath(_ root: String) -> String {
    (root == "/" ? "" : root) + "/config/deployment_config.json"
  }

  /// The effective value of a key as text, nil where nothing is the default.
  ///
  /// - Throws: 78 for a bad variable, naming it; options were checked when they were parsed.
  public func text(_ key: ConfigKey) throws(ToolFailure) -> Setting<String?> {
    if let option = key.option {
      let given = arguments.values(key)
      let text = key.spec.isRepeatable ? given.joined(separator: ",") : given.last
      if !given.isEmpty, let accepted = text.flatMap({ key.kind.accept($0) }) {
        return Setting(accepted, .option(option.name))
      }
    }
    if let name = key.variable, let text = environment[name] {
      guard let accepted = key.kind.accept(text) else {
        throw origin(ofVariable: name).refusal(of: key, "must be \(key.kind.expectation), not '\(text)'")
      }
      return Setting(accepted, origin(ofVariable: name))
    }
    if let file, let text = file.values[key.name] { return Setting(text, .file(file.path)) }
    return Setting(key.standard, .standard)
  }

  /// The effective value of a key that is a truth value.
  public func flag(_ key: ConfigKey) throws(ToolFailure) -> Setting<Bool> {
    let setting = try text(key)
    return Setting(setting.value == "true", setting.origin)
  }

  /// The effective value of a key that is a whole number; nil where nothing is the default.
  public func integer(_ key: ConfigKey) throws(ToolFailure) -> Setting<Int?> {
    let setting = try text(key)
    return Setting(setting.value.flatMap { Int($0) }, setting.origin)
  }

  /// The effective value of a key that is a number; nil where nothing is the default.
  public func number(_ key: ConfigKey) throws(ToolFailure) -> Setting<Double?> {
    let setting = try text(key)
    return Setting(setting.value.flatMap { Double($0) }, setting.origin)
  }

  /// The effective value of a key that is a list.
  public func list(_ key: ConfigKey) throws(ToolFailure) -> Setting<[String]> {
    let setting = try text(key)
    let words = (setting.value ?? "").split(separator: ",").map(String.init)
    return Setting(words, setting.origin)
  }

  /// Whether a variable comes from the process or from the file.
  public func origin(ofVariable name: String) -> Origin {
    if let file, processEnvironment[name] == nil, file.environment[name] != nil {
      return .standIn(name, file: file.path)
    }
    return .variable(name)
  }

  /// The log that the settings ask for.
  public func log(stage: String) throws(ToolFailure) -> Log {
    let level = try text(.logLevel).value.flatMap { LogLevel(name: $0) } ?? .info
    let format = try text(.logFormat).value.flatMap { LogFormat(rawValue: $0) } ?? .text
    return Log(stage: stage, level: level, format: format)
  }
}
