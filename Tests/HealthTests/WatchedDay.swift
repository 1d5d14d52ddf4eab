import Foundation
import KIS
import Market
import Plumbing
import TestSupport

@testable import Health

/// A pipeline on a day of the model: what it would write down about itself, on a clock of its own.
struct WatchedDay {
  /// What goes wrong.
  enum Outage: String, CaseIterable {
    case processGone, socketDead, refused, unanswered, someUnanswered, callsFail, archiveStuck, halfDead

    /// The link that is to be named; where two may, either.
    var links: Set<String> {
      switch self {
      case .processGone: ["kis-fetch"]
      case .socketDead, .refused: ["socket", "snapshots"]
      case .unanswered, .someUnanswered: ["subscriptions", "socket"]
      case .callsFail: ["requests"]
      case .archiveStuck: ["growth", "age"]
      case .halfDead: ["snapshots", "socket"]
      }
    }
  }

  /// What was written down at a time.
  typealias Numbers = (second: Double, fetch: [String: Double], stored: Int, lines: Int)

  static let step = 5.0
  static let watchdog = 100.0

  let list: MarketModel.List
  let calendar: MarketCalendar
  let midnight: Milliseconds
  /// Seconds without data after which the server sends PINGPONG.
  let cadence: Double
  private var model: MarketModel
  private var meter = PaceMeter()
  private var hours: PollingHours
  private var tally = FeedTally()
  private(set) var second: Double
  private let started: Double
  private var frameAt: Double
  private var pingIdle: Double?
  private var openedAt: Double
  private var isConnected = true
  private var tokenUntil: Double
  private var lastCall: Double
  private var failures = 0
  private var lines = 0
  private var lastLine: Double = 0
  private var archivedLines = 0
  private var archivedAt: Double = 0
  private var samples: [Numbers] = []
  private let base: HealthFacts
  /// Records of the last minute, a step each.
  private var recent: [Int] = []
  private var outage: Outage?
  private var outageAt = Double.infinity

  init(
    _ day: MarketModel.Day, _ list: MarketModel.List, _ calendar: MarketCalendar, midnight: Milliseconds,
    from second: Double,
    cadence: Double, seed: UInt64
  ) {
    self.list = list
    self.calendar = calendar
    self.midnight = midnight
    self.cadence = cadence
    self.second = second
    model = MarketModel(day, list, seed: seed)
    hours = PollingHours(.market, calendar)
    started = second
    frameAt = second
    openedAt = second
    lastCall = second
    tokenUntil = second + 6 * 3600
    var base = HealthRulesTests.healthy()
    for index in base.stages.indices { base.stages[index].before = nil }
    self.base = base
  }

  var wall: Milliseconds { midnight + .seconds(second) }
  private var venue: Venue { list == .nxt || list == .restNXT ? .nxt : list == .unified ? .unified : .krx }
  private var feeds: [Feed] {
    switch list {
    case .book: [.book]
    case .tradesAndBook: [.trades, .book]
    case .rest: [.multi]
    case .restNXT: [.price]
    default: [.trades]
    }
  }
  private var isPolling: Bool { hours.polls(Instrument("005930", venue)) }

  /// From now on this goes wrong.
  mutating func inject(_ outage: Outage) {
    self.outage = outage
    outageAt = second
    if outage == .refused { isConnected = false }
    // A new connection: registrations are asked for, and some never answered.
    if outage == .unanswered || outage == .someUnanswered { openedAt = second }
  }

  /// Whether the outage is one that this list has, and that can be told at this time.
  func has(_ outage: Outage, at second: Double) -> Bool {
    switch outage {
    case .processGone: true
    case .socketDead, .refused, .unanswered: !list.isPolled
    case .someUnanswered: !list.isPolled && list.symbols > 3
    case .callsFail: list.isPolled && isPolling
    case .archiveStuck: list.isDense && isContinuous(second) || list.isPolled && isPolling
    // Only where trades have been due for a while and will be: their pace is known. On a day that may be a holiday
    // nothing is due.
    case .halfDead:
      // Late in the evening few trade, and one share may be halted.
      list.isDense && list.symbols > 1 && model.day != .unconfirmedOpen && second < 64_800
        && stride(from: second - 2400, through: second + 900, by: 60).allSatisfy(isContinuous)
    }
  }

  private func isContinuous(_ second: Double) -> Bool {
    let open = model.trading(second)
    return venue == .nxt ? open.nxt : venue == .unified ? open.krx || open.nxt : open.krx
  }

  /// Whether at least five records a second came lately, of several symbols.
  var isBusy: Bool {
    list.symbols > 1 && model.day != .unconfirmedOpen && isContinuous(outageAt)
      && isContinuous(outageAt - 300) && recent.reduce(0, +) >= 300
  }

  /// Lets one step pass.
  mutating func advance() {
    let from = second
    second += Self.step
    if outage == .processGone { return }
    if list.isPolled { poll() } else { receive(from) }
    if outage != .archiveStuck, lines > archivedLines {
      archivedLines = lines
      archivedAt = lastLine
    }
    look()
    // Only what somebody will see: the present and ten seconds before.
    guard outage != nil || (second + 10).truncatingRemainder(dividingBy: 60) <= 10 else { return }
    samples.append((second, numbers(), archivedLines, lines))
    if samples.count > 3 { samples.removeFirst() }
  }

