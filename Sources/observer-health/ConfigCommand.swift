import Configuration
import JSONBytes
import Plumbing

/// `observer-health config`: every effective value with its origin.
struct ConfigCommand {
  let settings: Settings
  let options: ConfigOptions

  /// One line of the answer. A nil value is one that is not set.
  private struct Row {
    let name: String
    let value: String?
    let origin: Origin
  }

  /// Variables that mean something to some stage.
  private static let variables = [
    "QTS_OBSERVER_STANDALONE", "OBSERVER_CONFIG_DIR", "OBSERVER_CONFIG_FILE", "OBSERVER_DATA_DIR",
    "OBSERVER_LOG_DIR", "OBSERVER_LOG_LEVEL", "OBSERVER_LOG_FORMAT", "OBSERVER_METRICS_DIR", "OBSERVER_MODE",
    "OBSERVER_SESSION_ID", "OBSERVER_WATCHLIST", "KIS_APP_KEY", "KIS_APP_SECRET", "REAL_APP_KEY",
    "REAL_APP_SECRET", "KIS_TOKEN_CACHE_DIR",
  ]

  func run() throws -> ExitStatus {
    var text = ByteBuffer()
    var failure: ToolFailure?
    if let name = options.get {
      try value(of: name, to: &text)
    } else if options.format == .env {
      try environmentLines(to: &text)
    } else {
      var rows: [Row] = []
      failure = try pathRows(&rows)
      for key in ConfigKey.all where key.name != ConfigKey.watchlist.name {
        let setting = try settings.text(key)
        rows.append(Row(name: key.name, value: setting.value, origin: setting.origin))
      }
      rows += variableRows()
      if options.format == .table { table(rows, to: &text) } else { lines(rows, to: &text) }
    }
    try StandardOutput.write(text.start, count: text.count)
    if let failure { throw failure }
    return .done
  }

  /// Folders and files. What cannot be told is no reason to hide the rest: it comes back as a failure.
  private func pathRows(_ rows: inout [Row]) throws -> ToolFailure? {
    var failure: ToolFailure?
    rows.append(Row(name: "root", value: settings.root, origin: settings.rootOrigin))
    rows.append(Row(name: "config_file", value: settings.file?.path, origin: .found("see --config")))
    do {
      let directory = try settings.archiveDirectory()
      rows.append(Row(name: "archive_dir", value: directory.path, origin: directory.origin))
    } catch {
      failure = error
    }
    let watchlist = try settings.watchlist()
    rows.append(Row(name: "watchlist", value: watchlist.value, origin: watchlist.origin))
    return failure
  }

  private func variableRows() -> [Row] {
    let given = (settings.file?.environment.keys.sorted() ?? []).filter { !Self.variables.contains($0) }
    return (Self.variables + given).compactMap { name in
      settings.environment[name].map {
        Row(name: name, value: shown(name, $0), origin: settings.origin(ofVariable: name))
      }
    }
  }

  private func shown(_ name: String, _ value: String) -> String {
    SecretNames.isSecret(name) ? SecretMask.replacement : value
  }

  private func lines(_ rows: [Row], to text: inout ByteBuffer) {
    for row in rows {
      text.append("{\"name\":")
      text.append(jsonString: row.name)
      text.append(",\"value\":")
      if let value = row.value { text.append(jsonString: value) } else { text.append("null") }
      text.append(",\"origin\":")
      text.append(jsonString: row.origin.description)
      text.append("}\n")
    }
  }

  private func table(_ rows: [Row], to text: inout ByteBuffer) {
    let nameWidth = rows.map(\.name.count).max() ?? 0
    let valueWidth = min(rows.map { ($0.value ?? "-").count }.max() ?? 0, 60)
    func pad(_ word: String, _ width: Int) -> String {
      word + String(repeating: " ", count: max(0, width - word.count))
    }
    for row in rows {
      let value = (row.value ?? "-").printable
      text.append(text: "\(pad(row.name, nameWidth))  \(pad(value, valueWidth))  \(row.origin)\n")
    }
  }

  /// `--get`: paths by their row's name, keys by their dotted name, else a variable.
  private func value(of name: String, to text: inout ByteBuffer) throws {
    let value: String?
    switch name {
    case "root":
      guard let root = settings.root else { throw ToolFailure(.configuration, "there is no root") }
      value = root
    case "archive_dir": value = try settings.archiveDirectory().path
    case "config_file": value = settings.file?.path
    case "watchlist": value = try settings.watchlist().value
    default:
      if let key = ConfigKey.all.first(where: { $0.name == name }) {
        value = try settings.text(key).value
      } else if let variable = settings.environment[name] {
        value = shown(name, variable)
      } else if Self.variables.contains(name) {
        value = nil
      } else {
        throw ToolFailure(.usage, "--get \(name): no such key, path or variable (see observer-health config)")
      }
    }
    text.append(text: (value ?? "") + "\n")
  }

  /// A value that somebody has given.
  private func chosen(_ key: ConfigKey) throws(ToolFailure) -> String? {
    let setting = try settings.text(key)
    return setting.origin == .standard ? nil : setting.value
  }

  /// `--format env`: what a script exports to the stages. A value is everything after the first `=`, so nothing
  /// has to be quoted; one with a line break cannot be told this way and is refused. What is unknown is left out, and so
  /// is a default: a stage would take it for a choice. A mode of the file is no choice either: see `Profile.mode`.
  private func environmentLines(to text: inout ByteBuffer) throws {
    var values: [(String, String?)] = [
      ("OBSERVER_ROOT", settings.root),
      ("OBSERVER_ARCHIVE_DIR", try? settings.archiveDirectory().path),
      ("OBSERVER_WATCHLIST", try settings.watchlist().value),
      ("OBSERVER_MODE", settings.environment["OBSERVER_MODE"]),
      ("OBSERVER_LOG_LEVEL", try chosen(.logLevel)),
      ("OBSERVER_LOG_FORMAT", try chosen(.logFormat)),
      ("OBSERVER_CONFIG_FILE", settings.file?.path),
    ]
    let derived = Set(values.map(\.0))
    for name in settings.file?.environment.keys.sorted() ?? []
    where !derived.contains(name) && !SecretNames.isSecret(name) {
      values.append((name, settings.environment[name]))
    }
    for case (let name, let value?) in values {
      guard !value.utf8.contains(0x0A) else {
        throw ToolFailure(.configuration, "\(name) has a line break, which --format env cannot show")
      }
      text.append(text: "\(name)=\(value)\n")
    }
  }
}
