import Glibc
import Plumbing

/// How `observer-health config` prints.
enum ConfigFormat: String, CaseIterable {
  case ndjson, table, env
}

/// Options of `observer-health config`.
struct ConfigOptions {
  /// `--format`: as asked for, else a table for a person and NDJSON for a pipe.
  var format = ConfigFormat.ndjson
  /// `--get`: one value only.
  var get: String?

  init(_ arguments: Arguments) throws(ToolFailure) {
    format = try arguments.choice("format", default: isatty(1) == 1 ? .table : .ndjson)
    get = arguments.value("get")
  }
}
