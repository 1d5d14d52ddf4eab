/// Every metric of this project: what is written, read, drawn and alerted on is one of these.
///
/// The raw value is its name in the exposition. All names of a stage's file begin with `observer_`; times are seconds,
/// sizes bytes, counters end in `_total` and only grow while the process lives.
public enum Metric: String, CaseIterable, Sendable {
  // Every stage.
  case buildInfo = "observer_build_info"
  case startTime = "observer_start_time_seconds"
  case metricsTime = "observer_metrics_timestamp_seconds"
  case exitStatus = "observer_exit_status"
  case linesIn = "observer_lines_in_total"
  case linesOut = "observer_lines_out_total"
  case bytesIn = "observer_bytes_in_total"
  case bytesOut = "observer_bytes_out_total"
  case blankLines = "observer_blank_lines_total"
  case rejects = "observer_rejects_total"
  case lastLine = "observer_last_line_timestamp_seconds"

  // The rejects file of a filter.
  case rejectsDurable = "observer_rejects_durable_total"
  case rejectsWriteErrors = "observer_rejects_write_errors_total"
  case rejectsWaitingForRoom = "observer_rejects_waiting_for_room"

  // snap-guard with rules of values.
  case ruleFlags = "observer_guard_flags_total"
  case ruleBlocks = "observer_guard_blocks_total"
  case ruleSubjects = "observer_guard_symbols"

  // kis-fetch: what is watched.
  case snapshots = "observer_snapshots_total"
  case serviceInfo = "observer_kis_service_info"
  case watchedSymbols = "observer_watched_symbols"
  case watchedSymbolsByVenue = "observer_watched_symbols_by_venue"
  case unknownSymbols = "observer_unknown_symbols"
  case refusedSymbols = "observer_refused_symbols"
  case ignoredLines = "observer_watchlist_ignored_lines_total"
  case pollingPaused = "observer_polling_paused"
  case pollInterval = "observer_poll_interval_seconds"

  // kis-fetch: the pace of the present session.
  case sessionWatched = "observer_session_watched_seconds"
  case sessionBusy = "observer_session_busy_seconds"
  case sessionBusyMinutes = "observer_session_busy_minutes"
  case sessionRecords = "observer_session_records"
  case sessionLongestSilence = "observer_session_longest_silence_seconds"
  case sessionRecentRate = "observer_session_recent_records_per_second"
  case sessionSilence = "observer_session_silence_seconds"

  // kis-fetch: gaps.
  case gaps = "observer_gaps_total"
  case gapsOpen = "observer_gaps_open"

  // kis-fetch: what the exchange counted, by venue.
  case verifiedTrades = "observer_verified_trades_total"
  case tradeShares = "observer_trade_shares_total"
  case missedTrades = "observer_missed_trades_total"
  case missedShares = "observer_missed_shares_total"
  case duplicateTrades = "observer_duplicate_trades_total"
  case reversedTrades = "observer_reversed_trades_total"
  case unverifiableTrades = "observer_unverifiable_trades_total"
  case suspectedTrades = "observer_suspected_trades"
  case suspectedShares = "observer_suspected_shares"
  case recentShares = "observer_recent_trade_shares"
  case recentMissedShares = "observer_recent_missed_shares"
  case unfitChannels = "observer_kis_channel_unverifiable"

  // kis-fetch: REST.
  case requests = "observer_kis_requests_total"
  case answersRepaired = "observer_kis_answers_repaired_total"
  case failuresInRow = "observer_kis_failures_in_row"
  case lastFailure = "observer_kis_last_failure"
  case lastSuccess = "observer_kis_last_success_timestamp_seconds"
  case limiterWaits = "observer_kis_limiter_waits_total"
  case limiterWait = "observer_kis_limiter_wait_seconds_total"
  case clockOffset = "observer_kis_clock_offset_seconds"
  case tokenAge = "observer_kis_token_age_seconds"
  case tokenExpiry = "observer_kis_token_expiry_timestamp_seconds"

