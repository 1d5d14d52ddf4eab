import Glibc
import Health
import Plumbing

/// `observer-health serve`: looks once a second, answers from memory.
struct ServeCommand {
  let arguments: Arguments
  let options: HealthOptions
  let log: Log

  /// Between two looks.
  private static let interval: Nanoseconds = .seconds(1)

  func run() throws -> ExitStatus {
    Signals.ignore(SIGPIPE)
    Signals.note([SIGTERM, SIGINT])
    let reader = FactsReader(arguments, market: options.market, port: nil, sampling: .zero)
    let keeper = SiteKeeper(reader, korean: CheckCommand.isKorean(arguments.environment))
    let server = try HTTPServer(options.listen, hosts: arguments[HealthOptions.hostOption]) {
      keeper.site.answer($0)
    }
    keeper.look()
    log.info("Serving | http://\(options.listen.host):\(server.port)/")
    while Signals.take() == nil {
      server.serve(until: Clocks.monotonic() + Self.interval, also: Signals.descriptor)
      keeper.look()
    }
    return .done
  }
}

/// The site that the server shows.
private final class SiteKeeper {
  private(set) var site: HealthSite
  private let reader: FactsReader
  private var archive: ArchiveFacts?

  init(_ reader: FactsReader, korean: Bool) {
    self.reader = reader
    site = HealthSite(korean: korean)
  }

  func look() {
    let facts = reader.read(after: archive)
    archive = facts.archive
    site.update(facts, metrics: reader.metrics(facts))
  }
}
