import Foundation
import TestSupport
import Testing

/// The page of a day, and `observer report` which makes it.
@Suite struct DayReportTests {
  private static let holidays = Tool.repository.path + "/config"

  /// A made day with a gap and losses, and what is truly missing in it.
  private static let day: (lines: [UInt8], truth: [String: [String: Int]]) = {
    guard let folder = try? Tool.temporaryFolder("day") else { return ([], [:]) }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let words = [
      "--symbols", "3", "--lose", "0.004", "--gap", "10:14-10:19", "--books", "20", "--truth",
      folder + "/truth",
    ]
    let made = try? Tool.run("make-day", words)
    let text = FileManager.default.contents(atPath: folder + "/truth") ?? Data()
    let truth = (try? JSONSerialization.jsonObject(with: text)) as? [String: [String: Int]]
    return (made?.out ?? [], truth ?? [:])
  }()

  private static let names = """
    # names
    {"symbol":"005930","name":"삼성전자"}
    000660
    {"symbol":"035420","name":"<b>N&\\"'</b>"}

    """

  private func audit(_ words: [String], input: [UInt8] = Self.day.lines) throws -> Outcome {
    let folder = try Tool.temporaryFolder("names")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.names.write(toFile: folder + "/names", atomically: true, encoding: .utf8)
    return try Tool.run(
      "snap-audit", words + ["--names", folder + "/names"], input: input, in: Self.holidays + "/..")
  }

  /// Fails for what is wrong with a page that must stand alone.
  private func check(_ page: String) throws {
    let folder = try Tool.temporaryFolder("page")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try page.write(toFile: folder + "/page.html", atomically: true, encoding: .utf8)
    let found = try Tool.run("check-page", [folder + "/page.html"])
    #expect(found.status == 0, "\(found.outText)\(found.errText)")
  }

