import Foundation
import TestSupport
import Testing

/// PatternRecords, byte for byte.
struct EnrichRecordTests {
  /// The record of a snapshot, from its parts.
  struct Record {
    var snapshot = Sample.good
    var stamp =
      #""generated_at":"2026-07-30T09:23:41.123+09:00","session_id":"observer-20260730","mode":"PROD""#
    var validation = #"{"severity":"SKIPPED"}"#
    var guardVerdict = #"{"action":"SKIPPED","reason":"stage not run"}"#
    var flags = #"["NO_COMPUTED","NO_STATE"]"#
    var counts = (2, 0, 0)
    var time = #""timestamp_ms":1785371021123,"timestamp_iso":"2026-07-30T09:23:41.123+09:00""#
    var has = (true, true)
    var summary =
      #"{"source":"market","stage":"raw","symbol":"005930","market":"KRX","price":71100,"volume":1523400}"#
    var hints = #"["HAS_PRICE","HAS_VOLUME"]"#

    var text: String {
      #"{"snapshot":\#(snapshot),"regime_tags":{},"condition_tags":[],"outcome_labels":{},"#
        + #""metadata":{"schema_version":"v1.0.0","dataset_version":"v1.0.0","build_id":"observer_core_v1",\#(stamp),"#
        + #""quality_flags":[],"validation":\#(validation),"guard":\#(guardVerdict),"#
        + #""_schema":{"record_schema_name":"PatternRecord","record_schema_version":"v1.1.0","compat_min_version":"v1.0.0","#
        + #""producer":"observer_core","build_id":"observer_core_v1","dataset_version":"v1.0.0",\#(stamp)},"#
        + #""_quality":{"flags":\#(flags),"stats":{"inputs_count":\#(counts.0),"computed_count":\#(counts.1),"#
        + #""state_count":\#(counts.2),\#(time),"time_resolution":"ms","has_price":\#(has.0),"has_volume":\#(has.1)}},"#
        + #""_interpretation":{"summary":\#(summary),"hints":\#(hints)}}}"#
    }
  }

  private func enrich(_ line: String, _ arguments: [String] = ["--clock", "event"]) throws -> String {
    try filter("snap-enrich", arguments, [line]).first ?? "no record"
  }

  @Test func wholeRecord() throws {
    #expect(try enrich(Sample.good) == Record().text)
  }

  @Test func verdictsMoveIntoMetadata() throws {
    var record = Record()
    record.validation = infoVerdict
    record.guardVerdict = passVerdict
    let checked = try filter("snap-validate", [], [Sample.good])
    #expect(try enrich(try filter("snap-guard", [], checked)[0]) == record.text)
    // Order, place and spelling of the verdicts do not matter; their bytes are kept.
    record.validation = #"{ "severity" : "INFO", "x":1e3}"#
    record.guardVerdict = "[0.10]"
    let body = Sample.good.dropFirst().dropLast()
    for line in [
      #"{"guard":[0.10],"validation":\#(record.validation),\#(body)}"#,
      #"{"validation":\#(record.validation),\#(body),"guard":[0.10]}"#,
      #"{\#(body),"guard":[0.10],"validation":\#(record.validation)}"#,
      #"{\#(body),"guard":1,"v\u0061lidation":\#(record.validation),"gu\u0061rd":[0.10]}"#,
    ] {
      #expect(try enrich(line) == record.text)
    }
    record.validation = #"{"severity":"SKIPPED"}"#
    record.guardVerdict = #"{"action":"SKIPPED","reason":"stage not run"}"#
    #expect(try enrich(#"{\#(body),"validation":null,"guard":null}"#) == record.text)
  }

  /// What a snapshot does not say, its record does not say either.
  @Test(arguments: [
    "{}", "{ }", #"{"meta":[],"context":1,"observation":null}"#, "{\(ValidateVerdictTests.old)}",
  ])
  func emptySnapshot(line: String) throws {
    var record = Record()
    record.snapshot = line == "{\(ValidateVerdictTests.old)}" ? "{}" : line
    record.stamp = #""generated_at":null,"session_id":null,"mode":null"#
    if line.contains("validation") {
      record.validation = #"{"severity":"BLOCK","errors":["x"],"details":{}}"#
    }
    record.flags = #"["EMPTY_INPUTS","NO_COMPUTED","NO_STATE"]"#
    record.counts = (0, 0, 0)
    record.time = #""timestamp_ms":null,"timestamp_iso":null"#
    record.has = (false, false)
    record.summary = #"{"source":null,"stage":null,"symbol":null,"market":null}"#
    record.hints = "[]"
    #expect(try enrich(line) == record.text)
  }

