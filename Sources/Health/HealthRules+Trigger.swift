import Market
import Plumbing

/// Whether the exchange delivers: what kis-fetch says about itself.
extension HealthRules {
  /// Seconds that a start may take.
  static let startUp = 8.0
  /// Seconds that this host's clock may be off.
  static let clockTolerance = 30.0

  /// kis-fetch's numbers, when it runs and has written some.
  static func fetched(_ facts: HealthFacts) -> Sample? {
    let stage = facts.stage("kis-fetch")
    return stage.isRunning ? stage.now : nil
  }

  /// Seconds since a stage started.
  static func uptime(_ sample: Sample, _ facts: HealthFacts) -> Double {
    facts.wall.inSeconds - (sample[.startTime] ?? 0)
  }

  static let clock: Rule = { facts in
    guard let offset = fetched(facts)?[.clockOffset] else {
      return [.unknown("clock", "the exchange has not told the time yet", "거래소가 아직 시각을 알려 주지 않았습니다")]
    }
    if abs(offset) > clockTolerance {
      let seconds = Int(clamping: offset)
      return [
        .broken(
          "clock",
          "this host's clock is \(abs(seconds)) s \(seconds > 0 ? "ahead of" : "behind") the exchange's",
          "이 서버의 시계가 거래소보다 \(abs(seconds))초 \(seconds > 0 ? "빠릅니다" : "느립니다")",
          fix: "sudo timedatectl set-ntp true")
      ]
    }
    return [
      .good(
        "clock", "within \(Int(clamping: abs(offset)) + 1) s of the exchange's",
        "거래소와의 차이 \(Int(clamping: abs(offset)) + 1)초 이내")
    ]
  }

  /// Whether no call is due: everything that is polled rests until its venue opens.
  private static func isPaused(_ facts: HealthFacts) -> Bool {
    (facts.stage("kis-fetch").now?[.pollingPaused] ?? 0) > 0
  }

  static let token: Rule = { facts in
    guard let sample = fetched(facts) else { return [.silent("token", "kis-fetch")] }
    guard let expiry = sample[.tokenExpiry] else {
      return [.good("token", "none was needed yet", "아직 필요하지 않았습니다")]
    }
    let left = Int(clamping: expiry - facts.wall.inSeconds)
    if left < -60, isPaused(facts) {
      return [
        .good(
          "token", "ended while nothing is asked; renewed with the next call", "조회가 없는 동안 만료됨. 다음 조회 때 갱신합니다")
      ]
    }
    if left < -60 {
      return [
        .broken(
          "token", "the access token ended \(-left) s ago and was not renewed", "접근 토큰이 \(-left)초 전에 만료되었습니다",
          fix: facts.restart)
      ]
    }
    return [
      .good(
        "token", "valid for \(left / 3600) h \(left / 60 % 60) min",
        "\(left / 3600)시간 \(left / 60 % 60)분 동안 유효")
    ]
  }

  static let requests: Rule = { facts in
    guard let sample = fetched(facts) else { return [.silent("requests", "kis-fetch")] }
    if isPaused(facts) {
      return [
        .good(
          "requests", "none: polling is paused (\(facts.market.words(korean: false)))",
          "없음: 조회를 쉬고 있습니다 (\(facts.market.words(korean: true)))")
      ]
    }
    let row = Int(clamping: sample[.failuresInRow] ?? 0)
    let success = sample[.lastSuccess]
    let isLasting = success.map { facts.wall.inSeconds - $0 > 3 } ?? true
    guard row >= 3 || (row >= 1 && isLasting) else {
      return [
        success == nil
          ? .good("requests", "none made yet", "아직 조회하지 않았습니다")
          : .good("requests", "the last one succeeded", "마지막 조회가 성공했습니다")
      ]
    }
    let lately = facts.stage("kis-fetch")
    let kinds = sample.each(.requests).map { (kind: $0.labels[0], count: $0.value) }
      .map { (kind: $0.kind, grown: $0.count - (lately.before?[.requests, $0.kind] ?? 0)) }
      .filter { $0.kind != "ok" && $0.grown > 0 }
    // While a call waits for its turn nothing is counted: the last one tells.
    let last = sample.each(.lastFailure).first { $0.value > 0 }?.labels[0]
    let kind = Sample.word(kinds.max { $0.grown < $1.grown }?.kind ?? last ?? "server_error")
    let isAway = kind == "unreachable" || kind == "timeout"
    return [
      isAway
        ? .broken(
          "requests", "KIS cannot be reached: \(row) calls failed in a row (\(kind))",
          "KIS 서버에 연결할 수 없습니다: 연속 \(row)회 실패 (\(kind))",
          fix: facts.reach)
        : .broken(
          "requests", "KIS answers only errors: \(row) calls failed in a row (\(kind))",
          "KIS 가 오류만 응답합니다: 연속 \(row)회 실패 (\(kind))",
          fix:
            "\(facts.logs("kis-fetch"))  # the code is in the last lines; KIS notices at apiportal.koreainvestment.com"
        )
    ]
  }

