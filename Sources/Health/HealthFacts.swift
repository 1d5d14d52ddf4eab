import Plumbing

/// What is known of one stage.
public struct StageFacts: Equatable, Sendable {
  /// How a stage that does not run ended.
  public enum End: Equatable, Sendable {
    /// Nobody ever started it here.
    case neverStarted
    /// It died without a word: killed, out of memory, power.
    case killed
    /// It ended with a status, a message (empty where this user may not read it), and the cause if that matters.
    case ended(Int, String, FailureCause? = nil)
  }

  /// The executable's name.
  public var name: String
  /// Its process, while it runs; 0 where it runs but could not write its number (a full disk).
  public var pid: Int?
  /// How it ended, when it does not run.
  public var end: End
  /// What the kernel says that a running process does (`T` stopped, `D` waits for a device); nil where it cannot
  /// be told.
  public var state: Character?
  /// Its latest numbers.
  public var now: Sample?
  /// Its numbers some ten seconds before, of the same run.
  public var before: Sample?

  /// Facts about a stage.
  public init(
    _ name: String, pid: Int? = nil, end: End = .neverStarted, now: Sample? = nil, before: Sample? = nil
  ) {
    self.name = name
    self.pid = pid
    self.end = end
    self.now = now
    self.before = before
  }

  /// Whether it runs.
  public var isRunning: Bool { pid != nil }

  /// `, pid 7`; nothing where the number is not known.
  var pidWords: String { pid.flatMap { $0 > 0 ? ", pid \($0)" : nil } ?? "" }

  /// Whether it ended otherwise than by the end of its input, its reader or a stop.
  var endedBadly: Bool {
    guard !isRunning else { return false }
    switch end {
    case .neverStarted: return false
    case .killed: return true
    case .ended(let status, _, _): return !Self.isOrderly(status)
    }
  }

  /// Whether an exit status tells of an end of the input, of the reader, or of a stop, quarantined lines included.
  static func isOrderly(_ status: Int) -> Bool { [0, 65, 130, 141, 143].contains(status) }

  /// After that a stage that runs but has not written its metrics hangs.
  static let longestSilence: Milliseconds = .seconds(9)

  /// Whether it runs but has given no sign of life lately; `wall` is now, milliseconds since the epoch.
  func hangs(at wall: Milliseconds) -> Bool {
    guard isRunning, let written = now?.time(.metricsTime) else { return false }
    return wall - written > Self.longestSilence
  }

  /// How much a counter grew lately, over all labels; since the start when nothing older is known.
  func growth(_ metric: Metric) -> Double { (now?.sum(metric) ?? 0) - (before?.sum(metric) ?? 0) }
}

/// What is known of the archive's folder.
public struct FolderFacts: Equatable, Sendable {
  /// Why there is no folder to look at.
  public enum Trouble: Equatable, Sendable {
    /// Nothing is there.
    case missing
    /// Something else than a folder is there.
    case isFile
    /// A symbolic link is there that leads to nothing.
    case brokenLink
    /// This user may not look there.
    case hidden
  }

  /// Why there is no folder; nil when there is one.
  public var trouble: Trouble?
  /// Its owner's name, where that is another user than this one.
  public var owner: String?
  /// Whether this user can make files in it.
  public var isWritable = true
  /// Whether it is mounted read-only for this program, as for a health service that can only look.
  public var isReadOnlyHere = false
  /// What it lies on.
  public var volume = VolumeFacts.lasting
  /// Room in bytes.
  public var freeBytes = Int.max
  /// Files that still fit; nil where the file system does not count them.
  public var freeInodes: Int?

  /// What in it this user cannot write although the folder is this user's, and whose it is: what was once run as
  /// root leaves such.
  public var unwritable: Unwritable?

  /// Something of another user's.
  public struct Unwritable: Equatable, Sendable {
    /// Its path.
    public var path: String
    /// Its owner's name.
    public var owner: String
  }

  /// A folder without trouble.
  public init() {}

  /// Whether it is there, and a folder.
  public var exists: Bool { trouble == nil }
}

/// What is known of the data file in use.
public struct ArchiveFacts: Equatable, Sendable {
  /// Its path.
  public var path: String
  /// Its size in bytes.
  public var size: Int
  /// When it last changed.
  public var modified: Milliseconds
  /// When it was looked at, monotonic.
  public var seen: Nanoseconds = .zero
  /// What was added since an earlier look; nil when there was none.
  public var growth: Growth?

