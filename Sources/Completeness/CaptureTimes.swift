/// How long things took, in buckets that grow by an eighth of an octave: quantiles are right to 9 %, whatever the range.
public struct CaptureTimes: Equatable, Sendable {
  private static let perOctave = 8
  private static let size = 24 * perOctave
  private var counts: [UInt32] = []
  /// Times in all.
  public private(set) var total: UInt64 = 0

  /// No time.
  public init() {}

  /// As many times as `buckets` says of another one: milliseconds and how many; what is no count is left out.
  public init(buckets: [(time: Int64, count: Int64)]) {
    for (time, count) in buckets {
      guard let count = UInt32(exactly: count), count > 0 else { continue }
      if counts.isEmpty { counts = Array(repeating: 0, count: Self.size) }
      counts[Self.bucket(time)] &+= count
    }
    total = counts.reduce(0) { $0 + UInt64($1) }
  }

  /// Adds a time in milliseconds; less than nothing counts as nothing.
  public mutating func add(_ milliseconds: Int64) {
    if counts.isEmpty { counts = Array(repeating: 0, count: Self.size) }
    counts[Self.bucket(milliseconds)] &+= 1
    total += 1
  }

  /// Adds all times of another one.
  mutating func add(_ other: CaptureTimes) {
    guard other.total > 0 else { return }
    if counts.isEmpty { counts = Array(repeating: 0, count: Self.size) }
    for index in counts.indices { counts[index] &+= other.counts[index] }
    total += other.total
  }

  /// The buckets that hold something: the largest time of each (milliseconds), and how many times.
  public var buckets: [(time: Int64, count: UInt32)] {
    counts.enumerated().filter { $0.element > 0 }.map { (Self.upper($0.offset), $0.element) }
  }

  /// The time that a share of `quantile` (0...1) is within, milliseconds; nil without any.
  public func quantile(_ quantile: Double) -> Int64? {
    guard total > 0 else { return nil }
    let rank = UInt64((Double(total) * quantile).rounded(.up))
    var seen: UInt64 = 0
    for (index, count) in counts.enumerated() {
      seen += UInt64(count)
      if seen >= max(1, rank) { return Self.upper(index) }
    }
    return nil
  }

  private static func bucket(_ milliseconds: Int64) -> Int {
    guard milliseconds >= Int64(perOctave) else { return Int(max(0, milliseconds)) }
    let octave = 63 - milliseconds.leadingZeroBitCount
    let step = Int(milliseconds >> Int64(octave - 3)) & (perOctave - 1)
    return min(size - 1, (octave - 2) * perOctave + step)
  }

  /// The largest time of a bucket.
  private static func upper(_ bucket: Int) -> Int64 {
    guard bucket >= perOctave else { return Int64(bucket) }
    let octave = bucket / perOctave + 2
    let step = bucket % perOctave
    return (Int64(perOctave + step + 1) << Int64(octave - 3)) - 1
  }
}
