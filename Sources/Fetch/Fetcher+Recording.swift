import KIS
import Plumbing

/// `--record`: raw messages with the time they came, so that `--replay` makes the same snapshots again.
extension Fetcher {
  /// Records an answer that held quotes.
  func record(_ work: RestWork, _ answer: RestAnswer, _ at: Moment) {
    guard let recorder else { return }
    let subject: (symbol: String?, venue: Venue)
    switch work {
    case .price(let instrument): subject = (instrument.symbol, instrument.venue)
    case .multi(let instruments): subject = (nil, instruments.first?.venue ?? options.venue)
    case .token, .approval: return
    }
    answer.body.withUnsafeBufferPointer { body in
      recorder.rest(
        body, transactionID: work.transactionID, symbol: subject.symbol, venue: subject.venue, at: at.wall)
    }
  }

  /// Writes the recording out, once a turn. A full disk costs the recording, never the snapshots.
  func flushRecording(_ now: Moment) {
    do { try recorder?.flush() } catch {
      notes.tell(.trouble, now.monotonic) { "Recording incomplete | \(error)" }
    }
  }
}
