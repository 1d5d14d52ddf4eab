import Glibc
import JSONBytes
import KIS
import Plumbing

/// `--once`: one line in, one snapshot out.
extension Fetcher {
  func askOnce(_ instrument: Instrument) {
    input.hasWatched = true
    let isBatched = options.feeds.contains(.multi) && !polling.isMultiRefused
    for call in once.add(instrument, isBatched: isBatched) { keys.enqueue(call) }
  }

  /// Sends what was gathered for one call. A batch waits for more lines only while more can be read at once.
  func sendBatch(ifMoreWaits: Bool) {
    guard once.isGathering else { return }
    if !ifMoreWaits {
      var entry = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      if poll(&entry, 1, 0) > 0 { return }
    }
    for call in once.takeBatch() { keys.enqueue(call) }
  }

  /// Answers a line with a gap record of this reason.
  func refuseOnce(
    _ instrument: Instrument, _ reason: GapReason, _ text: String, _ now: Moment, all: Bool
  ) {
    log.warning("\(reason == .noData ? "No data" : "No answer") | symbol=\(instrument.symbol) \(text)")
    let record = gaps.instant(Subject(instrument, all ? .multi : .price), reason, at: now.wall, detail: text)
    var scratch = ByteBuffer()
    builder.append(record, at: SnapshotMoment(time: now.wall, source: .rest), to: &scratch)
    once.queue.answer(instrument, Array(scratch.bytes), isGap: true, all: all)
  }

  /// Moves finished answers to the output, in the lines' order.
  func flushOnce() { countOnce(once.queue.drain(into: &output.buffer, upTo: onceRoom)) }

  /// The run ends: finished answers go out past unfinished lines, and those are named.
  func finishOnce() {
    let open = once.queue.unanswered
    countOnce(once.queue.drainAll(into: &output.buffer, upTo: onceRoom))
    guard counts.snapshots > 0, !open.isEmpty else { return }
    let names = open.prefix(10).map(\.symbol).joined(separator: ",")
    log.warning("Not answered | lines=\(open.count) symbols=\(names)\(open.count > 10 ? ",…" : "")")
  }

  /// The status of a run that reached its end: 69 when KIS answered several symbols and gave nothing usable to any.
  func endOnce(_ now: Moment) {
    guard !keys.hasServed, once.queue.gaps > 1 else { return stop(.done, now) }
    stop(
      ToolFailure(
        .unavailable,
        "KIS out of reach: it answered, with data or a known refusal for none of \(once.queue.gaps) lines"),
      now)
  }

  private var onceRoom: Int { (options.count ?? .max) - counts.snapshots }

  private func countOnce(_ moved: OnceQueue.Moved) {
    counts.add(moved, options.feeds.first, options.venue)
  }
}
