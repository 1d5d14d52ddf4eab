import Glibc
import JSONBytes
import KIS
import Plumbing

/// `--once`: one line in, one snapshot out.
extension Fetcher {
  func askOnce(_ instrument: Instrument) {
    once.add(instrument)
    if options.feeds.contains(.multi) && !isMultiRefused {
      if let first = onceBatch.first, first.venue != instrument.venue { sendBatch(ifMoreWaits: true) }
      if !onceBatch.contains(instrument) { onceBatch.append(instrument) }
      if onceBatch.count == Profile.multiSymbols { sendBatch(ifMoreWaits: true) }
    } else {
      lane.enqueue(.price(instrument))
    }
  }

  /// Sends what was gathered for one call. A batch waits for more lines only while more can be read at once.
  func sendBatch(ifMoreWaits: Bool) {
    guard !onceBatch.isEmpty else { return }
    if !ifMoreWaits {
      var entry = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      if poll(&entry, 1, 0) > 0 { return }
    }
    lane.enqueue(.multi(onceBatch))
    onceBatch = []
  }

  /// The answer to a line is that there is none.
  func refuseOnce(_ instrument: Instrument, _ text: String, _ now: Moment, all: Bool) {
    log.warning("No data | symbol=\(instrument.symbol) \(text)")
    let record = GapRecord(
      subject: Subject(instrument, all ? .multi : .price), reason: .noData, from: now.wall, to: now.wall,
      isOpen: false,
      detail: text)
    var scratch = ByteBuffer()
    builder.append(
      observation(record), at: SnapshotMoment(timestampMilliseconds: now.wall, source: .rest), to: &scratch)
    once.answer(instrument, Array(scratch.bytes), isGap: true, all: all)
  }

  /// Moves finished answers to the output.
  func flushOnce() {
    let moved = once.drain(into: &output.buffer)
    snapshots += moved.snapshots
    gapLines += moved.gaps
    if let feed = options.feeds.first { snapshotsByFeed[feed, default: 0] += moved.snapshots }
  }
}
