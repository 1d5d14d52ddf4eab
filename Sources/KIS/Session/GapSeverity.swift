import Completeness
import Plumbing

/// How bad a gap is.
public enum GapSeverity: String, Sendable, Comparable {
  /// Under a minute; what is shorter than 10 s is MINOR too, because there is no lesser word.
  case minor = "MINOR"
  /// From a minute.
  case major = "MAJOR"
  /// From five minutes.
  case critical = "CRITICAL"

  /// The severity of a gap of this length.
  public init(length: Milliseconds) {
    self = length >= .minutes(5) ? .critical : length >= .minutes(1) ? .major : .minor
  }

  /// The severity of a loss: by its share of what was traded on the day so far, from 0.1 % and from 1 % on.
  public init(missing: Int64, of volume: Int64) {
    let share = Double(missing) / Double(max(volume, 1))
    self = share >= 0.01 ? .critical : share >= 0.001 ? .major : .minor
  }

  /// Orders by badness.
  public static func < (left: GapSeverity, right: GapSeverity) -> Bool { left.rank < right.rank }

  private var rank: Int { self == .minor ? 0 : self == .major ? 1 : 2 }
}