  static let socket: Rule = { facts in
    guard let sample = fetched(facts) else { return [.silent("socket", "kis-fetch")] }
    guard let connected = sample[.webSocketConnected] else {
      return [.good("socket", "no real-time feed is asked for", "실시간 피드를 쓰지 않습니다")]
    }
    if facts.isEnding { return [.good("socket", "is being closed (--until)", "닫는 중입니다 (--until)")] }
    guard connected > 0 else {
      if uptime(sample, facts) < startUp { return [.unknown("socket", "it is being opened", "여는 중입니다")] }
      return [
        .broken(
          "socket", "the WebSocket session is not open", "실시간(WebSocket) 세션이 열려 있지 않습니다",
          fix: "\(facts.logs("kis-fetch"))  # it reconnects by itself; is the app key in use elsewhere?")
      ]
    }
    // The numbers are a few seconds old; one that hangs is named as such.
    let told = sample[.metricsTime].map { facts.wall.inSeconds - $0 } ?? 0
    let silence = (sample[.webSocketSilence] ?? 0) + min(max(0, told), 5.5)
    if silence > patience(sample, facts) {
      return [
        .broken(
          "socket", "the WebSocket is open but has been silent for \(Int(clamping: silence)) s",
          "WebSocket 은 열려 있으나 \(Int(clamping: silence))초 동안 아무것도 오지 않았습니다",
          fix: "\(facts.restart)  # or wait: kis-fetch replaces it after --watchdog")
      ]
    }
    return [
      .good(
        "socket", "open, last frame \(Int(clamping: silence)) s ago",
        "열림, 마지막 프레임 \(Int(clamping: silence))초 전")
    ]
  }

  /// How long not one frame may come, seconds. Registrations are answered at once. Where the records of several symbols
  /// come without a pause, so do frames. Else only the server's PINGPONG tells, at the pace that it has shown, or
  /// within the time in which kis-fetch itself replaces a silent connection.
  private static func patience(_ sample: Sample, _ facts: HealthFacts) -> Double {
    if unanswered(sample) > 0 { return 8 }
    let dense = StreamFacts.of(facts).filter { $0.expectation == .byPace }
      .compactMap { $0.pace.plausibleDeafness(symbols: $0.symbols) }
    let idle = sample[.pingPongIdle].map { max(12, 1.25 * $0 + 5) } ?? watchdog
    return min(dense.min() ?? watchdog, idle, watchdog)
  }

  /// Seconds of silence after which kis-fetch replaces a connection, unless told otherwise.
  static let watchdog = 100.0

  private static func unanswered(_ sample: Sample?) -> Int {
    func number(_ state: String) -> Double { sample?[.registrations, state] ?? 0 }
    return Int(clamping: number("held") - number("confirmed"))
  }