  @Test(arguments: [
    "1e3", "0.10", "12345678901234567890", "-0", "-0.0", "123456789012345678901234567890.123456789", "1E-999",
    "1.0e+10", "0",
  ])
  func numbersAreCopiedAsBytes(number: String) throws {
    var record = Record()
    record.snapshot = Sample.snapshot(
      observation: #"{"inputs":{"price":\#(number),"volume":\#(number) },"computed":{},"state":{}}"#)
    record.summary =
      #"{"source":"market","stage":"raw","symbol":"005930","market":"KRX","price":\#(number),"volume":\#(number)}"#
    #expect(try enrich(record.snapshot) == record.text)
  }

  /// The key is there and its value is no JSON number.
  @Test(arguments: ["null", "true", "false", #""71100""#, #""""#, "{}", "[71100]"])
  func pricesThatAreNoNumbers(value: String) throws {
    var record = Record()
    record.snapshot = Sample.snapshot(
      observation:
        #"{"inputs":{"volume":\#(value),"x":1,"price":\#(value)},"computed":{"a":1,"a":2},"state":{"b":{}}}"#)
    record.flags = #"["PRICE_NOT_NUMERIC","VOLUME_NOT_NUMERIC"]"#
    record.counts = (3, 2, 1)
    record.summary =
      #"{"source":"market","stage":"raw","symbol":"005930","market":"KRX","price":\#(value),"volume":\#(value)}"#
    record.hints = #"["HAS_PRICE","HAS_VOLUME","HAS_COMPUTED","HAS_STATE"]"#
    #expect(try enrich(record.snapshot) == record.text)
  }

  struct Sections: Sendable {
    let inputs: String
    let computed: String
    let state: String
    let flags: String
    let hints: String
  }

  @Test(arguments: [
    Sections(
      inputs: "{}", computed: "{}", state: "{}", flags: #"["EMPTY_INPUTS","NO_COMPUTED","NO_STATE"]"#,
      hints: "[]"),
    Sections(
      inputs: #"{"a":1}"#, computed: "{}", state: #"{"a":1}"#, flags: #"["NO_COMPUTED"]"#,
      hints: #"["HAS_STATE"]"#),
    Sections(
      inputs: "[1]", computed: "null", state: #""x""#, flags: #"["EMPTY_INPUTS","NO_COMPUTED","NO_STATE"]"#,
      hints: "[]"),
    Sections(
      inputs: #"{"price":1}"#, computed: #"{"a":{}}"#, state: "{ }", flags: #"["NO_STATE"]"#,
      hints: #"["HAS_PRICE","HAS_COMPUTED"]"#),
    Sections(
      inputs: #"{"raw":{"price":1,"volume":2}}"#, computed: #"{"price":1}"#, state: "{}",
      flags: #"["NO_STATE"]"#, hints: #"["HAS_COMPUTED"]"#),
    Sections(
      inputs: #"{"volum\u0065":"1"}"#, computed: "{}", state: "{}",
      flags: #"["NO_COMPUTED","NO_STATE","VOLUME_NOT_NUMERIC"]"#, hints: #"["HAS_VOLUME"]"#),
  ])
  func flagsAndHints(_ sections: Sections) throws {
    let record = try enrich(
      Sample.snapshot(
        observation:
          #"{"inputs":\#(sections.inputs),"computed":\#(sections.computed),"state":\#(sections.state)}"#))
    #expect(record.contains(#""_quality":{"flags":\#(sections.flags),"stats""#))
    #expect(record.hasSuffix(#""hints":\#(sections.hints)}}}"#))
  }

  /// Option, then variable, then the snapshot's own.
  @Test func sessionAndMode() throws {
    let env = ["OBSERVER_SESSION_ID": "from \"env\"", "OBSERVER_MODE": "VIRTUAL"]
    func stamps(_ arguments: [String], _ env: [String: String]) throws -> [String] {
      let out = try Tool.run("snap-enrich", ["--clock=event"] + arguments, text: Sample.good, env: env)
        .outText
      return out.components(separatedBy: #""generated_at":"2026-07-30T09:23:41.123+09:00","#).dropFirst().map
      {
        String($0.prefix { $0 != "}" }.split(separator: ",").prefix(2).joined(separator: ","))
      }
    }
    let own = #""session_id":"observer-20260730","mode":"PROD""#
    #expect(try stamps([], [:]) == [own, own])
    #expect(try stamps([], ["OBSERVER_SESSION_ID": "", "OBSERVER_MODE": ""]) == [own, own])
    let fromEnvironment = #""session_id":"from \"env\"","mode":"VIRTUAL""#
    #expect(try stamps([], env) == [fromEnvironment, fromEnvironment])
    let given = #""session_id":"s/1","mode":"M""#
    #expect(try stamps(["--session-id", "s/1", "--mode", "M"], env) == [given, given])
  }

  @Test func fixedClock() throws {
    for time in ["2026-07-30T09:00:00.000+09:00", "2026-07-30T00:00:00Z", "2026-07-30T00:00:00.123456-11:30"]
    {
      let record = try enrich(Sample.good, ["--clock", time])
      #expect(record.components(separatedBy: #""generated_at":"\#(time)","#).count == 3)
    }
  }

  @Test func clockNow() throws {
    let record = try enrich(Sample.good, [])
    let parts = record.components(separatedBy: #""generated_at":""#)
    #expect(parts.count == 3)
    let stamp = parts[1].prefix(29)
    #expect(stamp == parts[2].prefix(29))
    #expect(stamp.contains(#/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+09:00$/#))
  }

  @Test(arguments: [
    "never", "", "NOW", "2026-07-30", "2026-07-30T09:00:00", "2026-13-30T09:00:00Z", "2026-07-30T24:00:00Z",
    "2026-07-30T09:00:00.Z", "2026-07-30 09:00:00Z", "2026-07-30T09:00:00+0900", "2026-07-30T09:00:00Z\"",
  ])
  func clockThatIsNone(text: String) throws {
    let outcome = try Tool.run("snap-enrich", ["--clock", text], text: Sample.good)
    #expect(outcome.status == 64 && outcome.out.isEmpty)
    #expect(outcome.errText.hasPrefix("snap-enrich: --clock takes now, event or an ISO time"))
  }

  /// The same input gives the same bytes, whatever the time of day.
  @Test func replaysAreEqual() throws {
    let lines = (0..<50).map { Sample.snapshot(extra: #""n":\#($0)"#) }
    let first = try filter("snap-enrich", ["--clock", "event"], lines)
    #expect(try filter("snap-enrich", ["--clock", "event"], lines) == first)
  }

  /// The bytes of the snapshot survive the whole chain.
  @Test(arguments: [
    Sample.good, "{ " + Sample.good.dropFirst(), Sample.good.dropLast() + " }", " \t" + Sample.good + " ",
    Sample.snapshot(extra: #""x":"\u00e9\/é","y":[1.0,  2]"#), Sample.snapshot(extra: #""z":{ } "#),
  ])
  func bytesSurviveTheChain(line: String) throws {
    let checked = try filter("snap-validate", [], [line])
    let record = try enrich(try filter("snap-guard", [], checked)[0])
    let snapshot = line.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " }.reversed()
    #expect(record.hasPrefix(#"{"snapshot":\#(String(snapshot)),"regime_tags""#))
    #expect(try filter("snap-validate", ["--unwrap", "--plain"], [record]) == [record])
    #expect(
      try enrich(record, ["--clock", "event", "--unwrap"]).hasPrefix(
        #"{"snapshot":\#(String(snapshot)),"regime_tags""#))
  }

  @Test func emitBlockedWritesNoRecord() throws {
    #expect(try filter("snap-enrich", ["--emit", "blocked"], [Sample.good, "{"]) == [])
    #expect(try filter("snap-enrich", ["--emit", "all"], [Sample.good, "{"]).count == 1)
  }

  @Test func nonFiniteIsRefused() throws {
    let outcome = try Tool.run("snap-enrich", text: Sample.snapshot(extra: #""x":[NaN,1e999]"#))
    #expect(outcome.out.isEmpty)
    #expect(outcome.errText.contains(#"errors=["non-finite numbers detected in snapshot: 2"]"#))
  }
}
