import Contract

/// A layout made ready for writing: what never changes in the lines of its records, and the steps for what does.
///
/// Plain memory without references, so that a record costs no counting; `release` frees it.
struct FeedProgram {
  /// Bytes of a piece of `raw`; the longest, `","totl_ernn_nmix_prdy_vrss_sign":"`, has 35.
  static let slot = 48
  /// The longest end of a context, in bytes.
  static let contextSlot = 112
  /// Bytes of a code's meaning.
  static let wordSlot = 16

  let ops: UnsafeMutableBufferPointer<FeedOp>
  /// Columns of arrays, and of the requirement.
  let list: UnsafeMutableBufferPointer<UInt16>
  let requirement: (kind: Requirement, first: Int, count: Int)
  /// What a code of one character means, by its byte: 16 bytes, of which the first says how many count.
  let words: UnsafeMutablePointer<UInt8>
  /// What stands before the values of `raw`, up to the longest record.
  let pieces: UnsafeMutablePointer<UInt8>
  let pieceLengths: UnsafeMutablePointer<UInt8>
  /// From the venue on (`SnapshotText.market`), or without it where the key says the market.
  let context: UnsafeMutablePointer<UInt8>
  let contextLength: Int
  let isMarketInKey: Bool
  /// Bytes that the longest `inputs` without `raw` can need besides what the record holds.
  let bound: Int
  /// Whether `inputs` repeats text of the record.
  let hasText: Bool

  enum Requirement { case positive, value, any, present, none }

  /// Compiles the layout of a channel.
  init(_ row: FeedRow, _ layout: FeedLayout) {
    var compiler = FeedCompiler(layout)
    for member in layout.members { compiler.add(member) }
    requirement = compiler.requirement(layout.requirement)
    ops = .allocate(capacity: compiler.ops.count)
    _ = ops.initialize(fromContentsOf: compiler.ops)
    list = .allocate(capacity: compiler.list.count)
    _ = list.initialize(fromContentsOf: compiler.list)
    bound = compiler.ops.reduce(512) { $0 + $1.bound }
    hasText = compiler.ops.contains { $0.kind == .text || $0.kind == .texts }
    words = Self.makeWords()
    let pieces = (0..<layout.limit).map { index in
      let name = layout.columns.rawName(index)
      return index == 0 ? ",\"raw\":{\"\(name)\":\"" : "\",\"\(name)\":\""
    }
    self.pieces = .allocate(capacity: pieces.count * Self.slot)
    pieceLengths = .allocate(capacity: pieces.count)
    for (index, piece) in pieces.enumerated() {
      Self.put(piece, at: self.pieces + index * Self.slot, slot: Self.slot)
      (pieceLengths + index).initialize(to: UInt8(piece.utf8.count))
    }
    isMarketInKey = row.product == .overseasStock
    let market = isMarketInKey ? "" : "\(SnapshotText.market)\"\(row.venue.rawValue)\""
    let end =
      "\"\(market)\(SnapshotText.product)\"\(row.product.rawValue)\""
      + "\(SnapshotText.feed)\"\(row.feed.rawValue)\"\(SnapshotText.observation)"
    context = .allocate(capacity: Self.contextSlot)
    contextLength = end.utf8.count
    Self.put(end, at: context, slot: Self.contextSlot)
  }

  func release() {
    ops.deallocate()
    list.deallocate()
    words.deallocate()
    pieces.deallocate()
    pieceLengths.deallocate()
    context.deallocate()
  }

  private static func put(_ text: String, at target: UnsafeMutablePointer<UInt8>, slot: Int) {
    precondition(text.utf8.count <= slot, "'\(text)' is too long for its place")
    target.initialize(repeating: 0x20, count: slot)
    for (offset, byte) in text.utf8.enumerated() { target[offset] = byte }
  }

  private static func makeWords() -> UnsafeMutablePointer<UInt8> {
    let size = FeedWords.allCases.count * 256 * wordSlot
    let words = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
    words.initialize(repeating: 0, count: size)
    for meaning in FeedWords.allCases {
      let table = meaning.table
      for code in 0..<256 {
        let word = table[Character(UnicodeScalar(UInt8(code)))] ?? "null"
        precondition(word.utf8.count < wordSlot, "'\(word)' is too long for its place")
        let target = words + (meaning.rawValue * 256 + code) * wordSlot
        target[0] = UInt8(word.utf8.count)
        for (offset, byte) in word.utf8.enumerated() { target[1 + offset] = byte }
      }
    }
    return words
  }
}

/// Turns members into steps.
struct FeedCompiler {
  private let columns: FeedColumns
  private(set) var ops: [FeedOp] = []
  private(set) var list: [UInt16] = []
  /// The bit of a price column, or of the first of an array's, by its name.
  private var bits: [String: UInt8] = [:]
  private var nextBit: UInt8 = 0
  private var keptChange: String?

  init(_ layout: FeedLayout) { columns = layout.columns }

