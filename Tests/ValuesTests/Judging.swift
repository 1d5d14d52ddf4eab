import Contract
import JSONBytes
import Market
import Plumbing

@testable import Values

/// A line for the rules: what a test does not set is an unremarkable trade of 005930 at 10:00 on a trading day.
struct Probe {
  /// 2026-11-26 10:00:00 KST, a Thursday.
  static let ten: Int64 = 1_795_654_800_000

  var source = "market"
  var product: String? = "stock"
  var market: String? = "KRX"
  var symbol: String? = "005930"
  var feed: String? = "trades"
  /// Seconds after ten at which it was received; nil: no receive time.
  var at: Double? = 0
  /// Members of `inputs`, as JSON.
  var inputs: [(String, String)] = []
  var state = ""

  static func trade(_ price: String, at: Double = 0, _ more: (String, String)...) -> Probe {
    Probe(at: at, inputs: [("price", price)] + more)
  }

  static func book(_ bid: String, _ ask: String, at: Double = 0, _ more: (String, String)...) -> Probe {
    Probe(feed: "book", at: at, inputs: [("bid_price", bid), ("ask_price", ask)] + more)
  }

  var text: String {
    func quoted(_ name: String, _ value: String?) -> String { value.map { ",\"\(name)\":\"\($0)\"" } ?? "" }
    let time = at.map { ",\"timestamp_ms\":\(Self.ten + Int64(($0 * 1000).rounded()))" } ?? ""
    let members = inputs.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",")
    return "{\"meta\":{\"mode\":\"T\"\(time)},\"context\":{\"source\":\"\(source)\",\"stage\":\"raw\""
      + quoted("symbol", symbol) + quoted("market", market) + quoted("product", product)
      + quoted("feed", feed)
      + "},\"observation\":{\"inputs\":{\(members)},\"computed\":{},\"state\":{\(state)}}}"
  }
}

/// A judge with a view, as snap-guard has them.
struct Bench: ~Copyable {
  var view = SnapshotView(unwrap: false, values: MarketJudge.values)
  var judge: MarketJudge
  var clock = Milliseconds(Probe.ten + 3_600_000)

  static let calendar = MarketCalendar(
    jsonLines: """
      {"date":"2026-01-01","name":"first"}
      {"date":"2026-12-25","name":"Christmas","basis":"law"}
      {"date":"2026-12-31","name":"last"}
      """)

  init(
    _ limits: MarketLimits = MarketLimits(), calendar: MarketCalendar? = Self.calendar,
    subjectLimit: Int = SubjectTable.limit
  ) {
    judge = MarketJudge(limits, calendar: calendar, subjectLimit: subjectLimit)
  }

  /// The verdict of a line.
  mutating func verdict(_ text: String) -> String {
    var bytes = Array(text.utf8) + [0x0A] + [UInt8](repeating: 0, count: JSONScanner.padding)
    let count = text.utf8.count
    let judgement = bytes.withUnsafeMutableBufferPointer { buffer -> Judgement in
      guard let start = buffer.baseAddress, view.read(UnsafePointer(start), count: count) else {
        preconditionFailure("\(text)")
      }
      return judge.judge(view, clock: clock)
    }
    var out = ByteBuffer()
    judgement.append(to: &out)
    return out.text
  }

  /// What the verdict names: flags, without WARMING_UP, and `!` before the one that blocks.
  mutating func says(_ probe: Probe) -> String {
    guard let value = try? JSONValue.parse(Array(verdict(probe.text).utf8)) else { return "no JSON" }
    let block = value["rule"]?.string
    return (value["flags"]?.elements ?? []).compactMap(\.string).filter { $0 != "WARMING_UP" }
      .map { $0 == block ? "!" + $0 : $0 }.joined(separator: " ")
  }
}
