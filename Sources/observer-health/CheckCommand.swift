import Glibc
import Health
import Plumbing

/// `observer-health check`: every link once.
struct CheckCommand {
  let arguments: Arguments
  let options: HealthOptions

  func run() throws -> ExitStatus {
    let reader = FactsReader(
      arguments, market: options.market, port: options.listen.port, sampling: options.sampling)
    let report = HealthReport(reader.read())
    let korean = Self.isKorean(arguments.environment)
    var text =
      options.format == .table ? report.table(korean: korean) : report.ndjson(korean: korean)
    try text.withUTF8 { bytes throws in
      if let start = bytes.baseAddress { try StandardOutput.write(start, count: bytes.count) }
    }
    return report.isHealthy ? .done : .unhealthy
  }

  /// Whether messages are to be Korean: the first of LC_ALL, LC_MESSAGES and LANG decides.
  static func isKorean(_ environment: Environment) -> Bool {
    let locale = environment["LC_ALL"] ?? environment["LC_MESSAGES"] ?? environment["LANG"] ?? ""
    return locale.hasPrefix("ko")
  }
}
