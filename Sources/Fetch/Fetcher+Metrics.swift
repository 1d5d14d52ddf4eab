import KIS
import Plumbing

/// What the trigger tells about itself.
extension Fetcher {
  /// Keeps the metrics file, when it is due.
  func writeMetrics(_ now: Moment) {
    guard Metrics.isOn else { return }
    let unknown = unknownSymbols
    tellSymbols(unknown)
    Metrics.write(now.monotonic) { text in
      var common = StageMetrics()
      common.linesIn = lineNumber
      common.linesOut = snapshots + gapLines
      common.bytesOut = output.bytesWritten
      common.lastLine = lastSnapshot
      common.append(to: &text)
      text.counter(
        "observer_snapshots_total", "Snapshots made, by feed.", by: "feed",
        Feed.allCases.map { ($0.rawValue, tally[$0]) })
      text.gauge(
        "observer_kis_service_info", "Where KIS is reached over REST; always 1.", by: "rest",
        [(options.restURL, 1)])
      appendWatchlist(unknown.count, &text)
      appendPace(now, &text)
      appendGaps(&text)
      appendRest(now, &text)
      if let realtime { append(realtime, now, &text) }
    }
  }

  /// Says what was done so far, and what was left out of the log.
  func summarise(_ what: String) {
    notes.finish()
    var line = "\(what) | snapshots=\(snapshots) gaps=\(gapLines) lines=\(lineNumber) calls=\(lane.calls)"
    if let realtime {
      line +=
        " frames=\(realtime.counts.frames) records=\(realtime.counts.records) connections=\(realtime.counts.connections)"
    }
    log.info(line)
  }

  /// Counts a snapshot.
  func count(_ feed: Feed, _ venue: Venue, _ now: Moment) {
    snapshots += 1
    tally.add(feed, venue)
    lastSnapshot = now.wall
  }

  private func appendWatchlist(_ unknown: Int, _ text: inout MetricsText) {
    text.gauge("observer_watched_symbols", "Symbols on the watchlist.", Double(watchlist.count))
    text.gauge(
      "observer_watched_symbols_by_venue", "Symbols on the watchlist, by venue.", by: "venue",
      Venue.allCases.map { ($0.rawValue, Double(watchlist.count(at: $0))) })
    text.gauge(
      "observer_unknown_symbols", "Watched symbols that the exchange gives no data for.",
      Double(unknown))
    let byFeed = refused.subjects.reduce(into: [Feed: Double]()) { $0[$1.feed, default: 0] += 1 }
    text.gauge(
      "observer_refused_symbols", "Symbols that KIS refuses and that are asked for again slowly, by feed.",
      by: "feed", Feed.allCases.map { ($0.rawValue, byFeed[$0] ?? 0) })
    text.counter(
      "observer_watchlist_ignored_lines_total",
      "Lines of the watchlist that name nothing that can be watched.",
      ignored.count)
  }

  /// Instruments that are refused, or answered without data, on every feed that they are asked for on. A symbol
  /// that was registered and does not trade is none: nothing tells it from a quiet one.
  private var unknownSymbols: [Instrument] {
    let empty = gaps.subjects(.noData)
    let asked = [AnyCollection(empty), AnyCollection(refused.subjects)].joined().lazy.filter {
      self.isAsked($0)
    }
    return Set(asked.map(\.instrument)).filter { instrument in
      Feed.allCases.allSatisfy { feed in
        let subject = Subject(instrument, feed)
        return empty.contains(subject) || refused.contains(subject) || !isAsked(subject)
      }
    }
  }

  /// Whether the watchlist asks for it now, refused or not: in rounds, or by a registration that has room.
  private func isAsked(_ subject: Subject) -> Bool {
    guard let kind = subject.feed.channelKind else {
      return listed(subject.feed)?.contains(subject.instrument) ?? false
    }
    guard options.feeds.contains(subject.feed), watchlist.contains(subject.instrument) else { return false }
    let registration = Registration(Channel(kind, subject.instrument.venue), subject.instrument.symbol)
    return realtime.map { !$0.plan.isOverflow(registration) } ?? false
  }

  private func appendGaps(_ text: inout MetricsText) {
    text.counter(
      "observer_gaps_total", "Gap records written, by reason.", by: "reason",
      GapReason.allCases.map { ($0.rawValue, gapsByReason[$0] ?? 0) })
    text.gauge("observer_gaps_open", "Gaps that last.", Double(gaps.count))
  }