  /// Word for word, in both languages. `RECORD_GOLDEN=1` rewrites the files, and fails.
  @Test(arguments: ["en", "ko"]) func thePage(language: String) throws {
    let page = try audit(["--format", "html", "--lang", language])
    #expect(page.status == 0, "\(page.errText)")
    let path = Tool.repository.path + "/Tests/Golden/day-report.\(language).html"
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try page.outText.write(toFile: path, atomically: true, encoding: .utf8)
      Issue.record("recorded \(path)")
    }
    #expect(page.outText == (try String(contentsOfFile: path, encoding: .utf8)))
    try check(page.outText)
  }

  /// The numbers on the page are those of the lines, and both are the truth.
  @Test func thePageSaysWhatIsMissing() throws {
    let page = try audit(["--format", "html", "--lang", "en"]).outText
    let lines = try Line.all(try audit(["--format", "ndjson"]))
    for (symbol, truth) in Self.day.truth {
      let line = try #require(
        lines.first { $0["symbol"] as? String == symbol && $0["feed"] as? String == "trades" })
      #expect(
        line["missed_trades"] as? Int == truth["trades"] && line["missed_shares"] as? Int == truth["shares"])
      let shares = try #require(truth["shares"])
      if shares > 0 { #expect(page.contains("· \(Self.grouped(shares)) shares")) }
      #expect(page.contains(Self.grouped(try #require(line["shares"] as? Int))))
    }
    let sum = Self.day.truth.values.reduce(0) { $0 + ($1["shares"] ?? 0) }
    #expect(sum > 0 && page.contains("trades, \(Self.grouped(sum)) shares."))
    // What the gap cost stands with the gap.
    let cost = #/<b>10:13:59–10:18:59</b> 000660, 삼성전자: connection lost, 4 min 59 s; [0-9]+ trades, /#
    #expect(page.contains(cost))
    #expect(page.contains("! degraded</span></h1>"))
  }

  private static func grouped(_ number: Int) -> String {
    let formatter = NumberFormatter()
    formatter.numberStyle = .decimal
    formatter.locale = Locale(identifier: "en_US")
    return formatter.string(from: NSNumber(value: number)) ?? ""
  }

  /// Names from anywhere are text, never tags.
  @Test func hostileNamesAreText() throws {
    let name = #"<script>alert(1)</script>\"' onload=x"#
    let line =
      #"{"meta":{"timestamp_ms":1795568400000},"context":{"source":"market","symbol":"NAME","market":"NAME","feed":"NAME","product":"NAME"},"observation":{"inputs":{"price":1,"name":"NAME","raw":{"a":"1"}},"state":{}}}"#
      .replacingOccurrences(of: "NAME", with: name)
    let gap =
      #"{"meta":{"timestamp_ms":1795568400000},"context":{"source":"system","symbol":"NAME","feed":"trades"},"observation":{"inputs":{},"state":{"event":"gap","reason":"NAME","seconds":400,"final":true}}}"#
      .replacingOccurrences(of: "NAME", with: name)
    let reject =
      #"{"stage":"NAME","line":1,"verdict":{"errors":["NAME"]},"input":{"meta":{"timestamp_ms":1795568400000}}}"#
      .replacingOccurrences(of: "NAME", with: name)
    let text = [line, gap, reject].joined(separator: "\n") + "\n"
    for words in [["--lang", "en"], ["--lang", "ko"], ["--lang", "en", "--calendar"]] {
      let page = try audit(["--format", "html"] + words, input: Array(text.utf8))
      #expect(page.status == 0 && page.outText.contains("&lt;script&gt;alert"), "\(page.errText)")
      try check(page.outText)
    }
  }

  @Test func aDayWithoutRecordsHasAPageToo() throws {
    let days = [
      ("2026-11-25", "missing"), ("2026-11-28", "closed"), ("2026-10-09", "closed"),
      ("1969-01-01", "missing"),
      ("1900-01-07", "closed"), ("0000-01-03", "missing"), ("9999-12-31", "pending"),
    ]
    for (date, word) in days {
      let page = try audit(["--format", "html", "--lang", "en", "--date", date], input: [])
      #expect(
        page.outText.contains(" \(word)</span></h1>") && page.outText.contains("No records"), "\(date)")
      try check(page.outText)
    }
  }

  @Test func whatNeedsAPageIsRefusedWithoutOne() throws {
    #expect(try audit(["--calendar", "--format", "ndjson"]).status == 64)
    #expect(try audit(["--calendar", "--format", "html", "--date", "2026-11-25"]).status == 64)
    #expect(try Tool.run("snap-audit", ["--names", "/no/such/file"]).status == 74)
    #expect(try Tool.run("snap-audit", ["--lines", "/no/such/folder/x"]).status == 73)
  }
}

/// `observer report`: from an archive's folder to a page in it.
@Suite struct ReportCommandTests {
  private static let env = [
    "OBSERVER_BIN_DIR": Tool.folder.path,
    "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
  ]

  /// An archive with windows of three days, one of them compressed, and a reject.
  private func archive() throws -> String {
    let folder = try Tool.temporaryFolder("report")
    for (date, faults) in [
      ("2026-11-23", []), ("2026-11-24", ["--lose", "0.05"]), ("2026-11-25", ["--gap", "10:00-11:00"]),
    ] {
      let day = try Tool.run("make-day", ["--date", date, "--symbols", "2"] + faults)
      let stamp = date.filter { $0 != "-" }
      try Data(day.out).write(to: URL(fileURLWithPath: folder + "/observer_\(stamp)_0000.jsonl"))
    }
    try FileManager.default.createDirectory(atPath: folder + "/rejects", withIntermediateDirectories: true)
    let reject =
      #"{"stage":"snap-validate","line":1,"verdict":{"severity":"BLOCK","errors":["snapshot.meta.mode missing/empty"]},"#
      + #""input":{"meta":{"timestamp_ms":1795482000000}}}"# + "\n"
    try (reject + reject).write(
      toFile: folder + "/rejects/snap-validate.jsonl", atomically: true, encoding: .utf8)
    _ = try Tool.run("gzip", [folder + "/observer_20261124_0000.jsonl"])
    return folder
  }

