import Glibc
import JSONBytes
import KIS
import Plumbing

/// `--once`: one line in, one snapshot out.
extension Fetcher {
  func askOnce(_ instrument: Instrument) {
    hasWatched = true
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
  func refuseOnce(
    _ instrument: Instrument, _ reason: GapReason, _ text: String, _ now: Moment, all: Bool
  ) {
    log.warning("\(reason == .noData ? "No data" : "No answer") | symbol=\(instrument.symbol) \(text)")
    let record = gaps.instant(Subject(instrument, all ? .multi : .price), .noData, at: now.wall, detail: text)
    var scratch = ByteBuffer()
    builder.append(record, at: SnapshotMoment(timestampMilliseconds: now.wall, source: .rest), to: &scratch)
    once.answer(instrument, Array(scratch.bytes), isGap: true, all: all)
  }

  /// Moves finished answers to the output, in the lines' order.
  func flushOnce() { countOnce(once.drain(into: &output.buffer, upTo: onceRoom)) }

  /// The run ends: what was answered goes out past what was not, and that is named.
  func finishOnce() {
    let open = once.unanswered
    countOnce(once.drainAll(into: &output.buffer, upTo: onceRoom))
    guard snapshots > 0, !open.isEmpty else { return }
    let names = open.prefix(10).map(\.symbol).joined(separator: ",")
    log.warning("Not answered | lines=\(open.count) symbols=\(names)\(open.count > 10 ? ",…" : "")")
  }

  /// The status of a run that reached its end: 69 when KIS answered several symbols and gave nothing usable to any.
  func endOnce(_ now: Moment) {
    guard !lane.hasServed, once.gaps > 1 else { return stop(.done, now) }
    stop(
      ToolFailure(
        .unavailable,
        "KIS out of reach: it answered, with data or a known refusal for none of \(once.gaps) lines"),
      now)
  }

  private var onceRoom: Int { (options.count ?? .max) - snapshots }

  private func countOnce(_ moved: OnceQueue.Moved) {
    snapshots += moved.snapshots
    gapLines += moved.gaps
    if let feed = options.feeds.first { tally.add(feed, options.venue, moved.snapshots) }
  }
}