  private func appendRest(_ now: Moment, _ text: inout MetricsText) {
    let counts = lane.counts
    text.counter(
      "observer_kis_requests_total", "REST calls, by how they ended.", by: "result", counts.byResult)
    text.counter(
      "observer_kis_answers_repaired_total", "Answers with bytes that were no UTF-8 and were replaced.",
      counts.repairedAnswers)
    text.gauge(
      "observer_kis_failures_in_row", "REST calls failed since one succeeded.", Double(counts.failuresInRow))
    text.gauge(
      "observer_kis_last_failure", "1 for how the last call that failed did.", by: "result",
      counts.lastFailure.map { [($0.rawValue, 1)] } ?? [])
    text.gauge(
      "observer_kis_last_success_timestamp_seconds", "When a REST call last succeeded, seconds since 1970.",
      counts.lastSuccess.map { Double($0) / 1000 })
    text.counter(
      "observer_kis_limiter_waits_total", "Calls that waited for the rate limiter.", counts.limiterWaits)
    text.counter(
      "observer_kis_limiter_wait_seconds_total", "How long calls waited for the rate limiter.",
      Double(counts.limiterWait) / 1_000_000_000)
    text.gauge(
      "observer_kis_clock_offset_seconds", "This host's clock less the exchange's.",
      counts.clockOffset.map { Double($0) / 1000 })
    let token = lane.keeper.token
    text.gauge(
      "observer_kis_token_age_seconds", "Time since the access token was issued.",
      token.map { Double(now.wall - $0.issued) / 1000 })
    text.gauge(
      "observer_kis_token_expiry_timestamp_seconds", "When the access token ends, seconds since 1970.",
      token.map { Double($0.expires) / 1000 })
  }

  private func append(_ realtime: RealtimeLane, _ now: Moment, _ text: inout MetricsText) {
    func seconds(_ time: Int64?) -> Double? { time.map { Double($0) / 1_000_000_000 } }
    let counts = realtime.counts
    let age = realtime.age(at: now.monotonic)
    text.gauge("observer_kis_websocket_connected", "1 while the session is open.", age == nil ? 0 : 1)
    text.counter(
      "observer_kis_reconnects_total", "WebSocket connections tried after the first.",
      max(0, counts.connections - 1))
    text.counter("observer_kis_websocket_frames_total", "Frames received.", counts.frames)
    text.gauge(
      "observer_kis_websocket_open_seconds", "How long the present session has been open.",
      seconds(age))
    text.gauge(
      "observer_kis_pingpong_idle_seconds", "The longest silence that a PINGPONG of the server has ended.",
      seconds(counts.idleBeforePing))
    text.gauge(
      "observer_kis_websocket_silence_seconds",
      "Time without a frame of the open session in which frames could be heard.",
      seconds(realtime.silence))
    text.gauge(
      "observer_kis_registrations", "Real-time registrations, by state.", by: "state",
      [
        ("wanted", Double(realtime.subjects.count)), ("held", Double(realtime.plan.held)),
        ("confirmed", Double(realtime.plan.active)), ("overflow", Double(realtime.plan.overflowCount)),
        ("refused", Double(refused.subjects.count { $0.feed.channelKind != nil })),
        ("unanswered", Double(realtime.plan.unanswered)),
      ])
    text.gauge(
      "observer_kis_registration_limit", "Registrations that the session takes, as learned.",
      Double(realtime.plan.limit))
    text.counter("observer_kis_layout_drift_total", "Changes of a frame's layout seen.", counts.drifts)
    append(realtime.account, &text)
    if let rejects {
      text.counter(
        "observer_kis_frames_kept_total", "Refused frames that were kept for later.", rejects.kept)
    }
  }

  /// What could be read, for each channel that sent anything.
  private func append(_ account: FrameAccount, _ text: inout MetricsText) {
    let heard = Channel.all.filter { account[$0].read + account[$0].refused > 0 }
    func each(_ value: (FrameAccount.Reading) -> Int) -> [(String, Int)] {
      heard.map { ($0.transactionID, value(account[$0])) }
    }
    text.counter("observer_kis_frames_refused_total", "Frames that could not be read.", account.refused)
    text.counter(
      "observer_kis_channel_frames_read_total", "Frames that were read, by channel.", by: "tr", each(\.read))
    text.counter(
      "observer_kis_channel_frames_refused_total", "Frames that could not be read, by channel.", by: "tr",
      each(\.refused))
    text.gauge(
      "observer_kis_channel_refused_in_row",
      "Frames refused since one was read; from 3 on the feed is unreadable.",
      by: "tr", each(\.inRow).map { ($0, Double($1)) })
    text.gauge(
      "observer_kis_channel_last_refusal_timestamp_seconds",
      "When a frame was last refused, and the column that was not where it was.", by: ("tr", "column"),
      heard.compactMap { channel in
        account[channel].lastColumn.map {
          (channel.transactionID, $0, Double(account[channel].lastAt) / 1000)
        }
      })
  }
}
