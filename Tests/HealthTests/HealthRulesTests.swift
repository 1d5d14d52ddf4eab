import Plumbing
import Testing

@testable import Health

/// One change to a healthy pipeline, and the link that must be named first. nil: no link may be.
struct Fault: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let first: String?
  let change: @Sendable (inout HealthFacts) -> Void

  init(_ name: String, _ first: String?, _ change: @escaping @Sendable (inout HealthFacts) -> Void) {
    testDescription = name
    self.first = first
    self.change = change
  }

  /// What is said of it.
  var report: HealthReport {
    var facts = HealthRulesTests.healthy()
    change(&facts)
    return HealthReport(facts)
  }
}

struct HealthRulesTests {
  static let wall: Milliseconds = 1_795_500_000_000
  static let now = wall.inSeconds

  /// Everything runs, trades come.
  static func healthy() -> HealthFacts {
    var facts = HealthFacts(wall: wall)
    facts.directory = "/data/observer"
    facts.calendar.isThere = true
    facts.calendar.last = wall + .day * 400
    facts.folder.freeBytes = 1 << 40
    facts.folder.freeInodes = 1 << 20
    facts.market = .open(since: wall - 3_600_000)
    facts.archive = ArchiveFacts(path: "/data/observer/observer.jsonl", size: 1 << 20, modified: wall - 200)
    facts.archive?.growth = .init(bytes: 2000, lines: 2, seconds: 1)
    facts.port = (8000, .ours)
    facts.stages = HealthFacts.stageNames.enumerated().map { index, name in
      var before = Sample([
        "observer_start_time_seconds": now - 600, "observer_lines_in_total": 1000,
        "observer_lines_out_total": 1000, "observer_rejects_total{reason=missing}": 0,
        "observer_archive_records_total": 1000, "observer_kis_requests_total{result=ok}": 10,
        "observer_kis_requests_total{result=unreachable}": 0,
        "observer_kis_requests_total{result=server_error}": 0,
      ])
      let older = before
      for key in ["observer_lines_in_total", "observer_lines_out_total", "observer_archive_records_total"] {
        before.values[key] = 1100
      }
      before.values["observer_metrics_timestamp_seconds"] = now - 2
      before.values["observer_last_line_timestamp_seconds"] = now - 2
      if name == "kis-fetch" {
        before.values.merge([
          "observer_kis_clock_offset_seconds": 0.2, "observer_watched_symbols": 20,
          "observer_kis_token_expiry_timestamp_seconds": now + 40_000, "observer_kis_failures_in_row": 0,
          "observer_kis_last_success_timestamp_seconds": now - 1, "observer_kis_websocket_connected": 1,
          "observer_kis_websocket_silence_seconds": 0.1, "observer_kis_websocket_frames_total": 60_000,
          "observer_kis_registrations{state=wanted}": 20, "observer_kis_registrations{state=confirmed}": 20,
          "observer_kis_registrations{state=refused}": 0, "observer_kis_registrations{state=overflow}": 0,
          "observer_kis_registrations{state=held}": 20, "observer_kis_pingpong_idle_seconds": 10,
          "observer_watched_symbols_by_venue{venue=KRX}": 20,
          "observer_session_watched_seconds{feed=trades,venue=KRX}": 3600,
          "observer_session_busy_seconds{feed=trades,venue=KRX}": 3600,
          "observer_session_busy_minutes{feed=trades,venue=KRX}": 60,
          "observer_session_records{feed=trades,venue=KRX}": 60_000,
          "observer_session_longest_silence_seconds{feed=trades,venue=KRX}": 0,
          "observer_session_recent_records_per_second{feed=trades,venue=KRX}": 16,
          "observer_session_silence_seconds{feed=trades,venue=KRX}": 0,
        ]) { $1 }
      }
      return StageFacts(name, pid: 100 + index, now: before, before: older)
    }
    return facts
  }

  static func set(_ stage: Int, _ key: String, _ value: Double) -> @Sendable (inout HealthFacts) -> Void {
    { $0.stages[stage].now?.values[key] = value }
  }