  // kis-fetch: the real-time session.
  case webSocketConnected = "observer_kis_websocket_connected"
  case reconnects = "observer_kis_reconnects_total"
  case webSocketFrames = "observer_kis_websocket_frames_total"
  case webSocketOpen = "observer_kis_websocket_open_seconds"
  case pingPongIdle = "observer_kis_pingpong_idle_seconds"
  case webSocketSilence = "observer_kis_websocket_silence_seconds"
  case registrations = "observer_kis_registrations"
  case registrationLimit = "observer_kis_registration_limit"
  case layoutDrift = "observer_kis_layout_drift_total"
  case messagesSkipped = "observer_kis_messages_skipped_total"
  case recordsSkipped = "observer_kis_records_skipped_total"
  case framesRefused = "observer_kis_frames_refused_total"
  case framesKept = "observer_kis_frames_kept_total"
  case oddValues = "observer_kis_odd_values_total"
  case channelFramesRead = "observer_kis_channel_frames_read_total"
  case channelFramesRefused = "observer_kis_channel_frames_refused_total"
  case channelRefusedInRow = "observer_kis_channel_refused_in_row"
  case channelLastRefusal = "observer_kis_channel_last_refusal_timestamp_seconds"

  // kis-fetch: each app key, by its number.
  case keyServing = "observer_kis_key_serving"
  case keyFailed = "observer_kis_key_failed"
  case keyRegistrations = "observer_kis_key_registrations"
  case keyRegistrationLimit = "observer_kis_key_registration_limit"
  case keyCalls = "observer_kis_key_calls_total"

  // jsonl-sink.
  case archiveRecords = "observer_archive_records_total"
  case archiveNotPassed = "observer_archive_not_passed_total"
  case archiveLostLines = "observer_archive_lost_lines_total"
  case archiveWriteErrors = "observer_archive_write_errors_total"
  case archiveSyncErrors = "observer_archive_sync_errors_total"
  case archiveSync = "observer_archive_sync_seconds"
  case archiveLatency = "observer_archive_latency_seconds"
  case archiveRotations = "observer_archive_rotations_total"
  case archiveTornTails = "observer_archive_torn_tails_total"
  case archiveSize = "observer_archive_size_bytes"
  case archiveFreeBytes = "observer_archive_free_bytes"
  case archiveFreeInodes = "observer_archive_free_inodes"
  case archiveWaitingForRoom = "observer_archive_waiting_for_room"

  // observer-health.
  case healthy = "observer_healthy"
  case linkOK = "observer_link_ok"
  case stageRunning = "observer_stage_running"

  /// What Prometheus takes it for.
  public enum Kind: String, Sendable {
    /// A number that only grows while the process lives.
    case counter
    /// A number that goes up and down.
    case gauge
    /// A distribution: `_bucket`, `_sum` and `_count`.
    case histogram
  }

  /// All that is known of a metric but its name.
  public struct Definition: Sendable {
    /// What Prometheus takes it for.
    public let kind: Kind
    /// One line for a reader.
    public let help: String
    /// Labels besides `stage`, which every sample carries.
    public let labels: [String]

    init(_ kind: Kind, _ help: String, by labels: String...) {
      self.kind = kind
      self.help = help
      self.labels = labels
    }
  }

