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
      name: text("inter_kor_isnm").map { String($0.prefix(40)) })
  }
}
