import Configuration
import Glibc
import Market
import Plumbing

/// Looks at the host: the only part of the check that touches anything.
public struct FactsReader: Sendable {
  /// What the command line says about the market.
  public enum MarketView: String, CaseIterable, Sendable {
    /// By the calendar.
    case calendar
    /// Records are expected, whatever the calendar says (a simulator).
    case open
    /// None are expected.
    case closed
  }

  private let arguments: Arguments
  private let market: MarketView
  private let port: UInt16?
  private let sampling: Milliseconds
  private let command: String
  private let health: String

  /// - Parameters:
  ///   - port: the health port to look at; nil: not looked at.
  ///   - sampling: milliseconds between two looks at the data file.
  public init(_ arguments: Arguments, market: MarketView, port: UInt16?, sampling: Milliseconds) {
    self.arguments = arguments
    self.market = market
    self.port = port
    self.sampling = sampling
    command = ScriptCommand.find(arguments.environment)
    health = ScriptCommand.health(arguments.environment)
  }

  /// Looks once; with `before`, the data file at an earlier look, also at what was added since.
  public func read(after before: ArchiveFacts? = nil) -> HealthFacts {
    var facts = HealthFacts(wall: Clocks.wall())
    facts.standalone = arguments.environment[ProjectRoot.variable]
    facts.misnamed = arguments.environment[ProjectRoot.misname]
    facts.command = command
    facts.health = health
    facts.isDirectoryGiven = arguments.has(Settings.directoryOption)
    var venue = Venue.krx
    var environment = arguments.environment
    var calendar = MarketCalendar()
    var baseName = "observer"
    do {
      let settings = try Settings(arguments)
      facts.configFile = settings.file?.path
      environment = settings.environment
      facts.standalone = environment[ProjectRoot.variable]
      venue = Venue(rawValue: try settings.text(.fetchVenue).value ?? "") ?? .krx
      baseName = try settings.text(.baseName).value ?? baseName
      facts.restURL = try settings.text(.restURL).value
      let found = Self.calendar(settings)
      calendar = found.calendar
      facts.calendar = found.facts
      facts.directory = try settings.archiveDirectory().path
    } catch {
      let failure = error
      // What --dir says is known even if the file is broken.
      facts.directory = arguments[Settings.directoryOption]
      if facts.configFile == nil && failure.cause != .noRoot {
        facts.configFailure = failure.message
      }
      facts.directoryFailure = failure.message
    }
    facts.isContainer = VolumeReader.isContainer(environment)
    facts.isLossAccepted = environment[HealthRules.acceptance] == "1"
    if let directory = facts.directory {
      facts.folder = FolderReader.read(directory, baseName)
      facts.pipeline = PipelineReader.read(directory)
      let place = Self.metrics(facts.pipeline, environment[Self.metricsVariable]) ?? directory + "/.run"
      facts.metricsFolder = place
      facts.pipeline.failure = facts.pipeline.failure ?? PipelineReader.hidden(in: place)
      facts.stages = HealthFacts.stageNames.map { StageReader.read($0, in: place) }
      facts.watchlist = WatchlistFacts(SmallFile.text("\(place)/kis-fetch.symbols", limit: 32_768) ?? "")
      facts.board = BoardFacts.read(in: place, calendar, at: facts.wall)
      facts.logFolder = SideFolder.look(facts.pipeline.logs ?? directory + "/.run/log")
      facts.rotation = ScriptCommand.rotation()
      facts.rejectsFolder = SideFolder.look(directory + "/rejects")
      facts.archive = ArchiveReader.newest(directory, baseName)
      facts.closedWindows = ClosedWindows.look(directory, baseName)
    } else {
      facts.stages = HealthFacts.stageNames.map { StageFacts($0) }
    }
    facts.market = look(calendar, venue, facts)
    if let port { facts.port = (Int(port), PortProbe.look(port)) }
    var before = before
    if sampling > .zero, let first = facts.archive {
      let left = sampling - Milliseconds(Clocks.monotonic() - first.seen)
      if left > .zero { _ = poll(nil, 0, Int32(left.count)) }
      facts.archive = ArchiveReader.look(first.path) ?? first
      before = first
    }
    let growth = ArchiveReader.growth(from: before, to: facts.archive)
    facts.archive?.growth = growth
    return facts
  }

  /// The stages' metrics as they wrote them.
  public func metrics(_ facts: HealthFacts) -> [String] {
    guard let folder = facts.metricsFolder else { return [] }
    return HealthFacts.stageNames.compactMap { SmallFile.text("\(folder)/\($0).prom") }
  }

  private static let metricsVariable = "OBSERVER_METRICS_DIR"

  /// Where the stages' files are: a script that runs knows it, whatever this process was given; one that has ended says
  /// it where nothing was given, for stages may have been started by hand since.
  private static func metrics(_ pipeline: PipelineFacts, _ given: String?) -> String? {
    pipeline.isRunning ? pipeline.metrics ?? given : given ?? pipeline.metrics
  }

  /// The venues of what is watched decide, as far as kis-fetch has told them; else the configuration.
  private func look(_ calendar: MarketCalendar, _ venue: Venue, _ facts: HealthFacts) -> MarketFacts {
    switch market {
    case .calendar:
      let watched = Venue.allCases.filter { venue in
        facts.stage("kis-fetch").now?[.watchedSymbolsByVenue, venue.rawValue] ?? 0 > 0
      }
      var found = MarketFacts.by(calendar, watched.isEmpty ? [venue] : Set(watched), at: facts.wall)
      let isOver = facts.pipeline.isDone(at: facts.wall) || facts.isEnding
      if found.closure == nil, isOver { found.closure = "after --until" }
      return found
    case .open: return .open(since: .zero)
    case .closed: return .closed("by --market")
    }
  }

  private static func calendar(_ settings: Settings) -> (calendar: MarketCalendar, facts: CalendarFacts) {
    var facts = CalendarFacts()
    for path in settings.holidayFiles {
      facts.path = path
      guard let text = SmallFile.text(path) else { continue }
      let calendar = MarketCalendar(jsonLines: text)
      facts.isThere = true
      facts.last = calendar.last
      facts.faults = calendar.faults
      return (calendar, facts)
    }
    return (MarketCalendar(), facts)
  }
}