  /// Shares of KRX that came in the last minutes, and that are missing for one cause.
  static func loss(_ shares: Double, _ missing: Double, _ cause: String)
    -> @Sendable (inout HealthFacts) -> Void
  {
    {
      for (name, value) in [
        ("observer_verified_trades_total{venue=KRX}", shares / 10),
        ("observer_trade_shares_total{venue=KRX}", shares),
        ("observer_missed_trades_total{venue=KRX,cause=\(cause)}", missing / 10),
        ("observer_missed_shares_total{venue=KRX,cause=\(cause)}", missing),
        ("observer_recent_trade_shares{venue=KRX}", shares),
        ("observer_recent_missed_shares{venue=KRX}", missing),
      ] {
        $0.stages[0].now?.values[name] = value
      }
    }
  }

  static func end(_ stage: Int, _ end: StageFacts.End) -> @Sendable (inout HealthFacts) -> Void {
    {
      $0.stages[stage].pid = nil
      $0.stages[stage].end = end
    }
  }

  static let faults: [Fault] = [
    Fault("healthy", nil) { _ in },
    Fault("market closed, old record", nil) {
      $0.market = .closed("weekend")
      $0.archive?.modified = wall - 86_400_000
      $0.stages[4].now?.values["observer_last_line_timestamp_seconds"] = now - 86_400
      $0.stages[0].now?.values["observer_last_line_timestamp_seconds"] = now - 86_400
    },
    Fault("open for ten seconds only", nil) {
      $0.market = .open(since: wall - 10_000)
      $0.archive?.modified = wall - 86_400_000
      $0.stages[4].now?.values["observer_last_line_timestamp_seconds"] = now - 86_400
      $0.stages[0].now?.values["observer_session_silence_seconds{feed=trades,venue=KRX}"] = 50_000
    },
    Fault("variable missing", "variable") {
      $0.standalone = nil
      $0.directory = nil
      $0.directoryFailure = "cannot tell where the archive is"
    },
    Fault("variable not needed", nil) { $0.standalone = nil },
    Fault("variable misnamed", "variable") {
      $0.standalone = nil
      $0.misnamed = "1"
    },
    Fault("both names set", nil) { $0.misnamed = "1" },
    Fault("variable is true", "variable") { $0.standalone = "true" },
    Fault("config broken", "config") { $0.configFailure = "x:3:1: broken" },
    Fault("folder missing", "folder") { $0.folder.trouble = .missing },
    Fault("folder read-only", "writable") { $0.folder.isWritable = false },
    Fault("mounted read-only here, the sink runs", nil) {
      $0.folder.isWritable = false
      $0.folder.isReadOnlyHere = true
    },
    Fault("mounted read-only, nothing runs", "writable") { facts in
      facts.folder.isWritable = false
      facts.folder.isReadOnlyHere = true
      for index in facts.stages.indices { end(index, .ended(0, ""))(&facts) }
    },
    Fault("disk full", "space") {
      $0.folder.freeBytes = 4096
      $0.stages[4].now?.values["observer_archive_waiting_for_room"] = 1
      for index in $0.stages.indices {
        $0.stages[index].now?.values["observer_metrics_timestamp_seconds"] = now - 90
      }
    },
    Fault("no inodes", "inodes") { $0.folder.freeInodes = 0 },
    Fault("inodes not counted", nil) { $0.folder.freeInodes = nil },
    Fault("fetch never started", "kis-fetch", end(0, .neverStarted)),
    Fault("nothing started", "kis-fetch") { facts in
      for index in facts.stages.indices { end(index, .neverStarted)(&facts) }
    },
    Fault("credentials refused", "credentials") { facts in
      for index in facts.stages.indices { end(index, .ended(0, ""))(&facts) }
      end(0, .ended(77, "KIS refuses the credentials"))(&facts)
    },
    Fault("fetch gave up", "kis-fetch") { facts in
      for index in facts.stages.indices { end(index, .ended(0, ""))(&facts) }
      end(0, .ended(69, "KIS out of reach"))(&facts)
    },
    Fault("enrich killed, the others after it", "snap-enrich") { facts in
      end(0, .ended(141, ""))(&facts)
      for index in 1...3 { end(index, .killed)(&facts) }
      end(4, .ended(0, ""))(&facts)
    },
    Fault("sink out of disk", "jsonl-sink") { facts in
      for index in 0...3 { end(index, .killed)(&facts) }
      end(4, .ended(74, "I/O error"))(&facts)
    },
    Fault("sink locked out", "lock") { facts in
      for index in 0...3 { end(index, .killed)(&facts) }
      end(4, .ended(75, "archive is locked by pid 7"))(&facts)
    },
    Fault("guard hangs, upstream with it", "snap-guard") { facts in
      for index in 0...2 { facts.stages[index].now?.values["observer_metrics_timestamp_seconds"] = now - 40 }
    },
    Fault("clock ahead", "clock", set(0, "observer_kis_clock_offset_seconds", 3600)),
    Fault("clock behind", "clock", set(0, "observer_kis_clock_offset_seconds", -31)),
    Fault("empty watchlist", "watchlist", set(0, "observer_watched_symbols", 0)),
    Fault("token expired", "token", set(0, "observer_kis_token_expiry_timestamp_seconds", now - 120)),
    Fault("one call failed", nil, set(0, "observer_kis_failures_in_row", 1)),
    Fault("calls fail", "requests") {
      set(0, "observer_kis_failures_in_row", 4)(&$0)
      set(0, "observer_kis_requests_total{result=server_error}", 4)(&$0)
    },
    Fault("first calls fail", "requests") {
      set(0, "observer_kis_failures_in_row", 1)(&$0)
      $0.stages[0].now?.values["observer_kis_last_success_timestamp_seconds"] = nil
    },
    Fault("two keys", nil) {
      for key in 1...2 { set(0, "observer_kis_key_serving{key=\(key)}", 1)(&$0) }
    },
    Fault("one of two keys is refused", "keys") {
      for key in 1...2 { set(0, "observer_kis_key_serving{key=\(key)}", Double(2 - key))(&$0) }
      set(0, "observer_kis_key_failed{key=2,status=77}", 1)(&$0)
    },
    Fault("socket closed", "socket", set(0, "observer_kis_websocket_connected", 0)),
    Fault("socket silent", "socket", set(0, "observer_kis_websocket_silence_seconds", 31)),
    Fault("dense frames, silent for 9 s", "socket", set(0, "observer_kis_websocket_silence_seconds", 9)),
    Fault("dense frames of one symbol, which may be in an auction of its own", nil) {
      set(0, "observer_kis_websocket_silence_seconds", 9)(&$0)
      set(0, "observer_watched_symbols_by_venue{venue=KRX}", 1)(&$0)
    },
    Fault("PINGPONG comes every 40 s, silent for 50 s", nil) {
      set(0, "observer_kis_websocket_silence_seconds", 50)(&$0)
      set(0, "observer_kis_pingpong_idle_seconds", 40)(&$0)
      $0.market = .closed("holiday")
    },
    Fault(
      "registrations unanswered", "subscriptions", set(0, "observer_kis_registrations{state=unanswered}", 3)),
    Fault("registrations just asked for", nil) {
      set(0, "observer_kis_registrations{state=held}", 23)(&$0)
    },
    Fault("the same while closed", nil) {
      set(0, "observer_kis_websocket_silence_seconds", 15)(&$0)
      $0.market = .closed("holiday")
    },
    Fault("sparse frames, silent for 15 s", nil) {
      set(0, "observer_kis_websocket_silence_seconds", 14)(&$0)
      set(0, "observer_session_recent_records_per_second{feed=trades,venue=KRX}", 1)(&$0)
    },
    Fault("no confirmation", "subscriptions", set(0, "observer_kis_registrations{state=confirmed}", 0)),
    Fault("all refused", "subscriptions") {
      set(0, "observer_kis_registrations{state=wanted}", 0)(&$0)
      set(0, "observer_kis_registrations{state=confirmed}", 0)(&$0)
      set(0, "observer_kis_registrations{state=refused}", 20)(&$0)
    },
    Fault("no record of a dense list for 70 s", "snapshots") {
      set(0, "observer_session_silence_seconds{feed=trades,venue=KRX}", 70)(&$0)
    },
    Fault("a list that is silent so long now and then", nil) {
      set(0, "observer_session_silence_seconds{feed=trades,venue=KRX}", 70)(&$0)
      set(0, "observer_session_longest_silence_seconds{feed=trades,venue=KRX}", 40)(&$0)
    },
    Fault("no record in this session yet", nil) {
      set(0, "observer_session_silence_seconds{feed=trades,venue=KRX}", 3600)(&$0)
      set(0, "observer_session_busy_seconds{feed=trades,venue=KRX}", 0)(&$0)
      set(0, "observer_session_busy_minutes{feed=trades,venue=KRX}", 0)(&$0)
      set(0, "observer_session_records{feed=trades,venue=KRX}", 0)(&$0)
    },
    Fault("polling without an answer", "snapshots") {
      $0.stages[0].now?.values["observer_session_watched_seconds{feed=price,venue=NXT}"] = 600
      $0.stages[0].now?.values["observer_session_silence_seconds{feed=price,venue=NXT}"] = 61
    },
    Fault("nothing is observed", "snapshots") {
      let values = $0.stages[0].now?.values ?? [:]
      $0.stages[0].now?.values = values.filter { !$0.key.hasPrefix("observer_session_") }
    },
    Fault("polling rests: an old token and an old failure are none", nil) {
      $0.market = .closed("weekend")
      set(0, "observer_polling_paused", 1)(&$0)
      set(0, "observer_kis_failures_in_row", 4)(&$0)
      set(0, "observer_kis_token_expiry_timestamp_seconds", now - 40_000)(&$0)
    },
    Fault("no calendar", nil) { $0.calendar.isThere = false },
    Fault("logs that nothing rotates", nil) {
      $0.logFolder = SideFolder(path: "/data/observer/.run/log", bytes: 2 << 30, diskBytes: 1 << 40)
      $0.rotation = "/opt/observer/share/observer/logrotate.conf"
    },
    Fault("rejects that nothing rotates", nil) {
      $0.rejectsFolder = SideFolder(path: "/elsewhere/rejects", bytes: 2 << 30, diskBytes: 1 << 40)
    },
    Fault("validation fails for all", "validation", set(1, "observer_rejects_total{reason=missing}", 100)),
    Fault("validation fails for many", "validation", set(1, "observer_rejects_total{reason=missing}", 15)),
    Fault("validation fails for few", nil, set(1, "observer_rejects_total{reason=missing}", 9)),
    Fault("guard blocks all", "guard", set(2, "observer_rejects_total{reason=missing}", 100)),
    Fault("records refused", "records", set(3, "observer_rejects_total{reason=missing}", 100)),
    Fault("sync error", "sink", set(4, "observer_archive_sync_errors_total", 1)),
    Fault("no file", "file") { $0.archive = nil },
    Fault("archive does not grow", "growth") {
      set(4, "observer_archive_records_total", 1000)(&$0)
      $0.archive?.modified = wall - 20_000
    },
    Fault("the sink took a line, the file is old", "age") { $0.archive?.modified = wall - 63_000 },
    Fault("one channel of two cannot be read", "frames") {
      set(0, "observer_kis_channel_refused_in_row{tr=H0STASP0}", 3)(&$0)
      set(0, "observer_kis_channel_refused_in_row{tr=H0STCNT0}", 0)(&$0)
    },
    Fault("half a percent of the shares did not arrive", "completeness", loss(995_000, 5000, "not_received")),
    Fault("a slow reader has cost trades", "completeness", loss(995_000, 5000, "output_blocked")),
    Fault("the host slept", "completeness", loss(995_000, 5000, "paused")),
    Fault("symbols had no registration", "completeness", loss(995_000, 5000, "no_room")),
    Fault("a reconnect has cost trades", nil) {
      loss(995_000, 5000, "gap")(&$0)
      set(0, "observer_recent_missed_shares{venue=KRX}", 0)(&$0)
    },
    Fault("one share in two thousand is missing", nil, loss(999_500, 500, "not_received")),
    Fault("trades are suspected to be missing", nil) {
      loss(1000, 0, "not_received")(&$0)
      set(0, "observer_suspected_trades{venue=KRX}", 3)(&$0)
    },
    Fault("a channel cannot be verified", nil) {
      loss(1000, 0, "not_received")(&$0)
      set(0, "observer_kis_channel_unverifiable{tr=H0NXCNT0}", 1)(&$0)
    },
    Fault("odd frames of a channel that is read", nil) {
      set(0, "observer_kis_channel_refused_in_row{tr=H0STASP0}", 2)(&$0)
    },
    Fault("on a container's layer", "volume") {
      $0.folder.volume = .layer("overlay")
      $0.isContainer = true
    },
    Fault("on a container's layer, the sink down", "jsonl-sink") { facts in
      facts.folder.volume = .nameless
      facts.isContainer = true
      for index in 0...3 { end(index, .killed)(&facts) }
      end(4, .ended(74, "I/O error"))(&facts)
    },
    Fault("on a container's layer, which may be lost", nil) {
      $0.folder.volume = .memory("tmpfs")
      $0.isContainer = true
      $0.isLossAccepted = true
    },
    Fault("in memory, by hand", nil) { $0.folder.volume = .memory("tmpfs") },
    Fault("port taken", "port") { $0.port = (8000, .other) },
    Fault("port held in silence", "port") { $0.port = (8000, .silent) },
    Fault("port free", nil) { $0.port = (8000, .free) },
  ]

