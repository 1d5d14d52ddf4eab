import Plumbing
import Testing

@testable import Health

/// The pipeline as a whole: not started, ended, at rest; and what is to be done about it.
struct PipelineRulesTests {
  typealias Rules = HealthRulesTests

  /// All stages have ended in order, as after `--until`, and the script too.
  static func ended(
    _ status: Int = 0, _ message: String = "", _ cause: FailureCause? = nil
  ) -> @Sendable (inout HealthFacts) -> Void {
    { facts in
      for index in facts.stages.indices { Rules.end(index, .ended(0, ""))(&facts) }
      facts.pipeline.end = .ended(status, message, cause)
    }
  }

  /// `--until` came so many milliseconds ago, and it runs still.
  static func ending(_ passed: Milliseconds) -> @Sendable (inout HealthFacts) -> Void {
    { facts in
      facts.pipeline.pid = 7
      facts.pipeline.until = 900  // it is 15:00 there
      facts.wall += passed
      facts.pipeline.changed = facts.wall - 3_600_000
      if passed <= PipelineFacts.longestEnd { facts.market = .closed("after --until") }
    }
  }

  static let faults: [Fault] = [
    Fault("the registrations are taken back at the end", nil) {
      ending(400)(&$0)
      Rules.set(0, "observer_kis_registrations{state=confirmed}", 0)(&$0)
    },
    Fault("the session is closed at the end", nil) {
      ending(1400)(&$0)
      Rules.set(0, "observer_kis_websocket_connected", 0)(&$0)
    },
    Fault("two stages have ended, three take what is in flight", nil) {
      ending(1500)(&$0)
      Rules.end(0, .ended(0, ""))(&$0)
      Rules.end(1, .ended(0, ""))(&$0)
    },
    Fault("a stage fails at the end", "snap-guard") {
      ending(1500)(&$0)
      Rules.end(0, .ended(0, ""))(&$0)
      Rules.end(2, .ended(74, "no space left"))(&$0)
    },
    Fault("an end that takes too long", "kis-fetch") {
      ending(31_000)(&$0)
      for index in $0.stages.indices {
        $0.stages[index].now?.values["observer_metrics_timestamp_seconds"]? += 31
      }
      Rules.end(0, .ended(0, ""))(&$0)
    },
    Fault("a quiet night", nil) {
      ended()(&$0)
      $0.market = .closed("outside trading hours")
      $0.archive?.modified = Rules.wall - 30_000_000
    },
    Fault("a quiet night after lines were quarantined", nil) {
      ended(65)(&$0)
      Rules.end(4, .ended(65, ""))(&$0)
      $0.market = .closed("weekend")
    },
    Fault("a quiet night of stages put together by hand", nil) {
      ended()(&$0)
      $0.pipeline = PipelineFacts()
      $0.market = .closed("holiday")
    },
    Fault("ended in order while the market is open", "pipeline", ended()),
    Fault("the same, put together by hand", "kis-fetch") {
      ended()(&$0)
      $0.pipeline = PipelineFacts()
    },
    Fault("never started, at night", "kis-fetch") { facts in
      for index in facts.stages.indices { Rules.end(index, .neverStarted)(&facts) }
      facts.market = .closed("weekend")
    },
    Fault("credentials refused before the night", "credentials") {
      ended(77)(&$0)
      Rules.end(0, .ended(77, "KIS refuses the credentials"))(&$0)
      $0.market = .closed("weekend")
    },
    Fault("could not start, at night", "pipeline") {
      ended(73, "cannot write logs into /x: set OBSERVER_LOG_DIR to a folder that can be written")(&$0)
      $0.market = .closed("weekend")
    },
    Fault("could not start; what an earlier run left is old", "pipeline") {
      ended(78, "there is no watchlist '/x': give --watchlist FILE")(&$0)
      Rules.end(0, .ended(77, "KIS refuses the credentials"))(&$0)
      Rules.end(4, .ended(75, "archive is locked by pid 7"))(&$0)
    },
    Fault("the script was killed", "pipeline") {
      ended()(&$0)
      $0.pipeline.end = .killed
    },
    Fault("the power failed, at night", "pipeline") { facts in
      for index in facts.stages.indices { Rules.end(index, .killed)(&facts) }
      facts.pipeline.end = .killed
      facts.market = .closed("weekend")
    },
    Fault("a stage was killed, the script says so", "snap-guard") {
      ended(137)(&$0)
      Rules.end(2, .killed)(&$0)
    },
    Fault("an empty watchlist", "watchlist") {
      ended(78)(&$0)
      Rules.end(0, .ended(78, "the watchlist names no symbol (lines=0)", .watchlistEmpty))(&$0)
    },
    Fault("a feed that there is not", "kis-fetch") {
      ended(78)(&$0)
      Rules.end(0, .ended(78, "a feed is price, multi, trades or book, not 'x'"))(&$0)
    },
    Fault("no symbol is known to KIS", "watchlist", Rules.set(0, "observer_unknown_symbols", 20)),
    Fault("some symbols are not", nil, Rules.set(0, "observer_unknown_symbols", 19)),
    Fault("the folder is a file", "folder") { $0.folder.trouble = .isFile },
    Fault("the folder is a link to nothing", "folder") { $0.folder.trouble = .brokenLink },
    Fault("the folder is hidden", "folder") { $0.folder.trouble = .hidden },
    Fault("another user's sink writes there", nil) {
      $0.folder.isWritable = false
      $0.folder.owner = "observer"
    },
    Fault("another user's archive, seen by night", nil) {
      ended()(&$0)
      $0.folder.isWritable = false
      $0.folder.owner = "observer"
      $0.market = .closed("weekend")
    },
    Fault("a health service that may only look, by night", nil) {
      ended()(&$0)
      $0.folder.isWritable = false
      $0.folder.isReadOnlyHere = true
      $0.market = .closed("weekend")
    },
    Fault("a health service that may only look, the sink killed", "jsonl-sink") {
      ended(137)(&$0)
      Rules.end(4, .killed)(&$0)
      $0.folder.isWritable = false
      $0.folder.isReadOnlyHere = true
    },
    Fault("another user's folder, never used", "writable") { facts in
      for index in facts.stages.indices { Rules.end(index, .neverStarted)(&facts) }
      facts.folder.isWritable = false
      facts.folder.owner = "observer"
      facts.market = .closed("weekend")
    },
    Fault("what root once ran has left", "writable") {
      ended()(&$0)
      $0.folder.unwritable = .init(path: "/data/observer/.run", owner: "root")
      $0.market = .closed("weekend")
    },
    Fault("another user's state", "pipeline") { facts in
      for index in facts.stages.indices { Rules.end(index, .neverStarted)(&facts) }
      facts.pipeline.failure = "cannot open /data/observer/.run/observer.pid: Permission denied"
    },
    Fault("installed, and no folder above holds config/", "folder") {
      $0.directory = nil
      $0.directoryFailure =
        "cannot tell where the archive is: no folder at or above the executable holds config/"
      for index in $0.stages.indices { Rules.end(index, .neverStarted)(&$0) }
    },
  ]

