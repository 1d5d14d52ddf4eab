import Board
import Market
import Plumbing

@testable import Fetch
@testable import Health

/// The board that kis-fetch left behind: whatever stands in it, kis-fetch goes on from it, the page shows it, and what
/// is written is read again.
final class BoardTarget: FuzzTarget {
  /// 2026-11-26 14:00 in Korea.
  private static let wall = Milliseconds(1_795_669_200_000)
  private let calendar = MarketCalendar()

  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    var kind = Kind()
    let text = Array(input.bytes)
    var keeper = BoardKeeper(text, at: Self.wall)
    keeper.note(snapshots: 7, at: Self.wall)
    guard Board(json: keeper.board.json) != nil else { throw Broken("what kis-fetch writes is no board") }
    guard let board = Board(json: text) else { return kind.value }
    kind.add(1 + min(board.symbols.count, 4))
    kind.add(min(board.outages.count, 2))
    guard Board(json: board.json)?.json == board.json else { throw Broken("written, it reads differently") }
    guard Timestamp.range.contains(board.written),
      board.symbols.allSatisfy({ symbol in
        [symbol.trades, symbol.shares, symbol.reported, symbol.missedTrades, symbol.missedShares].allSatisfy {
          (0...1 << 53).contains($0)
        }
      })
    else { throw Broken("a time or a count beyond its range") }
    let facts = BoardFacts(board, calendar, at: Self.wall)
    let page = BoardSection(facts, at: Self.wall, korean: random.below(2) == 0).html
    let chart = DayChart(facts, at: Self.wall, .of(korean: false)).html
    guard page.contains("<table"), chart.contains("<svg") else { throw Broken("no page") }
    return kind.value
  }
}
