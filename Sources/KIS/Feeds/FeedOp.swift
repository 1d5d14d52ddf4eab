/// One step of writing `inputs`: a name, and what follows it. Flat, so that a record is one walk over memory.
struct FeedOp {
  enum Kind: UInt8 {
    case lead, number, price, positive, sized, signed, signedKept, signedOf, previousClose, midpoint
    case prices, sizes, numbers, word, text, texts, time, exchangeTime, session, null
  }

  /// `,"name":`, and how many bytes of it count.
  var name = SIMD32<UInt8>()
  var length: UInt8 = 0
  var kind: Kind
  /// Which bit of the prices that are there belongs to this one; of several, to the first.
  var bit: UInt8 = FeedOp.noBit
  /// Whether the number is kept for a midpoint: 1 the first, 2 the second.
  var keep: UInt8 = 0
  /// Whether the member is a whole number in every archive (`FeedSchema`), whatever the exchange sends.
  var isWhole = false
  /// Elements of an array.
  var count: UInt8 = 0
  /// The largest column that it reads.
  var need: UInt16 = 0
  /// Columns; of an array `a` is a place in the program's list; `none` stands for one that is not there.
  var a: UInt16 = 0, b: UInt16 = 0, c: UInt16 = 0, d: UInt16 = 0

  static let none = UInt16.max
  /// A bit that is never asked for.
  static let noBit: UInt8 = 63

  init(_ kind: Kind) { self.kind = kind }

  /// Bytes that the longest value can need besides what the record itself holds: a number has 42 at most.
  var bound: Int {
    switch kind {
    case .prices, .sizes, .numbers: 32 + Int(count) * 43 + 2
    case .texts: 32 + Int(count) * 6 + 2
    default: 32 + 64
    }
  }
}
