import Plumbing

// In a test a bare number is a time of a made-up clock, in the unit that is asked for.

extension Nanoseconds: ExpressibleByIntegerLiteral {
  /// The number as it stands.
  public init(integerLiteral count: Int64) { self.init(count) }
}

extension Milliseconds: ExpressibleByIntegerLiteral {
  /// The number as it stands.
  public init(integerLiteral count: Int64) { self.init(count) }
}
