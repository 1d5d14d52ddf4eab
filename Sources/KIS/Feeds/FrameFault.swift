/// Why a data frame was not taken. A frame is taken whole or not at all: a wrong price is worse than none.
public enum FrameFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// It does not begin with `0|`, `1|`, a TR id, and a count.
  case noFrame
  /// A TR id that this program does not know.
  case unknownChannel(String)
  /// A channel whose frames are plain sent one that is encrypted.
  case encrypted(Channel)
  /// The count is not a number from 1 to 999.
  case badCount(Channel)
  /// The fields cannot be divided into `count` records.
  case uneven(Channel, fields: Int, count: Int)
  /// A record is shorter than the fields that are read by position.
  case tooShort(Channel, stride: Int)
  /// A record is so long that there must be more records than the count says.
  case tooLong(Channel, stride: Int)
  /// A record does not begin with a key of its channel, or has no time where that stands.
  case implausibleSymbol(Channel, record: Int)
  /// A record whose known fields are not where they were.
  case layoutMoved(Channel, stride: Int, field: String)

  /// One line for the log; holds no market data except the TR id.
  public var description: String {
    switch self {
    case .noFrame: "frame refused: it does not begin with FLAG|TR|COUNT|"
    case .unknownChannel(let name): "frame refused: unknown TR \(name)"
    case .encrypted(let channel): "frame refused: \(channel) is encrypted"
    case .badCount(let channel):
      "frame refused: \(channel) has a record count that is not a number from 001 to 999"
    case .uneven(let channel, let fields, let count):
      "frame refused: \(channel) has \(fields) fields, not divisible into \(count) records"
    case .tooShort(let channel, let stride):
      "frame refused: \(channel) records have \(stride) fields, at least \(channel.row.minimum) are needed"
    case .tooLong(let channel, let stride):
      "frame refused: \(channel) records have \(stride) fields, so its record count is too small"
    case .implausibleSymbol(let channel, let record):
      "frame refused: the key or the time of record \(record + 1) of \(channel) is not where it was"
    case .layoutMoved(let channel, let stride, let field):
      "frame refused: \(channel) records have \(stride) fields and \(field) is not where it was"
    }
  }
}

extension FrameFault {
  /// The channel that could not be read; nil when the frame does not say.
  public var channel: Channel? {
    switch self {
    case .noFrame, .unknownChannel: nil
    case .encrypted(let channel), .badCount(let channel), .uneven(let channel, _, _),
      .tooShort(let channel, _),
      .tooLong(let channel, _),
      .implausibleSymbol(let channel, _), .layoutMoved(let channel, _, _):
      channel
    }
  }

  /// What is not as it was: a column, or what goes for all of a frame.
  public var column: String {
    switch self {
    case .noFrame, .unknownChannel, .encrypted: "head"
    case .badCount: "count"
    case .uneven, .tooShort, .tooLong: "length"
    case .implausibleSymbol(let channel, _): channel.row.columnNames[0]
    case .layoutMoved(_, _, let field): field
    }
  }
}

/// A change in a channel's layout: told once, data goes on.
public struct FrameDrift: Equatable, Sendable, CustomStringConvertible {
  /// The channel.
  public let channel: Channel
  /// Fields of a record now.
  public let stride: Int
  /// Fields of the newest layout known.
  public let newest: Int
  /// Fields of a record before; nil at the first frame.
  public let previous: Int?

  /// One line for the log.
  public var description: String {
    let before = previous.map { ", before it was \($0)" } ?? ""
    return "schema drift: \(channel) records have \(stride) fields, the newest known layout has "
      + "\(newest)\(before); known fields are mapped, the rest is kept in raw"
  }
}
