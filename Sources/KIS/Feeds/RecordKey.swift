/// A channel and the key of a record, so that a frame needs no text to find what it is about.
public struct RecordKey: Hashable, Sendable {
  private let channel: Int
  private let low: UInt64, high: UInt64

  /// Nil for a key that is longer than any.
  public init?(_ channel: Channel, _ key: UnsafeBufferPointer<UInt8>) {
    guard key.count <= KeyForm.longest else { return nil }
    var (low, high): (UInt64, UInt64) = (0, 0)
    for place in 0..<key.count {
      high = high << 8 | low >> 56
      low = low << 8 | UInt64(key[place])
    }
    self.channel = channel.index
    self.low = low
    self.high = high
  }

  /// As above.
  public init?(_ registration: Registration) {
    var symbol = registration.symbol
    guard let key = symbol.withUTF8({ RecordKey(registration.channel, $0) }) else { return nil }
    self = key
  }
}
