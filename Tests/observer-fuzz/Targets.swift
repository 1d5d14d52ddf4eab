/// Every target by its name on the command line.
let fuzzTargets: [(name: String, make: @Sendable () -> any FuzzTarget)] = [
  ("scanner", { ScannerTarget() }),
  ("value", { ValueTarget() }),
  ("frame", { FrameTarget() }),
  ("websocket", { WebSocketTarget() }),
  ("proxy", { ProxyTarget() }),
  ("control", { ControlTarget() }),
  ("answer", { AnswerTarget() }),
  ("watchlist", { WatchlistTarget() }),
  ("config", { ConfigTarget() }),
  ("time", { TimeTarget() }),
  ("token", { TokenTarget() }),
  ("ledger", { LedgerTarget() }),
  ("board", { BoardTarget() }),
  ("variables", { VariablesTarget() }),
  ("request", { RequestTarget() }),
  ("market", { MarketTarget() }),
  ("metrics", { MetricsTarget() }),
]

/// A promise that did not hold.
struct Broken: Error {
  let what: String
  init(_ what: String) { self.what = what }
}

/// Something that takes any bytes and has promises to keep.
protocol FuzzTarget: AnyObject {
  /// Readable and writable bytes that the code under test may ask for behind the input.
  var room: Int { get }
  /// Makes the bytes fit to be fed (no line feed inside a line).
  func prepare(_ input: inout Input)
  /// Feeds the bytes and checks what comes out. The result says what kind of outcome it was: inputs with a new kind
  /// are kept and changed further.
  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64
}

extension FuzzTarget {
  var room: Int { 0 }
  func prepare(_ input: inout Input) {}

  /// As `execute`, on a copy that ends where the input and its room end, so that a sanitizer sees one byte more.
  func executeCopy(_ input: borrowing Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    let start = UnsafeMutablePointer<UInt8>.allocate(capacity: input.count + room)
    defer { start.deallocate() }
    start.update(from: input.start, count: input.count)
    var copy = Input(at: start, count: input.count)
    let kind = try execute(&copy, &random)
    guard copy.bytes.elementsEqual(input.bytes) else { throw Broken("the input's bytes were changed") }
    return kind
  }
}

/// A hash for kinds of outcome (FNV-1a).
struct Kind {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ number: Int) {
    value = (value ^ UInt64(truncatingIfNeeded: number)) &* 0x0000_0100_0000_01B3
  }
  mutating func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { add(Int(byte)) } }
  /// Words without their numbers, so that an offset makes no new kind.
  mutating func add(words: String) {
    for byte in words.utf8 where byte < 0x30 || byte > 0x39 { add(Int(byte)) }
  }
}