  /// What came between two looks.
  public struct Growth: Equatable, Sendable {
    /// Bytes and whole lines added.
    public var bytes: Int, lines: Int
    /// Seconds between the looks.
    public var seconds: Double

    /// A growth.
    public init(bytes: Int, lines: Int, seconds: Double) {
      self.bytes = bytes
      self.lines = lines
      self.seconds = seconds
    }
  }

  /// Facts about a file.
  public init(path: String, size: Int, modified: Milliseconds) {
    self.path = path
    self.size = size
    self.modified = modified
  }
}

/// Who answers at the health port.
public enum PortFacts: Equatable, Sendable {
  /// Nobody.
  case free
  /// observer-health serve.
  case ours
  /// Somebody who takes a connection and then says nothing.
  case silent
  /// Another program.
  case other
}

/// Everything that the rules look at.
public struct HealthFacts: Equatable, Sendable {
  /// The wall clock.
  public var wall: Milliseconds
  /// `QTS_OBSERVER_STANDALONE`, as it is set.
  public var standalone: String? = "1"
  /// `OBSERVER_STANDALONE`, the name that is not honoured.
  public var misnamed: String?
  /// Why the configuration cannot be used.
  public var configFailure: String?
  /// Where KIS is reached over REST, if the configuration here says so.
  public var restURL: String?
  /// The configuration file, if there is one.
  public var configFile: String?
  /// The archive's folder; nil when it cannot be told.
  public var directory: String?
  /// Why it cannot be told.
  public var directoryFailure: String?
  /// The folder.
  public var folder = FolderFacts()
  /// Whether this is a container.
  public var isContainer = false
  /// Whether OBSERVER_EPHEMERAL accepts the loss of the archive.
  public var isLossAccepted = false
  /// The stages' logs, where they are files.
  public var logFolder: SideFolder?
  /// logrotate's configuration, as it was delivered.
  public var rotation: String?
  /// What the stages refused.
  public var rejectsFolder: SideFolder?
  /// Where the stages keep their metrics.
  public var metricsFolder: String?
  /// Whether the folder was named on the command line.
  public var isDirectoryGiven = false
  /// How the script that runs the pipeline is called here.
  public var command = "scripts/observer"
  /// How this program is called here.
  public var health = "observer-health"
  /// The pipeline as a whole.
  public var pipeline = PipelineFacts()
  /// What kis-fetch named of its watchlist.
  public var watchlist = WatchlistFacts()
  /// The watched symbols' day; nil when kis-fetch has not written it.
  public var board: BoardFacts?
  /// The five stages, in the order of the pipe.
  public var stages: [StageFacts] = []
  /// The data file; nil when there is none.
  public var archive: ArchiveFacts?
  /// Windows that are over and not compressed.
  public var closedWindows = ClosedWindows()
  /// What is to be expected of the market.
  public var market = MarketFacts.closed("weekend")
  /// The calendar that was used.
  public var calendar = CalendarFacts()
  /// The health port and what answers there; nil when it was not looked at.
  public var port: (number: Int, PortFacts)? {
    get { portFacts.map { (portNumber, $0) } }
    set {
      portFacts = newValue?.1
      portNumber = newValue?.0 ?? 0
    }
  }
  private var portNumber = 0
  private var portFacts: PortFacts?

  /// The names of the stages, in the order of the pipe.
  public static let stageNames = ["kis-fetch", "snap-validate", "snap-guard", "snap-enrich", "jsonl-sink"]

  /// Facts at a time.
  public init(wall: Milliseconds) { self.wall = wall }

  /// The command prefixed with `sudo -u OWNER`; nil when the current user owns the archive.
  func asOwner(_ words: String) -> String? {
    folder.owner.map { "sudo -u \(HealthRules.quoted($0)) \(observer(words))" }
  }

  /// The share of the lines that kis-fetch lately wrote that are no gap records, 0 to 1; 1 where nothing is known of it.
  var observed: Double {
    let fetch = stage("kis-fetch")
    guard fetch.isRunning, fetch.now?.each(.snapshots).isEmpty == false else { return 1 }
    let lines = fetch.growth(.linesOut)
    return lines > 0 ? min(1, max(0, fetch.growth(.snapshots) / lines)) : 1
  }

  /// The facts of a stage.
  func stage(_ name: String) -> StageFacts { stages.first { $0.name == name } ?? StageFacts(name) }
}