  private func report(_ words: [String]) throws -> Outcome {
    try Tool.run("observer", ["report"] + words, env: Self.env)
  }

  @Test func aDayFromACompressedFile() throws {
    let folder = try archive()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let made = try report(["2026-11-24", "--dir", folder, "--lang", "ko"])
    let path = folder + "/reports/2026-11-24.html"
    #expect(made.status == 0 && made.outText.hasSuffix("/reports/2026-11-24.html\n"), "\(made.errText)")
    let page = try String(contentsOfFile: path, encoding: .utf8)
    #expect(page.contains("2026-11-24 (화)") && page.contains("일부 누락"))
    #expect(
      page.contains("거부된 줄: 2건") && page.contains("snap-validate: snapshot.meta.mode missing/empty × 2"))
    let checked = try Tool.run("check-page", [path])
    #expect(checked.status == 0, "\(checked.outText)")
    let lines = try String(contentsOfFile: folder + "/reports/2026-11-24.ndjson", encoding: .utf8)
    #expect(lines.contains(#""audit":"day","date":"2026-11-24","condition":"degraded""#))
    #expect(!lines.contains("2026-11-25") && lines.contains(#""rejects":2"#))
  }

  /// The year takes the word of reports that are there, also when retention has removed the files.
  @Test func theYear() throws {
    let folder = try archive()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(try report(["2026-11-24", "--dir", folder]).status == 0)
    try FileManager.default.removeItem(atPath: folder + "/observer_20261124_0000.jsonl.gz")
    // A page that somebody has removed is not linked to.
    #expect(try report(["2026-11-23", "--dir", folder]).status == 0)
    try FileManager.default.removeItem(atPath: folder + "/reports/2026-11-23.html")
    let made = try report(["--calendar", "--dir", folder, "--lang", "en"])
    #expect(made.status == 0, "\(made.errText)")
    let page = try String(contentsOfFile: folder + "/reports/calendar.html", encoding: .utf8)
    #expect(page.contains("available 1, degraded 2"), "\(page.prefix(12000).suffix(1500))")
    #expect(
      page.contains("href=\"2026-11-24.html\"") && page.matches(of: /href=/).count == 2,
      "the square and the line")
    let checked = try Tool.run("check-page", [folder + "/reports/calendar.html"])
    #expect(checked.status == 0, "\(checked.outText)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/reports").count == 4)
  }

  /// New York's day ends on the next morning in Korea: its records stand in the windows of two dates, and on one page.
  @Test func aSessionAbroadEndsInTheNextMorning() throws {
    let folder = try Tool.temporaryFolder("abroad")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ window: String, _ trades: [(milliseconds: Int, date: String, volume: Int)]) throws {
      let lines = trades.map { trade in
        #"{"meta":{"timestamp_ms":\#(trade.milliseconds)},"context":{"source":"market","symbol":"DNASAAPL","#
          + #""market":"NAS","product":"overseas-stock","feed":"trades"},"observation":{"inputs":{"price":200.5,"#
          + #""trade_size":10,"volume":\#(trade.volume),"raw":{"tymd":"\#(trade.date)"}}}}"# + "\n"
      }
      try lines.joined().write(
        toFile: "\(folder)/observer_\(window).jsonl", atomically: true, encoding: .utf8)
    }
    // 23:00, 23:30 and 24:30 of 2026-11-24 in Korea, and the next evening.
    let begin = 1_795_528_800_000
    try write("20261124_2300", [(begin, "20261124", 10), (begin + 1_800_000, "20261124", 20)])
    try write("20261125_0000", [(begin + 5_400_000, "20261124", 30)])
    try write("20261125_2300", [(begin + 86_400_000, "20261125", 10)])
    #expect(try report(["2026-11-24", "--dir", folder]).status == 0)
    let lines = try String(contentsOfFile: folder + "/reports/2026-11-24.ndjson", encoding: .utf8)
    #expect(lines.contains(#""records":3,"#) && lines.contains(#""reported_shares":30"#), "\(lines)")
    // The year takes that word for the day: of the part in the next day's files the beginning is missing.
    let made = try report(["--calendar", "--dir", folder, "--lang", "en"])
    let page = try String(contentsOfFile: folder + "/reports/calendar.html", encoding: .utf8)
    #expect(made.status == 0 && page.contains("available 2<"), "\(made.errText)")
  }

  /// What a morning says of the day before is read though the morning's own day is known.
  @Test func theMorningOfAKnownDayIsRead() throws {
    let folder = try Tool.temporaryFolder("morning")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ window: String, _ time: Int, _ source: String, _ observation: String) throws {
      let line =
        #"{"meta":{"timestamp_ms":\#(time)},"context":{"source":"\#(source)","symbol":"DNASAAPL","market":"NAS","#
        + #""product":"overseas-stock","feed":"trades"},"observation":\#(observation)}"# + "\n"
      try line.write(toFile: "\(folder)/observer_\(window).jsonl", atomically: true, encoding: .utf8)
    }
    func trade(_ date: String) -> String {
      #"{"inputs":{"price":200.5,"trade_size":10,"volume":10,"raw":{"tymd":"\#(date)"}}}"#
    }
    // 23:00 of 2026-11-23, 24:30, and 23:00 of the next day.
    let begin = 1_795_442_400_000
    try write("20261123_2300", begin, "market", trade("20261123"))
    try write(
      "20261124_0000", begin + 5_400_000, "system",
      #"{"inputs":{},"state":{"event":"gap","reason":"ws_disconnect","gap_id":"a","final":true,"seconds":600}}"#
    )
    try write("20261124_2300", begin + 86_400_000, "market", trade("20261124"))
    #expect(try report(["2026-11-24", "--dir", folder]).status == 0)
    let made = try report(["--calendar", "--dir", folder, "--lang", "en"])
    let page = try String(contentsOfFile: folder + "/reports/calendar.html", encoding: .utf8)
    #expect(made.status == 0 && page.contains("available 1, degraded 1<"), "\(made.errText)")
    #expect(page.contains("DNASAAPL trades: not observed for 10 min 0 s"))
  }

  @Test func whatIsWrongIsSaid() throws {
    let folder = try archive()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (words, status, said) in [
      (["2026-02-30"], 64, "there is no day 2026-02-30"), (["tomorrow"], 64, "not 'tomorrow'"),
      (["2026-11-24", "2026-11-25"], 64, "one date is enough"),
      (["--calendar", "today"], 64, "takes no date"),
      (["--lang", "fr"], 64, "--lang takes ko or en"),
      (["--names", "/no/such/file"], 74, "cannot read /no/such/file"),
    ] {
      let outcome = try report(words + ["--dir", folder])
      #expect(
        outcome.status == Int32(status) && outcome.errText.contains(said), "\(words) \(outcome.errText)")
    }
    #expect(try report(["--dir", folder + "/none"]).status == 73)
    let torn = FileManager.default.contents(atPath: folder + "/observer_20261124_0000.jsonl.gz") ?? Data()
    try torn.prefix(2000).write(to: URL(fileURLWithPath: folder + "/observer_20261124_0000.jsonl.gz"))
    let outcome = try report(["2026-11-24", "--dir", folder])
    #expect(
      outcome.status == 65 && outcome.errText.contains("is corrupt") && outcome.outText.hasSuffix(".html\n"))
    let elsewhere = try Tool.temporaryFolder("elsewhere")
    try FileManager.default.removeItem(atPath: folder + "/reports")
    try FileManager.default.createSymbolicLink(atPath: folder + "/reports", withDestinationPath: elsewhere)
    #expect(try report(["2026-11-23", "--dir", folder]).status == 73)
  }
}
