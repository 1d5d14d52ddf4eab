import Pages
import Plumbing

/// Losses and gaps of a day in the order of time. What happened to many symbols at once is one entry, and what a gap cost
/// stands with it.
struct DayPageEvents {
  /// One entry: a gap of several feeds, or a loss of one.
  private struct Event {
    let from: Int64
    var to: Int64
    /// Nil: trades are missing though observation went on.
    let reason: String?
    var symbols: [String]
    var loss = Loss.none
  }

  private var events: [Event] = []

  /// Entries that are listed; the others are counted.
  private static let most = 100

  init(gaps: [(symbol: String, gap: GapFact)], losses: [(symbol: String, note: LossNote)]) {
    var places: [String: Int] = [:]
    for (symbol, gap) in gaps {
      let to = gap.to ?? gap.time
      let from = gap.from ?? to - gap.milliseconds
      // One outage ends for each symbol when its own record comes: it is the same one where it began in the same second.
      let id = "\(gap.reason) \(from / 1000)"
      if let place = places[id] {
        events[place].to = max(events[place].to, to)
        if !events[place].symbols.contains(symbol) { events[place].symbols.append(symbol) }
      } else {
        places[id] = events.count
        events.append(Event(from: from, to: to, reason: gap.reason, symbols: [symbol]))
      }
    }
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
  private static func holds(_ event: Event, _ symbol: String, _ note: LossNote) -> Bool {
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
    let symbols =
      event.symbols.count > 4
      ? say("\(event.symbols.count) symbols", "\(event.symbols.count)개 종목")
      : event.symbols.joined(separator: ", ")
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