  @Test(arguments: faults)
  func namesTheFirstBrokenLink(fault: Fault) {
    let report = fault.report
    #expect(report.first?.name == fault.first)
    #expect(report.isHealthy == (fault.first == nil))
    for check in report.broken {
      #expect(!check.fix.isEmpty && !check.korean.isEmpty && !check.detail.isEmpty)
    }
    let lines = report.ndjson(korean: false).split(separator: "\n")
    #expect(lines.count == report.checks.count + 1)
    let name = fault.first.map { "\"\($0)\"" } ?? "null"
    #expect(lines.last?.contains("\"first\":\(name),") == true)
  }

  @Test func anUnreadableChannelIsNamedWithItsColumn() {
    var facts = Self.healthy()
    for (channel, row) in [("H0STCNT0", 0.0), ("H0STASP0", 140), ("H0NXCNT0", 7)] {
      Self.set(0, "observer_kis_channel_refused_in_row{tr=\(channel)}", row)(&facts)
    }
    let refusal = "observer_kis_channel_last_refusal_timestamp_seconds{tr=H0STASP0,column="
    Self.set(0, refusal + "BSOP_HOUR}", Self.now - 90)(&facts)
    Self.set(0, refusal + "ASKP1}", Self.now - 1)(&facts)
    let first = HealthReport(facts).first
    #expect(
      first?.detail
        == "no frame of H0STASP0 can be read: 140 refused in a row, at ASKP1; also H0NXCNT0")
    #expect(first?.korean.contains("H0STASP0") == true && first?.korean.contains("ASKP1") == true)
    #expect(first?.fix.hasPrefix("tail -n 1 /data/observer/rejects/kis-fetch.wire") == true)
  }

  /// While the next call waits for its turn no counter grows.
  @Test func aServerOutOfReachStaysSo() {
    var facts = Self.healthy()
    Self.set(0, "observer_kis_failures_in_row", 6)(&facts)
    Self.set(0, "observer_kis_last_failure{result=unreachable}", 1)(&facts)
    facts.stages[0].now?.values["observer_kis_last_success_timestamp_seconds"] = Self.now - 60
    #expect(HealthReport(facts).first?.detail.contains("cannot be reached") == true)
  }

  /// 30 days before the file ends, and after that; the fix names the file.
  @Test(arguments: [(31, false), (30, false), (29, true), (0, true), (-5, true)])
  func theCalendarIsContinuedInTime(days: Int, isWarned: Bool) {
    var facts = Self.healthy()
    facts.calendar.path = "/srv/config/holidays.jsonl"
    facts.calendar.last = KST.midnight(before: Self.wall) + .day * days
    for korean in [false, true] {
      let report = HealthReport(facts)
      #expect(report.isHealthy)
      #expect(report.warnings.map(\.name) == (isWarned ? ["calendar"] : []))
      let page = HealthPage(report, facts, [], korean: korean, nonce: "n").html
      #expect(report.table(korean: korean).contains("tail -n 3 /srv/config/holidays.jsonl") == isWarned)
      #expect(report.ndjson(korean: korean).contains(#""warning":true"#) == isWarned)
      #expect(page.contains(korean ? "주의" : "to do") == isWarned)
    }
  }

  @Test func aMessageCannotDriveATerminalOrAPage() {
    var facts = Self.healthy()
    facts.configFailure = "a\u{1B}[2J<script>"
    let report = HealthReport(facts)
    #expect(!report.table(korean: true).unicodeScalars.contains { $0.value == 0x1B })
    let page = HealthPage(report, facts, [], korean: false, nonce: "n").html
    #expect(page.contains("&lt;script&gt;") && !page.contains("<script>"))
  }
}
