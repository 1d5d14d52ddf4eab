import Pages
import Plumbing

/// Losses and gaps of a day in the order of time. What happened to many symbols at once is one entry, and what a gap cost
/// stands with it.
struct DayPageEvents {
  /// A symbol, and what the page calls it: with its venue where it has several.
  struct Who: Equatable {
    let symbol: String
    let title: String
  }

  /// One entry: a gap of several feeds, or a loss of one.
  private struct Event {
    let from: Int64
    let to: Int64
    /// Nil: trades are missing though observation went on.
    let reason: String?
    var symbols: [Who]
    var loss = Loss.none

    /// One outage ends for each symbol when its own record comes: it is the same one where it began in the same second and
    /// ended at nearly the same time, so that what is told of the longer gap is nearly true of the other one.
    func holds(_ gap: Event) -> Bool { to.minus(gap.to) <= max(5000, to.minus(from) / 10) }
  }

  private var events: [Event] = []

  /// Entries that are listed; the others are counted.
  private static let most = 100

  init(gaps: [(symbol: Who, gap: GapFact)], losses: [(symbol: Who, note: LossNote)]) {
    let told = gaps.map { symbol, gap in
      let to = gap.to ?? gap.time
      return Event(from: gap.from ?? to - gap.milliseconds, to: to, reason: gap.reason, symbols: [symbol])
    }
    // The longest first: what is told of several gaps is true of the longest of them.
    let order = told.indices.sorted { (told[$1].to, $0) < (told[$0].to, $1) }
    var places: [String: [Int]] = [:]
    for gap in order.map({ told[$0] }) {
      let id = "\(gap.reason ?? "") \(gap.from / 1000)"
      if let place = places[id]?.first(where: { events[$0].holds(gap) }) {
        for symbol in gap.symbols where !events[place].symbols.contains(symbol) {
          events[place].symbols.append(symbol)
        }
      } else {
        places[id, default: []].append(events.count)
        events.append(gap)
      }
    }
    for place in events.indices { events[place].symbols.sort { $0.title < $1.title } }
    for (symbol, note) in losses {
      if let place = events.firstIndex(where: { Self.holds($0, symbol, note) }) {
        events[place].loss += note.loss
      } else {
        events.append(
          Event(from: note.from ?? note.to, to: note.to, reason: nil, symbols: [symbol], loss: note.loss))
      }
    }
    events.sort { ($0.from, $0.to) < ($1.from, $1.to) }
  }

  /// Whether a loss is what a gap of its symbol cost: the trades before and after it stand around the gap, or in it.
  private static func holds(_ event: Event, _ symbol: Who, _ note: LossNote) -> Bool {
    guard event.reason != nil, event.symbols.contains(symbol), let from = note.from else { return false }
    return from <= event.to && note.to >= event.from
  }

  var isEmpty: Bool { events.isEmpty }

  func html(_ say: ReportLanguage) -> String {
    guard !events.isEmpty else { return "<p>\(say("None.", "없음."))</p>" }
    let items = events.prefix(Self.most).map { "<li>\(Self.text($0, say))</li>" }.joined()
    let more = events.count - Self.most
    return "<ol>\(items)</ol>"
      + (more > 0 ? "<p>\(say("and \(more.grouped) more", "그 밖에 \(more.grouped)건"))</p>" : "")
  }

  private static func text(_ event: Event, _ say: ReportLanguage) -> String {
    let when = event.from.clock == event.to.clock ? event.to.clock : "\(event.from.clock)–\(event.to.clock)"
    let count = Set(event.symbols.map(\.symbol)).count
    let symbols =
      count > 4
      ? say("\(count) symbols", "\(count)개 종목")
      : event.symbols.map(\.title).joined(separator: ", ")
    var parts: [String] = []
    if let reason = event.reason {
      parts.append(say.word(gap: reason) + ", " + say.span(milliseconds: event.to - event.from))
    }
    if event.loss.shares > 0 {
      let value = event.loss.value.map { $0 > 0 ? ", \($0.grouped)" + say(" won", "원") : "" } ?? ""
      parts.append(
        "\(say.trades(event.loss.trades)), \(say.shares(event.loss.shares))\(value)" + say(" missing", " 누락"))
    }
    return "<b>\(when)</b> \((symbols + ": " + parts.joined(separator: "; ")).htmlEscaped)"
  }
}
