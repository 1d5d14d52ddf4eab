import TestSupport
import Testing

/// Archives hold lines of every version that wrote to them: before `context.feed` and `context.product`, when the
/// names of a frame's fields were in capitals, and gaps had no identity.
@Suite struct OlderArchiveTests {
  private static func snapshot(_ number: Int, _ context: String, _ observation: String) -> String {
    #"{"meta":{"timestamp":"2026-07-30T09:23:41.123+09:00","timestamp_ms":178537102112\#(number),"#
      + #""session_id":"s","run_id":"0123456789abcdef0123456789abcde\#(number)","mode":"PROD","observer_version":"v1.0.0"},"#
      + #""context":{\#(context)},"observation":{\#(observation)}}"#
  }

  private static let trade = [
    snapshot(
      1, #""source":"market","stage":"raw","symbol":"005930","market":"KRX""#,
      #""inputs":{"price":71100,"raw":{"MKSC_SHRN_ISCD":"005930","HOUR_CLS_CODE":"0","F47":"1"}},"computed":{},"state":{}"#
    ),
    snapshot(
      2, #""source":"system","stage":"state","symbol":"005930","market":"KRX""#,
      #""inputs":{},"computed":{},"state":{"event":"gap","reason":"ws_disconnect","from":"2026-07-30T09:23:31.123+09:00","to":"2026-07-30T09:23:41.123+09:00","seconds":10.0,"severity":"MINOR"}"#
    ),
    snapshot(
      3,
      #""source":"market","stage":"raw","symbol":"005930","market":"KRX","product":"stock","feed":"trades""#,
      #""inputs":{"price":71100,"raw":{"mksc_shrn_iscd":"005930","hour_cls_code":"0","f47":"1"}},"computed":{},"state":{}"#
    ),
  ]

  @Test func linesOfBeforeAndNowVerifyAndReplay() throws {
    var text = Self.trade.joined(separator: "\n") + "\n"
    for tool in [["snap-validate"], ["snap-guard"], ["snap-enrich", "--clock", "event"]] {
      let run = try Tool.run(tool[0], Array(tool.dropFirst()), text: text)
      #expect(run.status == 0)
      text = run.outText
    }
    let records = text
    for (line, snapshot) in zip(records.split(separator: "\n"), Self.trade) {
      #expect(line.contains(snapshot), "bytes are kept")
    }
    let verified = try Tool.run("jsonl-verify", text: records)
    #expect(verified.status == 0 && verified.outText.contains(#""lines":3"#))
    let again = try Tool.run("snap-validate", ["--unwrap", "--plain"], text: records)
    #expect(again.status == 0 && again.outText == records, "a plain line goes out as it came")
  }
}
