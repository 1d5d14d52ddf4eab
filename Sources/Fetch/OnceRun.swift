import KIS

/// A `--once` run: lines that wait for their answer, and those that are gathered for one call.
struct OnceRun {
  var queue = OnceQueue()
  private var batch: [Instrument] = []

  /// A line was read. Gives the calls that are to be made now; `isBatched`: 30 symbols go into one.
  mutating func add(_ instrument: Instrument, isBatched: Bool) -> [RestWork] {
    queue.add(instrument)
    guard isBatched else { return [.price(instrument)] }
    var calls: [RestWork] = []
    // One venue a call: a row of the answer does not say where it is from.
    if let first = batch.first, first.venue != instrument.venue { calls += takeBatch() }
    if !batch.contains(instrument) { batch.append(instrument) }
    if batch.count == Profile.multiSymbols { calls += takeBatch() }
    return calls
  }

  /// Whether lines wait for others to share their call.
  var isGathering: Bool { !batch.isEmpty }

  /// The call for what was gathered.
  mutating func takeBatch() -> [RestWork] {
    defer { batch = [] }
    return batch.isEmpty ? [] : [.multi(batch)]
  }
}