  @Test(arguments: faults)
  func namesTheFirstBrokenLink(fault: Fault) {
    let report = fault.report
    #expect(report.first?.name == fault.first)
    #expect(report.broken.allSatisfy { !$0.fix.isEmpty && !$0.korean.isEmpty && !$0.detail.isEmpty })
    // What fell with the first one is not told as a cause of its own; where nobody could write yet, nothing fell.
    let isSetup = fault.first == "writable" || fault.first == "folder"
    #expect(isSetup || report.broken.count { !$0.isConsequence } <= 1)
  }

  @Test func aNightIsToldFromAFlow() {
    var facts = Rules.healthy()
    Self.ended()(&facts)
    facts.market = .closed("weekend")
    let report = HealthReport(facts)
    #expect(report.verdict(korean: false).contains("ended in order"))
    #expect(report.verdict(korean: true).contains("정상 종료"))
    #expect(HealthPage(report, facts, [], korean: false, nonce: "n").html.contains("ended in order</span>"))
  }

  @Test(arguments: [
    (PipelineFacts.Keeper.background, "observer restart --dir '/a b'"),
    (.foreground, "observer restart --dir '/a b'"),
    (.service("observer"), "sudo systemctl restart observer"),
    (.container, "docker compose -p observer restart observer"),
  ])
  func whoKeepsItStartsItAgain(keeper: PipelineFacts.Keeper, command: String) {
    var facts = Rules.healthy()
    Self.ended()(&facts)
    facts.command = "observer"
    facts.directory = "/a b"
    facts.isDirectoryGiven = true
    facts.pipeline.keeper = keeper
    #expect(HealthReport(facts).first?.fix == command)
  }

  /// restart has no standard input to give.
  @Test func aWatchlistOnStandardInputIsGivenAgain() {
    var facts = Rules.healthy()
    Self.ended(74)(&facts)
    facts.command = "observer"
    facts.pipeline.watchlist = "-"
    #expect(HealthReport(facts).first?.fix == "observer run --watchlist -")
    facts.pipeline.pid = 7
    #expect(facts.restart == "observer stop && observer run --watchlist -")
    facts.pipeline.watchlist = "/w"
    #expect(facts.restart == "observer restart")
  }

