/// Watchlist lines that were ignored: how many, and the first ones with the reason.
struct IgnoredLines {
  /// Most lines that are named.
  private static let bound = 10

  private(set) var count = 0
  /// The first ones.
  private(set) var named: [(line: Int, why: String)] = []

  mutating func add(_ line: Int, _ why: String) {
    count += 1
    if named.count < Self.bound { named.append((line, why)) }
  }
}