  mutating func requirement(_ requirement: FeedRequirement) -> (FeedProgram.Requirement, Int, Int) {
    switch requirement {
    case .positive(let name): (.positive, append([name]), 1)
    case .value(let name): (.value, append([name]), 1)
    case .any(let names): (.any, append(names), names.count)
    case .present(let name): (.present, append([name]), 1)
    case .key: (.none, 0, 0)
    }
  }

  mutating func add(_ member: FeedMember) {
    let kept = keptChange
    keptChange = nil
    switch member {
    case .lead(let name): emit(name, FeedOp(.lead))
    case .number(let name, let column): emit(name, sized(op(.number, column), by: column))
    case .price(let name, let column): emit(name, price(.price, column))
    case .positive(let name, let column): emit(name, price(.positive, column))
    case .sized(let name, let column, let price):
      var op = sized(op(.sized, column), by: column)
      op.bit = bit(price)
      emit(name, op)
    case .signed(let name, let column, let sign):
      emit(name, op(kept == column ? .signedKept : .signed, column, sign))
    case .signedOf(let name, let column, let sign, let price):
      var op = op(.signedOf, column, sign)
      op.bit = bit(price)
      emit(name, op)
    case .previousClose(let name, let change, let sign):
      emit(name, op(.previousClose, change, sign))
      keptChange = change
    case .midpoint(let name):
      let prices = ops.indices.filter { ops[$0].kind == .price }
      precondition(prices.count == 2, "a midpoint follows the best bid and ask")
      for (place, index) in prices.enumerated() { ops[index].keep = UInt8(place + 1) }
      emit(name, FeedOp(.midpoint))
    case .prices(let name, let names):
      var op = array(.prices, names)
      op.bit = nextBit
      bits[name] = nextBit
      nextBit += UInt8(names.count)
      emit(name, op)
    case .sizes(let name, let names, let prices):
      var op = sized(array(.sizes, names), by: names[0])
      op.bit = bit(prices)
      emit(name, op)
    case .numbers(let name, let names): emit(name, sized(array(.numbers, names), by: names[0]))
    case .word(let name, let column, let words):
      var op = op(.word, column)
      op.b = UInt16(words.rawValue)
      emit(name, op)
    case .text(let name, let column): emit(name, op(.text, column))
    case .texts(let name, let names): emit(name, array(.texts, names))
    case .time(let name, let date, let time):
      var op = op(.time, time)
      op.b = date.map { UInt16(columns[$0]) } ?? FeedOp.none
      emit(name, op)
    case .exchangeTime(let name, let date, let time, let koreanDate, let koreanTime):
      var op = op(.exchangeTime, date, time)
      (op.c, op.d) = (UInt16(columns[koreanDate]), UInt16(columns[koreanTime]))
      op.need = max(op.need, op.c, op.d)
      emit(name, op)
    case .session(let marketClass, let phase):
      var op = FeedOp(.session)
      op.a = marketClass.map { UInt16(columns[$0]) } ?? FeedOp.none
      op.b = phase.map { UInt16(columns[$0]) } ?? FeedOp.none
      emit("session", op)
    case .null(let name): emit(name, FeedOp(.null))
    }
    precondition(nextBit <= FeedOp.noBit, "a layout has too many prices")
  }

  private mutating func emit(_ name: String, _ op: FeedOp) {
    var op = op
    let text = "\(ops.isEmpty ? "" : ",")\"\(name)\":"
    precondition(text.utf8.count <= 32, "\(name) is too long for its place")
    for (place, byte) in text.utf8.enumerated() { op.name[place] = byte }
    op.length = UInt8(text.utf8.count)
    ops.append(op)
  }

  private func op(_ kind: FeedOp.Kind, _ columns: String...) -> FeedOp {
    var op = FeedOp(kind)
    let places = columns.map { UInt16(self.columns[$0]) }
    op.a = places[0]
    if places.count > 1 { op.b = places[1] }
    op.need = places.max() ?? 0
    return op
  }

  private func sized(_ op: FeedOp, by column: String) -> FeedOp {
    var op = op
    op.isWhole = columns.isWhole(column)
    return op
  }

  private mutating func price(_ kind: FeedOp.Kind, _ column: String) -> FeedOp {
    var op = op(kind, column)
    op.bit = nextBit
    bits[column] = nextBit
    nextBit += 1
    return op
  }

  private mutating func array(_ kind: FeedOp.Kind, _ names: [String]) -> FeedOp {
    var op = FeedOp(kind)
    op.need = names.map { UInt16(columns[$0]) }.max() ?? 0
    op.a = UInt16(append(names))
    op.count = UInt8(names.count)
    return op
  }

  private mutating func append(_ names: [String]) -> Int {
    list += names.map { UInt16(columns[$0]) }
    return list.count - names.count
  }

  private func bit(_ price: String) -> UInt8 {
    guard let bit = bits[price] else { preconditionFailure("\(price) is given by no member before") }
    return bit
  }
}