  /// Kind, help and labels.
  public var definition: Definition {
    switch self {
    case .buildInfo: .init(.gauge, "Version of the running program.", by: "version")
    case .startTime: .init(.gauge, "When the stage started, seconds since 1970.")
    case .metricsTime: .init(.gauge, "When these metrics were written, seconds since 1970.")
    case .exitStatus: .init(.gauge, "Exit status of the stage; absent while it runs.")
    case .linesIn: .init(.counter, "Lines read.")
    case .linesOut: .init(.counter, "Lines passed on.")
    case .bytesIn: .init(.counter, "Bytes read.")
    case .bytesOut: .init(.counter, "Bytes passed on.")
    case .blankLines: .init(.counter, "Blank lines skipped.")
    case .rejects: .init(.counter, "Lines refused, by reason.", by: "reason")
    case .lastLine: .init(.gauge, "When the last line came, seconds since 1970.")
    case .rejectsDurable: .init(.counter, "Refused lines that are on the disk in the rejects file.")
    case .rejectsWriteErrors: .init(.counter, "Writes of rejects that failed, retries included.")
    case .ruleFlags: .init(.counter, "Lines that a market rule flagged, blocked ones included.", by: "rule")
    case .ruleBlocks: .init(.counter, "Lines that a market rule blocked.", by: "rule")
    case .ruleSubjects: .init(.gauge, "Symbols that the market rules remember.")
    case .rejectsWaitingForRoom: .init(.gauge, "1 while rejects cannot be written and nothing is read.")
    case .snapshots: .init(.counter, "Snapshots made, by feed.", by: "feed")
    case .serviceInfo: .init(.gauge, "Where KIS is reached over REST; always 1.", by: "rest")
    case .watchedSymbols: .init(.gauge, "Symbols on the watchlist.")
    case .watchedSymbolsByVenue: .init(.gauge, "Symbols on the watchlist, by venue.", by: "venue")
    case .unknownSymbols: .init(.gauge, "Watched symbols that the exchange gives no data for.")
    case .refusedSymbols:
      .init(
        .gauge, "Symbols that KIS refuses and that are asked for again slowly, by feed.", by: "feed")
    case .ignoredLines: .init(.counter, "Lines of the watchlist that name nothing that can be watched.")
    case .pollingPaused: .init(.gauge, "1 while all that is polled rests, as its market is closed.")
    case .pollInterval: .init(.gauge, "Time between two rounds of a polled feed.", by: "feed")
    case .sessionWatched:
      .init(
        .gauge, "How long a feed was observed in the present session.", by: "feed", "venue")
    case .sessionBusy:
      .init(
        .gauge, "Of that, time in steps between two looks that held a record.", by: "feed", "venue")
    case .sessionBusyMinutes: .init(.gauge, "Minutes of the session that held a record.", by: "feed", "venue")
    case .sessionRecords: .init(.gauge, "Records of the present session.", by: "feed", "venue")
    case .sessionLongestSilence:
      .init(
        .gauge, "The longest silence of the session that a record ended.", by: "feed", "venue")
    case .sessionRecentRate:
      .init(
        .gauge, "Records a second before the present silence.", by: "feed", "venue")
    case .sessionSilence:
      .init(
        .gauge, "Time without a record until now, in the present session.", by: "feed", "venue")
    case .gaps: .init(.counter, "Gap records written, by reason.", by: "reason")
    case .gapsOpen: .init(.gauge, "Gaps that last.")
    case .verifiedTrades:
      .init(.counter, "Trades whose running totals show that nothing is missing before them.", by: "venue")
    case .tradeShares: .init(.counter, "Shares of the trades that came.", by: "venue")
    case .missedTrades:
      .init(
        .counter,
        "Trades the exchange counted that did not come, by cause; subtract came_late and withdrawn.",
        by: "venue", "cause")
    case .missedShares: .init(.counter, "Shares of these trades.", by: "venue", "cause")
    case .duplicateTrades: .init(.counter, "Records of trades that came again.", by: "venue")
    case .reversedTrades:
      .init(.counter, "Records after which the totals were lower: taken back, or late.", by: "venue")
    case .unverifiableTrades:
      .init(.counter, "Records of trades that do not fit their totals, or have none.", by: "venue")
    case .suspectedTrades:
      .init(.gauge, "Trades that seem to be missing, on channels that are not proven today.", by: "venue")
    case .suspectedShares: .init(.gauge, "Shares of these trades.", by: "venue")
    case .recentShares: .init(.gauge, "Shares of the trades of the last five to ten minutes.", by: "venue")
    case .recentMissedShares:
      .init(
        .gauge,
        "Shares that were found missing in the last five to ten minutes, without those that an outage cost.",
        by: "venue")
    case .unfitChannels:
      .init(
        .gauge, "1 for a channel whose records do not keep the totals: they cannot be verified.", by: "tr")
    case .requests: .init(.counter, "REST calls, by how they ended.", by: "result")
    case .answersRepaired: .init(.counter, "Answers with bytes that were no UTF-8 and were replaced.")
    case .failuresInRow: .init(.gauge, "REST calls failed since one succeeded.")
    case .lastFailure: .init(.gauge, "1 at the result of the last failed call.", by: "result")
    case .lastSuccess: .init(.gauge, "When a REST call last succeeded, seconds since 1970.")
    case .limiterWaits: .init(.counter, "Calls that waited for the rate limiter.")
    case .limiterWait: .init(.counter, "How long calls waited for the rate limiter.")
    case .clockOffset: .init(.gauge, "This host's clock less the exchange's.")
    case .tokenAge: .init(.gauge, "Time since the access token was issued.")
    case .tokenExpiry: .init(.gauge, "When the access token ends, seconds since 1970.")
    case .webSocketConnected: .init(.gauge, "1 while the session is open, of several app keys while all are.")
    case .reconnects: .init(.counter, "WebSocket connections tried after the first of each app key.")
    case .webSocketFrames: .init(.counter, "Frames received.")
    case .webSocketOpen: .init(.gauge, "How long the present session has been open.")
    case .pingPongIdle: .init(.gauge, "The longest silence that a PINGPONG of the server has ended.")
    case .webSocketSilence:
      .init(.gauge, "Time without a frame of the open session in which frames could be heard.")
    case .registrations: .init(.gauge, "Real-time registrations, by state.", by: "state")
    case .registrationLimit: .init(.gauge, "Registrations that the sessions take, as learned.")
    case .layoutDrift: .init(.counter, "Changes of a frame's layout seen.")
    case .messagesSkipped:
      .init(.counter, "Control messages that could not be read, or answer nothing that was asked for.")
    case .recordsSkipped: .init(.counter, "Records of symbols that are not watched on their channel.")
    case .framesRefused: .init(.counter, "Frames that could not be read.")
    case .framesKept: .init(.counter, "Refused frames that were kept for later.")
    case .oddValues:
      .init(
        .counter,
        "Values that were no number, or not whole where only that fits (null), no UTF-8 (repaired), or of a sign against"
          + " their code (which holds).",
        by: "kind")
    case .channelFramesRead: .init(.counter, "Frames that were read, by channel.", by: "tr")
    case .channelFramesRefused: .init(.counter, "Frames that could not be read, by channel.", by: "tr")
    case .channelRefusedInRow:
      .init(
        .gauge, "Frames refused since one was read; from 3 on the feed is unreadable.", by: "tr")
    case .channelLastRefusal:
      .init(
        .gauge, "When a frame was last refused; `column` is the first that did not fit.", by: "tr", "column"
      )
    case .keyServing: .init(.gauge, "1 while an app key does all that it should.", by: "key")
    case .keyFailed:
      .init(
        .gauge, "1 while an app key does not; the exit status is the one that it would end with alone.",
        by: "key", "status")
    case .keyRegistrations: .init(.gauge, "Confirmed registrations of an app key.", by: "key")
    case .keyRegistrationLimit:
      .init(.gauge, "Registrations that an app key's session takes, as learned.", by: "key")
    case .keyCalls: .init(.counter, "REST calls made with an app key.", by: "key")
    case .archiveRecords: .init(.counter, "Records that are durable.")
    case .archiveNotPassed: .init(.counter, "Archived lines that standard output did not take.")
    case .archiveLostLines: .init(.counter, "Lines that another program took out of a data file.")
    case .archiveWriteErrors: .init(.counter, "Writes that failed, retries included.")
    case .archiveSyncErrors: .init(.counter, "Syncs that failed.")
    case .archiveSync: .init(.histogram, "Time that a sync took.")
    case .archiveLatency: .init(.histogram, "From the capture of a snapshot to its place in the archive.")
    case .archiveRotations: .init(.counter, "Data files opened after the first one.")
    case .archiveTornTails: .init(.counter, "Unfinished ends of data files that were set aside.")
    case .archiveSize: .init(.gauge, "Size of the data file in use.")
    case .archiveFreeBytes: .init(.gauge, "Room on the archive's file system.")
    case .archiveFreeInodes: .init(.gauge, "Files that still fit there.")
    case .archiveWaitingForRoom: .init(.gauge, "1 while the disk is full.")
    case .healthy: .init(.gauge, "1 while every link holds.")
    case .linkOK:
      .init(
        .gauge, "1 for a link that holds, 0 for a broken one; absent while unknown.", by: "link")
    case .stageRunning: .init(.gauge, "1 while the stage runs.", by: "name")
    }
  }
}
