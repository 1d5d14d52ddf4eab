import Board
import JSONBytes
import KIS
import Plumbing

/// The board of the live page: written with each version of the metrics.
extension Fetcher {
  /// Brings the board up to date and replaces its file.
  func writeBoard(_ now: Moment) {
    board.list(watched.list, at: now.wall)
    for instrument in board.instruments.keys {
      if let state = trades.state(of: Subject(instrument, .trades)), state.isToday(now.wall) {
        board.note(state, instrument, at: now.wall)
      }
    }
    board.note(snapshots: counts.snapshots, at: now.wall)
    Metrics.write(beside: Board.fileName, board.board.json)
  }

  /// Samples how long the last trade of a frame took, less than once a second.
  @inline(never)
  func sampleCapture(_ frame: Frame, _ now: Moment) {
    let time = frame[frame.count - 1].tradeTime(received: now.wall)
    board.note(capture: time.map { now.wall - $0 }, at: now.monotonic)
  }

  /// Notes what a polled answer says.
  func noteQuote(_ instrument: Instrument, _ output: JSONValue, _ now: Moment) {
    guard let quote = PolledQuote(output) else { return }
    board.note(quote, instrument, at: now.wall)
  }
}

extension PolledQuote {
  /// From the `output` of inquire-price or a row of intstock-multprice; nil where it has no price.
  init?(_ output: JSONValue) {
    func text(_ names: String...) -> String? {
      names.lazy.compactMap { output[$0]?.string }.first { !$0.isEmpty && $0 != "0" }
    }
    guard let price = text("stck_prpr", "inter2_prpr"), Double(price) != nil else { return nil }
    self.init(
      price: price, previousClose: text("inter2_prdy_clpr", "stck_sdpr").flatMap { Double($0) },
      name: Self.name(output))
  }

  /// What a row of intstock-multprice calls its symbol, without the spaces around it; nil where it does not.
  static func name(_ row: JSONValue) -> String? {
    guard let text = row["inter_kor_isnm"]?.string else { return nil }
    let name = text.drop { $0 == " " }.prefix(40)
    guard let last = name.lastIndex(where: { $0 != " " }), name != "0" else { return nil }
    return String(name[...last])
  }
}
