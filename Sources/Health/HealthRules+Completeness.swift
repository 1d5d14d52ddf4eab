import Pages
import Plumbing

/// Whether all trades come that the exchange has counted: the running totals of its records tell. What an outage cost is the
/// outage's: once the connection is back, nothing is broken any longer.
extension HealthRules {
  /// The share of what was traded that may be missing: above it a day is degraded (DESIGN 8).
  static let tolerance = 0.001

  static let completeness: Rule = { facts in
    let name = "completeness"
    guard let sample = fetched(facts) else { return [.silent(name, "kis-fetch")] }
    let venues = sample.each(.verifiedTrades).map { Sample.word($0.labels[0]) }
    guard !venues.isEmpty else {
      return [.good(name, "no trade has come whose totals could be checked", "합계를 대조할 체결이 아직 없습니다")]
    }
    let worst = venues.max { recentLoss(sample, $0) < recentLoss(sample, $1) } ?? venues[0]
    if recentLoss(sample, worst) > tolerance { return [missing(worst, sample, facts)] }
    let unfit = sample.each(.unfitChannels).map { Sample.word($0.labels[0]) }
    if let channel = unfit.first {
      return [
        .unknown(
          name,
          "the records of \(channel) do not keep their running totals: what is missing there cannot be told",
          "\(channel) 의 체결은 누적 합계와 맞지 않아 누락 여부를 알 수 없습니다")
      ]
    }
    let suspected = sum(sample, .suspectedTrades)
    if suspected > 0 {
      return [
        .unknown(
          name, "\(suspected) trades seem to be missing; too few were compared as yet to claim it",
          "체결 \(suspected)건이 빠진 것으로 보이나, 단정하기에는 아직 비교한 체결이 적습니다")
      ]
    }
    return [whole(sample)]
  }

  /// What is missing since the start, where it is little or long ago.
  private static func whole(_ sample: Sample) -> HealthCheck {
    let (trades, shares) = (missed(sample, .missedTrades), missed(sample, .missedShares))
    let verified = sum(sample, .verifiedTrades)
    guard trades > 0 else {
      return .good(
        "completeness", "no trade is missing: \(verified) verified since the start",
        "빠진 체결이 없습니다: 시작 이후 \(verified)건 확인")
    }
    let all = shares + sum(sample, .tradeShares)
    return .good(
      "completeness",
      "\(trades) trades (\(shares) of \(all) shares) are missing since the start, told as gaps; none to speak of lately",
      "시작 이후 체결 \(trades)건(\(all)주 중 \(shares)주)이 빠졌고 공백으로 기록했습니다. 최근에는 거의 없습니다")
  }

  /// More is missing at a venue than may be.
  private static func missing(_ venue: String, _ sample: Sample, _ facts: HealthFacts) -> HealthCheck {
    let lost = Int(clamping: sample[.recentMissedShares, venue] ?? 0)
    let all = lost + Int(clamping: sample[.recentShares, venue] ?? 0)
    let share = Percent.missing(Int64(lost), of: Int64(all))
    let cause = mainCause(venue, sample, facts)
    return .broken(
      "completeness",
      "\(venue): \(lost) of \(all) shares traded in the last minutes are missing (\(share)): \(cause.english)",
      "\(venue): 최근 몇 분간 거래된 \(all)주 중 \(lost)주가 빠졌습니다 (\(share)): \(cause.korean)",
      fix: cause.fix)
  }

  /// The cause of most of what was missed lately, and what to do about it.
  private static func mainCause(
    _ venue: String, _ sample: Sample, _ facts: HealthFacts
  ) -> (english: String, korean: String, fix: String) {
    let before = facts.stage("kis-fetch").before
    let causes = sample.each(.missedShares).filter {
      $0.labels[0] == venue && !(takingBack + ["gap"]).contains($0.labels[1])
    }
    func grown(_ cause: (labels: [String], value: Double)) -> Double {
      cause.value - (before?[.missedShares, cause.labels[0], cause.labels[1]] ?? 0)
    }
    let lately = causes.filter { grown($0) > 0 }
    let worst = (lately.isEmpty ? causes : lately).max {
      lately.isEmpty ? $0.value < $1.value : grown($0) < grown($1)
    }
    switch worst?.labels[1] ?? "" {
    case "output_blocked":
      return (
        "kis-fetch was not read and had to stop listening", "다음 단계가 읽지 않아 kis-fetch 가 수신을 멈췄습니다",
        "\(facts.logs("jsonl-sink"))  # a stage behind kis-fetch is too slow, or its disk is"
      )
    case "paused":
      return (
        "kis-fetch was stopped, or its host slept", "kis-fetch 가 멈춰 있었거나 호스트가 절전 상태였습니다",
        "\(facts.logs("kis-fetch"))  # a suspended host or container loses what is traded meanwhile"
      )
    case "no_room":
      return (
        "more is registered than the app key takes", "앱키의 등록 한도를 넘었습니다",
        "\(facts.logs("kis-fetch"))  # remove symbols or feeds from the watchlist, or add an app key (--credentials)"
      )
    default:
      return (
        "they did not arrive although the connection stood", "연결은 유지됐으나 도착하지 않았습니다",
        "\(facts.logs("kis-fetch"))  # too many busy symbols for one session? fewer feeds, or a second app key (--credentials)"
      )
    }
  }

  /// The share of what was traded lately that is missing, 0...1.
  private static func recentLoss(_ sample: Sample, _ venue: String) -> Double {
    let lost = sample[.recentMissedShares, venue] ?? 0
    let all = lost + (sample[.recentShares, venue] ?? 0)
    return all > 0 ? lost / all : 0
  }

  /// Causes of records that take back what was told as missing (`LossCause.takesBack`).
  static let takingBack = ["came_late", "withdrawn"]

  /// What is missing by all causes, less what was taken back.
  private static func missed(_ sample: Sample, _ metric: Metric) -> Int {
    Int(
      clamping: sample.each(metric).reduce(0) {
        $0 + (takingBack.contains($1.labels[1]) ? -$1.value : $1.value)
      })
  }

  private static func sum(_ sample: Sample, _ metric: Metric) -> Int {
    Int(clamping: sample.each(metric).reduce(0) { $0 + $1.value })
  }
}
