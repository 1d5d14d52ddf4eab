import Completeness
import JSONBytes
import Market
import Testing

/// Numbers that no exchange sends, in every place: the audit says something, and does not end.
@Suite struct ExtremeNumbersTests {
  private static let numbers = [
    "0", "1", "7", "-1", "1000", "999999999999999", "999999999999999999", "-999999999999999999", "0.5",
    "999999999.999999999", "\"\"", "null",
  ]

  private static func trade(_ random: inout some RandomNumberGenerator) -> String {
    func number() -> String { numbers.randomElement(using: &random) ?? "0" }
    let symbol = ["005930", "000660"].randomElement(using: &random) ?? ""
    let product =
      ["stock", "index-future", "night-future", "stock-option"].randomElement(using: &random) ?? ""
    let time =
      Int.random(in: 0..<2000, using: &random) == 0
      ? number() : "\(1_795_650_000_000 + Int.random(in: 0...20_000_000, using: &random))"
    return
      #"{"meta":{"timestamp_ms":\#(time)},"context":{"source":"market","symbol":"\#(symbol)","market":"KRX","#
      + #""product":"\#(product)","feed":"trades"},"observation":{"inputs":{"price":\#(number()),"#
      + #""volume":\#(number()),"value":\#(number()),"trade_size":\#(number()),"side":"buy","change_rate":\#(number()),"#
      + #""raw":{"seln_cntg_csnu":"\#(number())","shnu_cntg_csnu":"\#(number())"}}}}"#
  }

  private static func gap(_ random: inout some RandomNumberGenerator) -> String {
    func number() -> String { numbers.randomElement(using: &random) ?? "0" }
    let from = ["2026-11-26T10:00:00+09:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"]
    func moment() -> String { from.randomElement(using: &random) ?? "" }
    return
      #"{"meta":{"timestamp_ms":1795654800000},"context":{"source":"system","symbol":"005930","market":"KRX","#
      + #""product":"stock","feed":"trades"},"observation":{"inputs":{},"state":{"event":"gap","reason":"ws_disconnect","#
      + #""gap_id":"\#(number().filter(\.isNumber))","final":\#(Bool.random(using: &random)),"seconds":\#(number()),"#
      + #""from":"\#(moment())","to":"\#(moment())","missed_trades":\#(number()),"missed_volume":\#(number()),"#
      + #""missed_value":\#(number())}}}"#
  }

  @Test func nothingTraps() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<80 {
      var reader = FactReader()
      var facts = AuditFacts()
      var audit = Audit(calendar: MarketCalendar(), draws: true)
      for number in 1...60 {
        let line = Int.random(in: 0..<8, using: &random) == 0 ? Self.gap(&random) : Self.trade(&random)
        let bytes = Array((line + "\n").utf8)
        bytes.withUnsafeBufferPointer { text in
          guard let start = text.baseAddress else { return }
          reader.take(start, count: text.count - 1, number: number, to: &facts)
        }
      }
      audit.take(facts, of: 0)
      audit.finish()
      let report = audit.report(now: 1_795_900_000_000)
      var lines = ByteBuffer(capacity: 4096)
      report.append(to: &lines)
      AuditTable(report).append(to: &lines)
      let page = DayPage(audit, names: [:], ReportLanguage(korean: true), now: 1_795_900_000_000).html
      #expect(!lines.isEmpty && page.hasSuffix("</html>\n"))
      #expect(audit.malformed < 60)
    }
  }
}
