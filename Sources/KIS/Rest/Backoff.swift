import Plumbing

/// A small seeded generator (SplitMix64): jitter that a test can repeat.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts from `seed`; equal seeds give equal sequences.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

/// How long to wait before trying again: exponential, with full jitter, never under `floor`, never over `cap`.
///
/// Full jitter (anything between nothing and the bound) is what keeps many processes that lost the same server
/// from coming back together.
public struct Backoff: Equatable, Sendable {
  /// The least wait.
  public let floor: Nanoseconds
  /// The bound of the first random part; it doubles with each attempt.
  public let base: Nanoseconds
  /// The longest wait.
  public let cap: Nanoseconds

  /// Makes a policy.
  public init(floor: Nanoseconds = .zero, base: Nanoseconds, cap: Nanoseconds) {
    self.floor = floor
    self.base = base
    self.cap = max(cap, floor)
  }

  /// The largest wait before attempt `attempt + 1` (`attempt` counts from 1).
  public func bound(attempt: Int) -> Nanoseconds {
    var grown = base
    for _ in 1..<max(attempt, 1) {
      if grown >= cap { break }
      grown = Nanoseconds(grown.count &* 2)
    }
    return min(cap, floor + min(grown, cap))
  }

  /// The wait before attempt `attempt + 1`.
  public func delay(attempt: Int, using generator: inout SeededGenerator) -> Nanoseconds {
    .random(in: floor...max(floor, bound(attempt: attempt)), using: &generator)
  }

  /// This policy with all waits multiplied by `factor`.
  public func scaled(by factor: Double) -> Backoff {
    Backoff(floor: floor.scaled(by: factor), base: base.scaled(by: factor), cap: cap.scaled(by: factor))
  }
}

extension Nanoseconds {
  /// A duration multiplied by `factor`, at least 1 when it was positive.
  public func scaled(by factor: Double) -> Nanoseconds {
    guard factor != 1 else { return self }
    return self > .zero ? Nanoseconds(Swift.max(1, Int64(clamping: Double(count) * factor))) : .zero
  }
}
