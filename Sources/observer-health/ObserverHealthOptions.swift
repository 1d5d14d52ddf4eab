import Glibc
import Health
import Plumbing

/// How answers are printed.
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

/// Options of `check` and `serve`.
struct HealthOptions {
  /// `--format`: ndjson or table.
  var format = ConfigFormat.ndjson
  /// `--market`.
  var market = FactsReader.MarketView.calendar
  /// `--sample`, milliseconds.
  var sampling: Int64 = 1000
  /// `--listen`.
  var listen = ListenAddress.standard

  init(_ arguments: Arguments) throws(ToolFailure) {
    format = try arguments.choice("format", default: isatty(1) == 1 ? .table : .ndjson)
    guard format != .env else { throw ToolFailure(.usage, "--format env is for config") }
    market = try arguments.choice("market", default: .calendar)
    if let text = arguments.value("sample") {
      guard let seconds = Double(text), (0...60).contains(seconds) else {
        throw ToolFailure(.usage, "--sample takes seconds from 0 to 60, not '\(text)'")
      }
      sampling = Int64(seconds * 1000)
    }
    if let text = arguments.value("listen") {
      guard let address = ListenAddress(text) else {
        throw ToolFailure(.usage, "--listen takes ADDRESS:PORT such as 127.0.0.1:8000, not '\(text)'")
      }
      listen = address
    }
  }
}
