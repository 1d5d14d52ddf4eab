/// The form of a channel's keys (KIS.md 0.1): what stands in the first column of every record, and in a watchlist line.
struct KeyForm: Hashable, Sendable {
  /// Bit n: keys of n bytes.
  private let lengths: UInt32
  private let kind: Kind
  /// For a person.
  let words: String

  private enum Kind: Hashable { case capitals, stock, digits, overseas }

  /// Bytes of the longest key.
  static let longest = 16

  /// Six of `0-9A-Z`, or `Q` and six (an ETN).
  static let stock = KeyForm(6...7, .stock, "six capital letters or digits, or Q and six")
  /// Six of `0-9A-Z`: an ELW, a bond index.
  static let six = KeyForm(6...6, .capitals, "six capital letters or digits, as 57LA24 or KBPR01")
  /// Four digits: an index.
  static let index = KeyForm(4...4, .digits, "four digits, as 0001 (KOSPI) or 1001 (KOSDAQ)")
  /// A contract of KRX.
  static let contract = KeyForm(
    6...9, .capitals, "six to nine capital letters or digits, as 101W09 or 201W08427")
  /// An ISIN.
  static let bond = KeyForm(12...12, .capitals, "twelve capital letters or digits, as KR103502GA34")
  /// `D` (delayed, or free) or `R` (real time), the exchange, the ticker.
  static let overseas = KeyForm(
    5...16, .overseas, "D or R, the exchange (NAS, NYS, AMS, HKS, …) and the ticker, as DNASAAPL")
  /// A contract of an exchange abroad.
  static let overseasContract = KeyForm(
    4...12, .capitals, "four to twelve capital letters or digits, as SPIU25")

  private init(_ lengths: ClosedRange<Int>, _ kind: Kind, _ words: String) {
    self.lengths = lengths.reduce(0) { $0 | 1 << UInt32($1) }
    self.kind = kind
    self.words = words
  }

  /// Whether these bytes can be a key.
  @inline(__always)
  func holds(_ key: UnsafeBufferPointer<UInt8>) -> Bool {
    guard key.count < 32, lengths &>> UInt32(truncatingIfNeeded: key.count) & 1 != 0 else { return false }
    if kind == .stock {
      if key.count == 7 && key[0] != 0x51 { return false }
      return Self.areCapitals(key)
    }
    return holdsOther(key)
  }

  /// Whether it can be a key.
  func holds(_ text: String) -> Bool {
    var copy = text
    return copy.withUTF8 { holds($0) }
  }

  @inline(__always)
  private static func areCapitals(_ key: UnsafeBufferPointer<UInt8>) -> Bool {
    for byte in key where byte &- 0x30 >= 10 && byte &- 0x41 >= 26 { return false }
    return true
  }

  @inline(never)
  private func holdsOther(_ key: UnsafeBufferPointer<UInt8>) -> Bool {
    switch kind {
    case .capitals, .stock: Self.areCapitals(key)
    case .digits: key.allSatisfy { $0 &- 0x30 < 10 }
    case .overseas:
      (key[0] == UInt8(ascii: "D") || key[0] == UInt8(ascii: "R"))
        && key[1..<4].allSatisfy { $0 &- 0x41 < 26 }
        && key[4...].allSatisfy {
          $0 &- 0x30 < 10 || $0 &- 0x41 < 26 || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/")
        }
    }
  }
}