  private mutating func poll() {
    _ = hours.look(at: wall)
    guard isPolling else { return }
    if second > tokenUntil { tokenUntil = second + 86_400 }
    if outage == .callsFail {
      failures += 5
    } else {
      failures = 0
      lastCall = second
      take(feeds[0], list.symbols * Int(Self.step))
    }
  }

  private mutating func receive(_ from: Double) {
    let came = model.records(from, step: Self.step)
    if outage == nil { recent = recent.suffix(11) + [came.trades + came.books] }
    guard isConnected else { return }
    let isDeaf = outage == .socketDead
    let isMuted = isDeaf || outage == .halfDead || outage == .unanswered
    if !isMuted, came.trades + came.books > 0 {
      take(.trades, came.trades)
      take(.book, came.books)
      frameAt = second
    } else if !isDeaf, second - frameAt >= cadence {
      pingIdle = max(pingIdle ?? 0, second - frameAt)
      frameAt = second
    }
    if second - frameAt >= Self.watchdog { isConnected = false }
  }

  private mutating func take(_ feed: Feed, _ count: Int) {
    guard count > 0 else { return }
    tally.add(FeedAtVenue(feed, venue), count)
    lines += count
    lastLine = second
  }

  private mutating func look() {
    let isRegistered = isConnected && outage != .unanswered
    meter.look(
      at: .seconds(second),
      feeds.compactMap { feed -> PaceMeter.Sight? in
        guard !list.isPolled || isPolling else { return nil }
        return PaceMeter.Sight(
          FeedAtVenue(feed, venue), symbols: list.symbols, records: tally[FeedAtVenue(feed, venue)],
          isLive: list.isPolled || isRegistered, session: calendar.session(at: wall, venue).start)
      })
  }

  /// What kis-fetch writes about itself.
  private func numbers() -> [String: Double] {
    let count = Double(list.symbols)
    var numbers: [String: Double] = [
      "observer_start_time_seconds": absolute(started),
      "observer_metrics_timestamp_seconds": absolute(second),
      "observer_last_line_timestamp_seconds": absolute(lastLine),
      "observer_watched_symbols": count, "observer_watched_symbols_by_venue{venue=\(venue.rawValue)}": count,
      "observer_kis_failures_in_row": Double(failures),
      "observer_kis_last_success_timestamp_seconds": absolute(lastCall),
      "observer_lines_out_total": Double(lines),
      "observer_polling_paused": list.isPolled && !isPolling ? 1 : 0,
      "observer_poll_interval_seconds{feed=multi}": 1, "observer_poll_interval_seconds{feed=price}": 1,
    ]
    if list.isPolled {
      numbers["observer_kis_token_expiry_timestamp_seconds"] = absolute(tokenUntil)
    } else {
      numbers["observer_kis_websocket_connected"] = isConnected ? 1 : 0
      if isConnected {
        numbers["observer_kis_websocket_silence_seconds"] = second - frameAt
        numbers["observer_kis_websocket_open_seconds"] = second - openedAt
      }
      numbers["observer_kis_pingpong_idle_seconds"] = pingIdle
      let missing = outage == .unanswered ? count : outage == .someUnanswered ? 3 : 0
      // kis-fetch waits five seconds for an answer.
      if second - outageAt >= 5 { numbers["observer_kis_registrations{state=unanswered}"] = missing }
      numbers["observer_kis_registrations{state=wanted}"] = count
      numbers["observer_kis_registrations{state=held}"] = isConnected ? count : 0
      numbers["observer_kis_registrations{state=confirmed}"] = isConnected ? count - missing : 0
    }
    for (place, pace) in meter.paces {
      let labels = "{feed=\(place.feed.rawValue),venue=\(place.venue.rawValue)}"
      numbers["observer_session_watched_seconds" + labels] = pace.watched
      numbers["observer_session_busy_seconds" + labels] = pace.busy
      numbers["observer_session_busy_minutes" + labels] = pace.minutes
      numbers["observer_session_records" + labels] = pace.records
      numbers["observer_session_longest_silence_seconds" + labels] = pace.longest
      numbers["observer_session_silence_seconds" + labels] = pace.silence
      numbers["observer_session_recent_records_per_second" + labels] = pace.rate
    }
    return numbers
  }

  private func absolute(_ second: Double) -> Double { midnight.inSeconds + second }

  /// What the health check would see, `late` seconds after the numbers were written.
  func facts(late: Double) -> HealthFacts {
    var facts = base
    facts.wall = wall + .seconds(late)
    facts.market = .by(calendar, [venue], at: facts.wall)
    facts.archive?.modified = .seconds(absolute(archivedAt))
    guard let now = samples.last, let before = samples.first else { return facts }
    func sample(_ entry: Numbers, _ name: String, _ count: Int) -> Sample {
      Sample([
        "observer_start_time_seconds": absolute(started), name: Double(count),
        "observer_metrics_timestamp_seconds": absolute(entry.second),
        "observer_last_line_timestamp_seconds": absolute(lastLine),
      ])
    }
    facts.stages[0].now = Sample(now.fetch)
    facts.stages[0].before = Sample(before.fetch)
    for index in 1...3 { facts.stages[index].now = sample(now, "observer_lines_out_total", now.lines) }
    facts.stages[4].now = sample(now, "observer_archive_records_total", now.stored)
    facts.stages[4].before = sample(before, "observer_archive_records_total", before.stored)
    if outage == .processGone {
      facts.stages[0].pid = nil
      facts.stages[0].end = .killed
    }
    return facts
  }
}
