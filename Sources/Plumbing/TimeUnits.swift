import Glibc

/// A count of one unit of time, as an instant of a clock or as the distance of two. The unit is the type, so that two
/// units are never added by accident.
///
/// Arithmetic is that of `Int64`: it traps on overflow and division cuts towards zero. Everything is inlined: a time
/// costs what its number costs.
public protocol TimeUnit: Comparable, CustomStringConvertible, Hashable, Sendable {
  /// How many of the unit make a second.
  static var perSecond: Int64 { get }
  /// How many there are.
  var count: Int64 { get }
  /// So many.
  init(_ count: Int64)
}

/// Nanoseconds: instants of the monotonic clock, deadlines, intervals and timeouts.
@frozen public struct Nanoseconds: TimeUnit {
  /// How many make a second.
  @inlinable public static var perSecond: Int64 { 1_000_000_000 }
  /// How many there are.
  public var count: Int64
  /// So many.
  @inlinable public init(_ count: Int64) { self.count = count }
}

/// Milliseconds: instants of the wall clock, since 1970-01-01T00:00:00Z, and distances of two.
@frozen public struct Milliseconds: TimeUnit {
  /// How many make a second.
  @inlinable public static var perSecond: Int64 { 1000 }
  /// How many there are.
  public var count: Int64
  /// So many.
  @inlinable public init(_ count: Int64) { self.count = count }
}

extension TimeUnit {
  /// None: the clock's own beginning.
  @inlinable public static var zero: Self { Self(0) }
  /// Never.
  @inlinable public static var max: Self { Self(.max) }
  /// Before any time that a clock tells.
  @inlinable public static var min: Self { Self(.min) }

  /// So many whole seconds.
  @inlinable public static func seconds(_ count: Int) -> Self { Self(Int64(count) * perSecond) }
  /// So many seconds; the fraction of a unit is cut off. Traps on what is no number of the unit.
  @inlinable public static func seconds(_ count: Double) -> Self { Self(Int64(count * Double(perSecond))) }
  /// So many milliseconds.
  @inlinable public static func milliseconds(_ count: Int) -> Self { Self(Int64(count) * (perSecond / 1000)) }
  /// So many minutes.
  @inlinable public static func minutes(_ count: Int) -> Self { seconds(count * 60) }
  /// So many hours.
  @inlinable public static func hours(_ count: Int) -> Self { seconds(count * 3600) }
  /// 24 hours.
  @inlinable public static var day: Self { hours(24) }

  /// The bare number, as records and state files have it.
  public var description: String { String(count) }

  /// In seconds, for a metric or a record.
  @inlinable public var inSeconds: Double { Double(count) / Double(Self.perSecond) }
  /// Seconds that are over, for a text.
  @inlinable public var wholeSeconds: Int64 { count / Self.perSecond }

  /// Whether they are the same time.
  @inlinable public static func == (left: Self, right: Self) -> Bool { left.count == right.count }
  /// Whether `left` is earlier, or shorter.
  @inlinable public static func < (left: Self, right: Self) -> Bool { left.count < right.count }
  /// The sum.
  @inlinable public static func + (left: Self, right: Self) -> Self { Self(left.count + right.count) }
  /// The difference.
  @inlinable public static func - (left: Self, right: Self) -> Self { Self(left.count - right.count) }
  /// Adds.
  @inlinable public static func += (left: inout Self, right: Self) { left = left + right }
  /// Takes off.
  @inlinable public static func -= (left: inout Self, right: Self) { left = left - right }
  /// So many times `left`.
  @inlinable public static func * (left: Self, right: Int) -> Self { Self(left.count * Int64(right)) }
  /// So many times `right`.
  @inlinable public static func * (left: Int, right: Self) -> Self { right * left }
  /// A part; the fraction is cut off.
  @inlinable public static func / (left: Self, right: Int) -> Self { Self(left.count / Int64(right)) }
  /// How often `right` fits into `left`.
  @inlinable public static func / (left: Self, right: Self) -> Int { Int(left.count / right.count) }
  /// The sum as far as the number goes: what is beyond wraps. For a hot path whose times are a clock's.
  @inlinable public static func &+ (left: Self, right: Self) -> Self { Self(left.count &+ right.count) }

  /// Without its sign.
  @inlinable public var magnitude: Self { Self(abs(count)) }

  /// A random one of `range`.
  @inlinable public static func random(
    in range: ClosedRange<Self>, using generator: inout some RandomNumberGenerator
  ) -> Self {
    Self(Int64.random(in: range.lowerBound.count...range.upperBound.count, using: &generator))
  }
}

extension Nanoseconds {
  /// The same time in the finer unit. Traps beyond 292 years.
  @inlinable public init(_ time: Milliseconds) { self.init(time.count * 1_000_000) }

  /// Of a clock or a file; traps beyond 292 years.
  @inlinable public init(_ time: timespec) {
    self.init(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// What `poll` takes to wake at this deadline: rounded up, so that it never wakes early, an hour at most; without
  /// limit for `.max`.
  @inlinable public func pollTimeout(from now: Nanoseconds) -> Int32 {
    if self == .max { return -1 }
    guard self > now else { return 0 }
    return Int32(Swift.min(((self - now).count - 1) / 1_000_000 + 1, 3_600_000))
  }
}

extension Milliseconds {
  /// The same time in the coarser unit, cut off.
  @inlinable public init(_ time: Nanoseconds) { self.init(time.count / 1_000_000) }

  /// Of a clock.
  @inlinable public init(_ time: timespec) {
    self.init(Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
