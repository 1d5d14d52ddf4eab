import JSONBytes
import Market
import Plumbing

@testable import Completeness

/// Lines of an archive whose day is Tuesday 2026-11-24, and what the audit and the page say of them.
struct MadeDay {
  /// Its midnight in Korea, epoch milliseconds.
  static let midnight: Int64 = 1_795_446_000_000
  static let day = 20_781

  /// What is observed.
  struct Subject: Hashable {
    var symbol = "005930"
    var market = "KRX"
    var product = "stock"
    var feed = "trades"

    fileprivate var context: String {
      #""symbol":"\#(symbol)","market":"\#(market)","product":"\#(product)","feed":"\#(feed)""#
    }
  }

  private(set) var lines: [String] = []
  private var totals: [Subject: (shares: Int, value: Int)] = [:]

  /// Three trades of one frame at each full minute since midnight; `isOdd`: the totals contradict them.
  mutating func trades(
    _ subject: Subject = Subject(), minutes: Range<Int>, price: Int = 1000, isOdd: Bool = false
  ) {
    for minute in minutes {
      for _ in 0..<3 {
        var sums = totals[subject] ?? (0, 0)
        sums.shares += isOdd ? 7 : 10
        sums.value += 10 * price
        totals[subject] = sums
        record(
          subject, minute,
          #""price":\#(price),"trade_size":10,"volume":\#(sums.shares),"value":\#(sums.value),"side":"buy""#)
      }
    }
  }

  /// A record of another kind.
  mutating func record(_ subject: Subject, _ minute: Int, _ inputs: String) {
    lines.append(
      #"{"meta":{"timestamp_ms":\#(Self.time(minute))},"context":{"source":"market",\#(subject.context)},"#
        + #""observation":{"inputs":{\#(inputs)}}}"#)
  }

  /// A gap, told at its end.
  mutating func gap(_ subject: Subject = Subject(), from: Int, to: Int, seconds more: Int = 0) {
    func time(_ milliseconds: Int64) -> String { KST(Milliseconds(milliseconds)).iso }
    let end = Self.time(to) + Int64(more) * 1000
    lines.append(
      #"{"meta":{"timestamp_ms":\#(end)},"context":{"source":"system",\#(subject.context)},"observation":{"inputs":{},"#
        + #""state":{"event":"gap","reason":"ws_disconnect","gap_id":"\#(lines.count)","final":true,"#
        + #""seconds":\#((to - from) * 60 + more),"from":"\#(time(Self.time(from)))","to":"\#(time(end))"}}}"#
    )
  }

  /// A line of an earlier audit.
  mutating func line(_ text: String) { lines.append(text) }

  static func time(_ minute: Int) -> Int64 { midnight + Int64(minute) * 60_000 }

  /// The audit of the lines in the order of their minutes.
  func audit() -> Audit {
    var reader = FactReader()
    var facts = AuditFacts()
    for (place, line) in lines.enumerated() {
      Array((line + "\n").utf8).withUnsafeBufferPointer { text in
        guard let start = text.baseAddress else { return }
        reader.take(start, count: text.count - 1, number: place + 1, to: &facts)
      }
    }
    var audit = Audit(calendar: MarketCalendar(), draws: true)
    audit.take(facts, of: 0)
    audit.finish()
    return audit
  }

  /// The page of the day, long after it.
  func page(korean: Bool = false, names: [String: String] = [:]) -> String {
    DayPage(audit(), names: names, ReportLanguage(korean: korean), now: Self.time(10_000)).html
  }

  /// The day's line, `minute` minutes after its midnight.
  func dayLine(at minute: Int) -> DayLine? {
    audit().report(now: Self.time(minute)).days.first { $0.day == Self.day }
  }
}
