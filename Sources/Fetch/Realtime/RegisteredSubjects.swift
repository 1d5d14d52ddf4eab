import KIS

/// Subjects by a number made of channel and symbol, so that a record needs no text to find its own.
struct RegisteredSubjects {
  private var known: [UInt64: Subject] = [:]

  var count: Int { known.count }
  var isEmpty: Bool { known.isEmpty }
  var all: some Collection<Subject> { known.values }

  subscript(_ channel: Channel, _ symbol: UnsafeBufferPointer<UInt8>) -> Subject? {
    Self.number(channel, symbol).flatMap { known[$0] }
  }

  subscript(_ registration: Registration) -> Subject? {
    get { Self.number(registration).flatMap { known[$0] } }
    set { if let number = Self.number(registration) { known[number] = newValue } }
  }

  /// Nil for a symbol of more than seven bytes.
  private static func number(_ channel: Channel, _ symbol: UnsafeBufferPointer<UInt8>) -> UInt64? {
    guard symbol.count <= 7 else { return nil }
    var number: UInt64 = channel.kind == .trades ? 1 : 2
    switch channel.venue {
    case .krx: break
    case .nxt: number |= 4
    case .unified: number |= 8
    }
    for byte in symbol { number = number << 8 | UInt64(byte) }
    return number
  }

  private static func number(_ registration: Registration) -> UInt64? {
    Array(registration.symbol.utf8).withUnsafeBufferPointer { number(registration.channel, $0) }
  }
}
