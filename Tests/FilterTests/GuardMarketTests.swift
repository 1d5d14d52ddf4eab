import Foundation
import TestSupport
import Testing

/// snap-guard with its rules of values, and what snap-enrich makes of their flags.
@Suite struct GuardMarketTests {
  private let folder: String

  init() throws { folder = try Tool.temporaryFolder() }

  /// A trade of 005930, `second` seconds after 10:00:00 on 2026-11-26.
  private static func trade(_ price: String, _ second: Int) -> String {
    Sample.snapshot(
      meta: #"{"timestamp_ms":\#(1_795_654_800_000 + second * 1000)}"#,
      context: #"{"source":"market","stage":"raw","symbol":"005930","feed":"trades"}"#,
      observation: #"{"inputs":{"price":\#(price)},"computed":{},"state":{}}"#)
  }

  private func content(_ name: String) -> String {
    (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
  }

  private func verdicts(_ lines: [String], _ arguments: [String] = []) throws -> [String] {
    try filter("snap-guard", ["--rules", "market", "--emit", "all"] + arguments, lines)
      .map { String($0[($0.range(of: #","guard":"#)?.upperBound ?? $0.startIndex)...].dropLast()) }
  }

  private static let warmingUp = #"{"action":"PASS","reason":"OK","flags":["WARMING_UP"]}"#
  private static let step =
    #"{"action":"BLOCK","reason":"Market rule STEP","flags":["STEP","WARMING_UP"],"rule":"STEP","value":20,"limit":10}"#

  /// A blocked line is a reject with rule, value and limit, and passes again once the limit is another.
  @Test func rejectReplaysAfterTheLimitIsCorrected() throws {
    let lines = [Self.trade("1000", 0), Self.trade("1000", 1), Self.trade("1200", 2)]
    let run = try Tool.run(
      "snap-guard", ["--rules", "market", "--rejects", "\(folder)/r", "--metrics", "\(folder)/m.prom"],
      text: lines.map { $0 + "\n" }.joined())
    #expect(run.status == 0)
    #expect(run.lines == lines[..<2].map { annotated($0, "guard", Self.warmingUp) })
    #expect(
      content("r") == #"{"stage":"snap-guard","line":3,"verdict":\#(Self.step),"input":\#(lines[2])}"# + "\n")
    #expect(run.errText.contains("Guard blocked | reason=Market rule STEP: 20, limit 10 | line=3"))
    let metrics = content("m.prom")
    #expect(metrics.contains(#"observer_guard_blocks_total{stage="snap-guard",rule="STEP"} 1"#))
    #expect(metrics.contains(#"observer_guard_flags_total{stage="snap-guard",rule="WARMING_UP"} 3"#))
    #expect(metrics.contains(#"observer_rejects_total{stage="snap-guard",reason="market_rule"} 1"#))
    try #"{"guard":{"rules":"market","step_block_percent":20}}"#.write(
      toFile: "\(folder)/c.json", atomically: true, encoding: .utf8)
    let again = try filter("snap-guard", ["--config", "\(folder)/c.json", "--emit", "all"], lines)
    #expect(
      again.last?.hasSuffix(#""guard":{"action":"PASS","reason":"OK","flags":["STEP","WARMING_UP"]}}"#)
        == true)
  }

  @Test func badLimitIsNamed() throws {
    try #"{"guard":{"spread_percent":1e1}}"#.write(
      toFile: "\(folder)/c.json", atomically: true, encoding: .utf8)
    let run = try Tool.run("snap-guard", ["--rules", "market", "--config", "\(folder)/c.json"])
    #expect(run.status == 78)
    #expect(run.errText.contains("guard.spread_percent"))
  }

  @Test func policyGoesFirst() throws {
    let line = Sample.snapshot(context: #"{"source":"market"}"#)
    #expect(try verdicts([line]) == [#"{"action":"BLOCK","reason":"Invalid context.stage","flags":[]}"#])
  }

  /// What the first process saw, the second knows.
  @Test func stateOutlastsARestart() throws {
    let state = ["--state", "\(folder)/s"]
    _ = try verdicts([Self.trade("1000", 0), Self.trade("1000", 1)], state)
    let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/s")[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try verdicts([Self.trade("1200", 2)], state) == [Self.step])
    #expect(try verdicts([Self.trade("1200", 3)]) == [Self.warmingUp])
  }

  @Test(arguments: [
    "{\"snap_guard_state\":", "{\"snap_guard_state\":2}\n",
    "{\"snap_guard_state\":1}\n[1]\n{\"checksum\":1}\n",
  ])
  func damagedStateIsKeptAside(_ text: String) throws {
    try text.write(toFile: "\(folder)/s", atomically: true, encoding: .utf8)
    let run = try Tool.run(
      "snap-guard", ["--rules", "market", "--state", "\(folder)/s"], text: Self.trade("1000", 0) + "\n")
    #expect(run.status == 0 && run.lines.count == 1)
    #expect(run.errText.contains("kept as \(folder)/s.damaged, the market rules warm up"), "\(run.errText)")
    #expect(content("s.damaged") == text)
    #expect(content("s").hasPrefix("{\"snap_guard_state\":1}\n["))
  }

  /// A word too many on the command line costs nobody a file.
  @Test(arguments: ["", "{}", "{\"snap_guard_stat", "{\"meta\":{}}\n"]) func whatIsNoStateIsNotTouched(
    _ text: String
  ) throws {
    try text.write(toFile: "\(folder)/s", atomically: true, encoding: .utf8)
    let run = try Tool.run(
      "snap-guard", ["--rules", "market", "--state", "\(folder)/s"], text: Self.trade("1000", 0) + "\n")
    #expect(run.status == 73 && run.outText.isEmpty)
    #expect(
      run.errText.contains("\(folder)/s is no state of snap-guard: nothing was touched"), "\(run.errText)")
    #expect(content("s") == text)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["s"])
  }

  /// Nor do a folder, a link and what the filter reads or writes itself become a state, not even while it is empty.
  @Test(arguments: ["<", ">", "2>", "operand", "folder", "rejects", "link"])
  func aFileInUseIsNoState(_ use: String) throws {
    let state = "\(folder)/in/s.jsonl"
    try FileManager.default.createDirectory(atPath: "\(folder)/in", withIntermediateDirectories: true)
    let whole = "{\"snap_guard_state\":1}\n"
    try whole.write(toFile: state, atomically: true, encoding: .utf8)
    var words = ["\"$0\"", "--rules", "market", "--state", state]
    switch use {
    case "operand": words.append(state)
    case "folder": words.append("\(folder)/in")
    case "rejects": words += ["--rejects", state]
    case "link":
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: state)
      words[4] = "\(folder)/link"
    default: words += [use == "2>" ? "2>>" : use == ">" ? ">>" : "<", state]
    }
    let run = try Tool.run(
      "bash", ["-c", "exec " + words.joined(separator: " "), Tool.path("snap-guard")])
    #expect(run.status == 73, "\(run.errText)")
    if use != "2>" {
      #expect(run.errText.contains("nothing was touched; give --state a file of its own"), "\(run.errText)")
      #expect(content("in/s.jsonl") == whole)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/in") == ["s.jsonl"])
  }

  /// The state is written while the stage waits, and belongs to one process.
  @Test func stateIsWrittenWhileTheInputIsQuiet() throws {
    let running = try Tool.start("snap-guard", ["--rules", "market", "--state", "\(folder)/s"])
    running.write(Self.trade("1000", 0) + "\n")
    #expect(Tool.waitUntil(60) { content("s").contains("005930") })
    let other = try Tool.run("snap-guard", ["--rules", "market", "--state", "\(folder)/s"])
    #expect(other.status == 75)
    running.closeInput()
    #expect(running.wait().status == 0)
  }

  /// The audit counts flags by symbol and by day, and says nothing where there are none.
  @Test func auditCountsFlags() throws {
    let lines = [Self.trade("1000", 0), Self.trade("1000", 1), Self.trade("1080", 2)]
    func audit(_ arguments: [String]) throws -> [String] {
      let guarded = try filter("snap-guard", arguments, lines)
      return try filter(
        "snap-audit", ["--format", "ndjson"], try filter("snap-enrich", ["--clock", "event"], guarded))
    }
    let counted = try audit(["--rules", "market"])
    #expect(counted.count == 2)
    for line in counted { #expect(line.contains(#""flags":{"STEP":1,"WARMING_UP":3}"#), "\(line)") }
    #expect(try audit([]).allSatisfy { !$0.contains("flags") })
  }

  @Test func stateNeedsItsFolder() throws {
    let run = try Tool.run("snap-guard", ["--rules", "market", "--state", "\(folder)/no/s"], text: "{}\n")
    #expect(run.status == 73 && run.outText.isEmpty)
  }

  @Test(
    arguments: [
      (#"{"action":"PASS","reason":"OK","flags":[]}"#, "normal"),
      (#"{"action":"PASS","reason":"OK","flags":["WARMING_UP"]}"#, "normal"),
      (#"{"action":"PASS","reason":"OK","flags":["SPREAD","WARMING_UP"]}"#, "degraded"),
      (#"{"action":"PASS","reason":"OK","flags":["SPREAD", "AFTER_GAP"]}"#, "gap"),
      (#"{"action":"PASS","reason":"OK","flags":["G\u0041P"]}"#, "gap"),
      (#"{"action":"BLOCK","reason":"x","flags":["AFTER_GAP"]}"#, "rejected"),
      (#"{"action":"PASS","reason":"OK"}"#, nil), (#"{"action":"PASS","reason":"OK","flags":[1]}"#, nil),
      (#"{"action":"PASS","reason":"OK","flags":"GAP"}"#, nil),
    ] as [(String, String?)])
  func quality(_ verdict: String, _ quality: String?) throws {
    let line = annotated(Self.trade("1000", 0), "guard", verdict)
    let record = try #require(try filter("snap-enrich", ["--clock", "event"], [line]).first)
    let flags = verdict.range(of: #""flags":"#).map { String(verdict[$0.upperBound...].dropLast()) } ?? "[]"
    let wanted = quality.map { #""quality_flags":\#(flags),"quality":"\#($0)","validation""# }
    #expect(record.contains(wanted ?? #""quality_flags":[],"validation""#), "\(record)")
    #expect(record.contains(#""guard":\#(verdict),"#))
  }
}
