import Plumbing

/// What is missing of one symbol's day, as stretches of the exchange's running totals. A trade that came late into the
/// archive (a refused line that was replayed) is found again in one of them, whatever the order.
///
/// It is the audit's: live, nothing comes later than a few trades (`Holes`). Bounded, and empty on a day without losses.
struct MissingStretches: Sendable {
  /// A stretch, with the totals at both ends.
  struct Stretch: Sendable {
    let from: TradeTotals
    let to: TradeTotals
    /// Whether it lies inside a frame, where a channel that keeps its totals has none.
    var isInFrame = false

    fileprivate var step: Step { Step(from: from, to: to) }
    /// What is missing in it.
    var loss: Loss { step.beyond(.none) }
    /// Whether it holds nothing, or at least a share.
    var isPossible: Bool {
      let step = step
      return step.isNone || step.shares > 0 && (step.sided ?? 0) >= 0 && (step.value ?? 0) >= 0
    }
  }

  /// What a stretch that is here now is to those that are missing.
  enum Place {
    /// It lies in one: so much less is missing. `heals`: with it a frame is whole.
    case found(Loss, heals: Bool)
    /// Nothing of it is missing.
    case apart
    /// Part of it is missing, or its totals are none that it could have there.
    case contradictory
  }

  /// Stretches of a symbol and day that are known; of more, the smallest is forgotten.
  private static let most = 1024

  /// By their totals.
  private var stretches: [Stretch] = []
  /// When there are as many as that, no smaller one is taken: on a channel that adds up nowhere each record shows one.
  private var least: Int64 = 0

  /// Notes that the totals went on unseen.
  mutating func add(_ stretch: Stretch) {
    let shares = stretch.step.shares
    guard shares > 0, stretches.count < Self.most || shares > least else { return }
    stretches.insert(stretch, at: place(of: stretch.from.shares))
    forgetSmallest()
  }

  private mutating func forgetSmallest() {
    guard stretches.count > Self.most else { return }
    let smallest = stretches.indices.min { stretches[$0].step.shares < stretches[$1].step.shares }
    if let smallest { stretches.remove(at: smallest) }
    least = stretches.lazy.map(\.step.shares).min() ?? 0
  }

  /// Takes what is here now out of the stretch that it lies in.
  mutating func fill(_ found: Stretch) -> Place {
    let next = place(of: found.from.shares.plus(1))
    if next < stretches.count, stretches[next].from.shares < found.to.shares { return .contradictory }
    guard next > 0 else { return .apart }
    let around = stretches[next - 1]
    if around.to.shares <= found.from.shares { return .apart }
    let left = Stretch(from: around.from, to: found.from, isInFrame: around.isInFrame)
    let right = Stretch(from: found.to, to: around.to, isInFrame: around.isInFrame)
    guard found.isPossible, left.isPossible, right.isPossible else { return .contradictory }
    var rest = [left, right].filter { $0.step.shares > 0 }
    if rest.count > 1 { rest[0].isInFrame = false }  // one frame is healed once
    stretches.replaceSubrange(next - 1..<next, with: rest)
    forgetSmallest()
    return .found(around.loss - left.loss - right.loss, heals: around.isInFrame && rest.isEmpty)
  }

  /// The stretch that ends at so many shares was found inside a frame.
  mutating func markInFrame(endingAt shares: Int64) {
    let next = place(of: shares)
    if next > 0, stretches[next - 1].to.shares == shares { stretches[next - 1].isInFrame = true }
  }

  /// Forgets what lies beyond so many shares: trades were taken back, and others will be counted there.
  mutating func forget(beyond shares: Int64) {
    stretches.removeAll { $0.to.shares > shares }
  }

  /// The place of the first one that begins at so many shares or later.
  private func place(of shares: Int64) -> Int {
    var (low, high) = (0, stretches.count)
    while low < high {
      let middle = (low + high) / 2
      if stretches[middle].from.shares < shares { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
