import Plumbing

/// Whether what the exchange sends can be read, channel by channel: another feed that flows hides nothing. What names no
/// channel is told by the total alone.
extension HealthRules {
  /// Frames refused in a row that make a channel unreadable.
  static let unreadable = 3.0

  static let frames: Rule = { facts in
    let name = "frames"
    let fetch = facts.stage("kis-fetch")
    guard fetch.isRunning, let sample = fetch.now else { return [.silent(name, "kis-fetch")] }
    let broken = sample.each(.channelRefusedInRow).filter { $0.value >= unreadable }
      .map { (channel: $0.labels[0], row: Int(clamping: $0.value)) }
      .sorted { ($1.row, $0.channel) < ($0.row, $1.channel) }
    guard let worst = broken.first else { return [unnamed(name, fetch, facts)] }
    let channel = Sample.word(worst.channel)
    let column = refusedColumn(sample, worst.channel)
    let others = broken.dropFirst().prefix(4).map { Sample.word($0.channel) }.joined(separator: ", ")
    return [
      .broken(
        name,
        "no frame of \(channel) can be read: \(worst.row) refused in a row"
          + (column.map { ", at \($0)" } ?? "") + (others.isEmpty ? "" : "; also \(others)"),
        "\(channel) 프레임을 읽을 수 없습니다: 연속 \(worst.row)건 거부" + (column.map { ", 위치 \($0)" } ?? "")
          + (others.isEmpty ? "" : " (그 밖에 \(others))"),
        fix: look(facts))
    ]
  }

  private static func look(_ facts: HealthFacts) -> String {
    "tail -n 1 \(quoted((facts.directory ?? ".") + "/rejects/kis-fetch.wire"))"
      + "  # kept for a version that knows the new layout: kis-fetch --replay makes their snapshots"
  }

  /// No channel is unreadable by what it sent: whether frames were refused lately all the same.
  private static func unnamed(_ name: String, _ fetch: StageFacts, _ facts: HealthFacts) -> HealthCheck {
    let refused = Int(clamping: fetch.growth(.framesRefused))
    guard refused > 0 else {
      return .good(name, "all that came could be read", "받은 프레임을 모두 읽었습니다")
    }
    let nameless = refused - Int(clamping: fetch.growth(.channelFramesRefused))
    if Double(nameless) >= unreadable, fetch.growth(.channelFramesRead) == 0 {
      return .broken(
        name, "nothing that comes can be read: \(nameless) frames refused lately, and they name no feed",
        "받은 프레임을 하나도 읽을 수 없습니다: 최근 \(nameless)건 거부, 어느 피드인지 알 수 없습니다", fix: look(facts))
    }
    let isRead = fetch.growth(.channelFramesRead) > 0
    return .warning(
      name, "\(refused) frames could not be read lately" + (isRead ? ", others could" : ""),
      "최근 프레임 \(refused)건을 읽지 못했습니다" + (isRead ? ". 다른 프레임은 읽었습니다" : ""), fix: look(facts))
  }

  /// The column that was not where it was, when a frame of the channel was refused last.
  private static func refusedColumn(_ sample: Sample, _ channel: String) -> String? {
    sample.each(.channelLastRefusal).filter { $0.labels[0] == channel }.max { $0.value < $1.value }
      .map { Sample.word($0.labels[1]) }
  }
}
