import Plumbing

/// What could be read of each channel: pure counts, from which the health check tells a feed that is unreadable from
/// one that is quiet.
public struct FrameAccount: Sendable {
  /// One channel's frames.
  public struct Reading: Equatable, Sendable {
    /// Frames that were read, and frames that were refused.
    public var read = 0, refused = 0
    /// Frames refused since the last one that was read.
    public var inRow = 0
    /// What was not as it was in the last one that was refused, and when that came.
    public var lastColumn: String?, lastAt: Milliseconds = .zero
  }

  /// Frames refused in a row that make a channel unreadable: fewer can be odd frames of a quiet channel.
  public static let patience = 3

  private var readings = [Reading](repeating: Reading(), count: Channel.all.count)
  /// Frames that were refused, those included that name no channel.
  public private(set) var refused = 0
  /// Frames refused that name no channel, since the last one that was read of any: each could be of every channel.
  public private(set) var nameless = 0

  /// Nothing was received.
  public init() {}

  /// The counts of a channel.
  public subscript(channel: Channel) -> Reading { readings[channel.index] }

  /// Whether only refusals come of a channel.
  public func isUnreadable(_ channel: Channel) -> Bool {
    self[channel].inRow >= Self.patience || nameless >= Self.patience
  }

  /// What a frame that was read has made readable again.
  public enum Recovery: Equatable, Sendable {
    /// Nothing was unreadable.
    case none
    /// Its channel.
    case channel
    /// All that are not unreadable by themselves.
    case all
  }

  /// A frame was read.
  @inline(__always)
  public mutating func read(_ channel: Channel) -> Recovery {
    let index = channel.index
    readings[index].read &+= 1
    if readings[index].inRow | nameless == 0 { return .none }
    return recovered(index)
  }

  @inline(never)
  private mutating func recovered(_ index: Int) -> Recovery {
    defer { (readings[index].inRow, nameless) = (0, 0) }
    if nameless >= Self.patience { return .all }
    return readings[index].inRow >= Self.patience ? .channel : .none
  }

  /// Both together; what came last counts as the last.
  public static func + (one: FrameAccount, other: FrameAccount) -> FrameAccount {
    var sum = one
    sum.refused += other.refused
    sum.nameless = max(one.nameless, other.nameless)
    for index in sum.readings.indices {
      let (mine, more) = (one.readings[index], other.readings[index])
      sum.readings[index] = mine.lastAt >= more.lastAt ? mine : more
      sum.readings[index].read = mine.read + more.read
      sum.readings[index].refused = mine.refused + more.refused
      sum.readings[index].inRow = max(mine.inRow, more.inRow)
    }
    return sum
  }

  /// An encrypted frame (an order notice) was skipped.
  public mutating func skipped() { refused += 1 }

  /// A frame was refused. True when its channel became unreadable by it; where it names none, when all did.
  public mutating func refused(_ fault: FrameFault, at now: Milliseconds) -> Bool {
    refused += 1
    guard let channel = fault.channel else {
      nameless += 1
      return nameless == Self.patience
    }
    let index = channel.index
    readings[index].refused += 1
    readings[index].inRow += 1
    readings[index].lastColumn = fault.column
    readings[index].lastAt = now
    return readings[index].inRow == Self.patience
  }
}

/// Which records a refused frame held, as far as can be told: a record begins with a key, and most have a time behind it,
/// wherever their other fields are.
public enum FrameSuspects {
  /// Fields that follow a symbol in its record at least: among them a price and the next can look like a beginning.
  private static let least = 40

  /// Calls `body` with each field that has the form of a key of the channel, stands before a time and can begin a record.
  /// Where records have no time behind their key, that is the first field only.
  public static func visit(
    _ frame: UnsafeBufferPointer<UInt8>, of channel: Channel, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let (key, layout) = (channel.row.key, channel.row.layouts[0])
    let least = min(Self.least, layout.minimum)
    var start = 0
    var passed = least
    var bars = 0
    var before = UnsafeBufferPointer<UInt8>(rebasing: frame[0..<0])
    for at in 0...frame.count {
      guard at == frame.count || frame[at] == 0x5E || frame[at] == 0x7C else { continue }
      let field = UnsafeBufferPointer(rebasing: frame[start..<at])
      passed += 1
      if layout.clock.time == 1 {
        if passed >= least, SnapshotTime.isTime(field), key.holds(before) {
          body(before)
          passed = 0
        }
      } else if bars == 3 {
        if key.holds(field) { body(field) }
        return
      }
      if at < frame.count, frame[at] == 0x7C { bars += 1 }
      before = field
      start = at + 1
    }
  }
}