  static let subscriptions: Rule = { facts in
    guard let sample = fetched(facts), (sample[.webSocketConnected] ?? 0) > 0 else {
      return [.unknown("subscriptions", "there is no open session", "열린 세션이 없습니다")]
    }
    if facts.isEnding {
      return [.good("subscriptions", "are being taken back (--until)", "해제하는 중입니다 (--until)")]
    }
    func number(_ state: String) -> Int {
      Int(clamping: sample[.registrations, state] ?? 0)
    }
    let (wanted, confirmed, refused) = (number("wanted"), number("confirmed"), number("refused"))
    let open = sample[.webSocketOpen] ?? uptime(sample, facts)
    if confirmed == 0 && wanted + refused > 0 && min(open, uptime(sample, facts)) > startUp / 2 {
      return [
        .broken(
          "subscriptions",
          "KIS confirmed none of \(max(wanted, refused)) registrations"
            + (refused > 0 ? " (\(refused) refused)" : ""),
          "KIS 가 실시간 등록을 하나도 승인하지 않았습니다 (\(max(wanted, refused))건)",
          fix: "\(facts.logs("kis-fetch"))  # check the symbols and the app key's real-time permission")
      ]
    }
    // Frames alone prove nothing: a session that was never answered sends PINGPONG for hours.
    let waiting = number("unanswered")
    if waiting > 0 {
      return [
        .broken(
          "subscriptions", "KIS leaves \(waiting) of \(wanted) registrations unanswered",
          "KIS 가 실시간 등록 \(wanted)건 중 \(waiting)건에 응답하지 않습니다",
          fix: "\(facts.restart)  # or wait: kis-fetch asks again by itself")
      ]
    }
    return [
      .good(
        "subscriptions", "\(confirmed) of \(wanted) confirmed, \(number("overflow")) polled instead",
        "\(wanted)건 중 \(confirmed)건 승인, \(number("overflow"))건은 조회로 대신")
    ]
  }

  /// Whether records come that are due: by the feed, the session and this list's own pace.
  static let snapshots: Rule = { facts in
    guard let sample = fetched(facts) else { return [.silent("snapshots", "kis-fetch")] }
    let (market, korean) = (facts.market.words(korean: false), facts.market.words(korean: true))
    let streams = StreamFacts.of(facts)
    let due = streams.filter { $0.expectation != .nothing }
    if let silent = due.first(where: \.isImplausible) {
      return [silence(of: silent, facts)]
    }
    if streams.isEmpty, facts.market.isContinuous, uptime(sample, facts) > longestBlind,
      sample[.watchedSymbols] ?? 0 > 0
    {
      return [
        .broken(
          "snapshots", "kis-fetch observes nothing: no registration is confirmed and nothing is polled",
          "kis-fetch 가 아무것도 관측하지 않습니다 (승인된 등록도, 조회 중인 종목도 없음)", fix: facts.logs("kis-fetch"))
      ]
    }
    guard !due.isEmpty else {
      return [.good("snapshots", "none are due: \(market)", "지금은 없어도 됩니다: \(korean)")]
    }
    if let quiet = due.first(where: { $0.pace.records == 0 && $0.silence > longestBlind }) {
      return [
        .unknown(
          "snapshots",
          "\(quiet.feed) of \(quiet.place): none yet in this session (\(market)): a quiet list, or a holiday"
            + " that holidays.jsonl does not know?",
          "\(quiet.feed) (\(quiet.place)): 이번 세션에 아직 없습니다 (\(korean)). 한산한 목록이거나 holidays.jsonl 에 없는 휴일일 수 있습니다"
        )
      ]
    }
    let longest = due.max { $0.silence < $1.silence }
    return [
      .good(
        "snapshots",
        longest.map { "\($0.feed): the last came \(Int(clamping: $0.silence)) s ago; \(market)" } ?? market,
        longest.map { "\($0.feed): 마지막이 \(Int(clamping: $0.silence))초 전, \(korean)" } ?? korean
      )
    ]
  }

  private static func silence(of stream: StreamFacts, _ facts: HealthFacts) -> HealthCheck {
    let name = "\(stream.feed) (\(stream.place))"
    let seconds = Int(clamping: stream.silence)
    if stream.expectation == .always {
      return .broken(
        "snapshots",
        "\(name) is polled every \(Int(clamping: stream.interval.rounded(.up))) s, but has had no answer for \(seconds) s",
        "\(name): \(seconds)초 동안 조회 응답이 없습니다", fix: facts.logs("kis-fetch"))
    }
    return .broken(
      "snapshots",
      "no record of \(name) for \(seconds) s, \(facts.market.words(korean: false)): this list's own pace makes at most"
        + " \(Int(clamping: stream.patience ?? 0)) s plausible",
      "\(name): \(facts.market.words(korean: true)) 중 \(seconds)초 동안 데이터가 없습니다 (이 목록의 속도로는 최대"
        + " \(Int(clamping: stream.patience ?? 0))초)",
      fix: "\(facts.restart)  # unless the whole market is halted")
  }

  /// Seconds after which nothing at all that is observed is an alarm.
  static let longestBlind = 60.0
}