  @Test(arguments: [
    (
      FailureCause.watchlistMissing,
      "mkdir -p /w && echo 005930 >> '/w/l l' && scripts/observer restart"
    ), (.watchlistUnreadable, "ls -ld '/w/l l'"), (.folder(.temporary), "export TMPDIR=..."),
  ])
  func whatToDoAboutAStartThatFailed(cause: FailureCause, fix: String) {
    var facts = Rules.healthy()
    Self.ended(78, "it failed", cause)(&facts)
    facts.pipeline.watchlist = "/w/l l"
    #expect(HealthReport(facts).first?.fix.hasPrefix(fix) == true)
  }

  @Test(arguments: [
    (FailureCause.credentialsExposed, "/k" as String?, "chmod 600 /k && scripts/observer restart"),
    (.credentialsForeign, "/k k", "sudo chown \"$(id -u)\" '/k k' && scripts/observer restart"),
    (.credentialsExposed, nil, "export KIS_APP_KEY=... KIS_APP_SECRET=..."),
    (.credentialsMissing, "/k", "export KIS_APP_KEY=... KIS_APP_SECRET=..."),
    (.tokenCacheExposed, "/k", "export KIS_TOKEN_CACHE_DIR=..."),
  ])
  func credentialsAreMendedAsTheCauseSays(cause: FailureCause, file: String?, fix: String) {
    var facts = Rules.healthy()
    Self.ended(77)(&facts)
    facts.pipeline.credentials = file
    Rules.end(0, .ended(77, "they cannot be used; run: rm -rf ~", cause))(&facts)
    #expect(HealthReport(facts).first?.fix.hasPrefix(fix) == true)
  }

  /// Root, who started an observer's pipeline, would take its credentials away.
  @Test func credentialsStayTheOwners() {
    var facts = Rules.healthy()
    facts.folder.owner = "observer"
    facts.pipeline.credentials = "/k"
    Self.ended(77)(&facts)
    Rules.end(0, .ended(77, "it belongs to another user", .credentialsForeign))(&facts)
    #expect(HealthReport(facts).first?.fix == "sudo -u observer scripts/observer restart")
  }

  @Test func aFolderOnAReadOnlyMountIsMountedAgain() {
    var facts = Rules.healthy()
    facts.folder.isWritable = false
    facts.folder.isReadOnlyHere = true
    facts.pipeline = PipelineFacts()
    for index in facts.stages.indices { Rules.end(index, .neverStarted)(&facts) }
    let fault = HealthReport(facts).first
    #expect(fault?.fix.hasPrefix("sudo mount -o remount,rw \"$(stat -c %m ") == true)
  }

  @Test func anArchiveIsNotTakenFromItsOwner() {
    var facts = Rules.healthy()
    facts.folder.owner = "observer"
    Self.ended()(&facts)
    #expect(HealthReport(facts).first?.fix == "sudo -u observer scripts/observer restart")
    facts.pipeline = PipelineFacts()
    facts.folder.isWritable = false
    for index in facts.stages.indices { Rules.end(index, .neverStarted)(&facts) }
    #expect(HealthReport(facts).first?.fix == "sudo -u observer scripts/observer doctor")
  }

  /// `--until 15:35` of today: minutes from midnight, when it ended, and whether nobody misses it at 15:40.
  @Test(arguments: [
    (935, 935, true), (935, 940, true), (935, 600, true), (1205, 600, false), (935, -30, false),
  ])
  func whatWasToldToEndIsNotMissedThatDay(until: Int, ended: Int, isDone: Bool) {
    let midnight: Milliseconds = 1_795_446_000_000  // 2026-11-24 in KST
    var facts = PipelineFacts()
    facts.until = until
    facts.changed = midnight + .minutes(ended)
    facts.end = .ended(0, "")
    #expect(facts.isDone(at: midnight + .minutes(940)) == isDone)
    facts.end = .ended(69, "")
    #expect(!facts.isDone(at: midnight + .minutes(940)))
  }

  @Test func stateFileIsRead() {
    var facts = PipelineFacts()
    facts.take(["keeper=service observer", "logs=/var/log/a=b", "watchlist=", "until=20:05"])
    #expect(facts.keeper == .service("observer") && facts.logs == "/var/log/a=b" && facts.watchlist == nil)
    #expect(facts.until == 1205)
    // The forms that kis-fetch takes.
    facts.take(["until=9:30"])
    #expect(facts.until == 570)
  }

  /// What stands in the state file becomes part of commands.
  @Test(arguments: [
    "keeper=service -x", "keeper=service a;b", "keeper=service ", "logs=-rf", "watchlist=--help",
  ])
  func whatIsNoNameAndNoPathIsNotTaken(line: String) {
    var facts = PipelineFacts()
    facts.take([Substring(line)])
    #expect(facts == PipelineFacts())
  }
}
