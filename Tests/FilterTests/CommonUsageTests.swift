import Foundation
import TestSupport
import Testing

/// Command lines that are wrong: 64, one line `tool: message`, nothing read.
struct CommonUsageTests {
  static let wrong: [([String], String)] = [
    (["--bogus"], "unknown option --bogus (see --help)"),
    (["--emitt", "all"], "unknown option --emitt; did you mean --emit? (see --help)"),
    (["--reject=x"], "unknown option --reject; did you mean --rejects? (see --help)"),
    (["-x"], "unknown option -x (see --help)"),
    (["--"], ""),
    (["--emit"], "--emit needs a value"),
    (["--emit", "some"], "--emit takes one of pass, blocked, all, not 'some'"),
    (["--emit="], "--emit takes one of pass, blocked, all, not ''"),
    (["--unwrap=yes"], "--unwrap takes no value"),
    (["--max-line", "63"], "--max-line takes a whole number from 64 to 1073741824, not '63'"),
    (
      ["--max-line", "1073741825"], "--max-line takes a whole number from 64 to 1073741824, not '1073741825'"
    ),
    (["--max-line", "16M"], "--max-line takes a whole number from 64 to 1073741824, not '16M'"),
    (
      ["--max-line", "99999999999999999999"],
      "--max-line takes a whole number from 64 to 1073741824, not '99999999999999999999'"
    ),
    (["--grace", "-1"], "--grace takes a whole number from 0 to 86400, not '-1'"),
    (["--log-level", "loud"], "--log-level takes one of debug, info, warning, error, not 'loud'"),
    (["--log-format", "xml"], "--log-format takes one of text, json, not 'xml'"),
    (["--bo\ngus\u{1B}[2J"], #"unknown option --bo\ngus\x1b[2J (see --help)"#),
  ]

  /// The input stays open: a tool that read it would wait for ever.
  @Test(arguments: filters)
  func isRefusedBeforeReading(tool: String) throws {
    for (arguments, message) in Self.wrong where !message.isEmpty {
      let outcome = try Tool.start(tool, arguments).wait(timeout: 20)
      #expect(outcome.status == 64, "\(arguments)")
      #expect(outcome.errText == "\(tool): \(message)\n")
      #expect(outcome.out.isEmpty)
    }
  }

  @Test(arguments: filters)
  func endOfOptionsAlone(tool: String) throws {
    #expect(try Tool.run(tool, ["--"], text: Sample.good).lines.count == 1)
    #expect(
      try Tool.run(tool, ["--emit=blocked", "--emit", "pass", "--"], text: Sample.good).lines.count == 1)
  }

  @Test(arguments: [
    ("snap-validate", "--require-validation"), ("snap-enrich", "--plain"), ("snap-guard", "--clock"),
  ])
  func optionsOfTheOthers(tool: String, option: String) throws {
    let outcome = try Tool.run(tool, [option])
    #expect(outcome.status == 64 && outcome.errText.hasPrefix("\(tool): unknown option \(option)"))
  }

  @Test func environmentIsCheckedToo() throws {
    let outcome = try Tool.run("snap-guard", text: "", env: ["OBSERVER_LOG_LEVEL": "loud"])
    #expect(outcome.status == 64)
    #expect(outcome.errText.hasPrefix("snap-guard: OBSERVER_LOG_LEVEL takes one of"))
    #expect(try Tool.run("snap-guard", ["--log-level=info"], env: ["OBSERVER_LOG_LEVEL": "loud"]).status == 0)
  }

  @Test func logLines() throws {
    let text = try Tool.run("snap-validate", text: "{").errText
    let form = #/20\d\d-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \| (WARNING|INFO) \| snap-validate \| .+/#
    #expect(text.split(separator: "\n").count == 2)
    #expect(text.split(separator: "\n").allSatisfy { $0.wholeMatch(of: form) != nil })
    let json = try Tool.run("snap-validate", ["--log-format", "json"], text: "{").errText
    for line in json.split(separator: "\n") {
      let entry = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
      #expect(Set(entry.keys) == ["time", "level", "stage", "message"])
    }
    #expect(try Tool.run("snap-validate", ["--log-level", "error"], text: "{").err.isEmpty)
    #expect(try Tool.run("snap-validate", text: "{", env: ["OBSERVER_LOG_LEVEL": "error"]).err.isEmpty)
  }

  /// A flood of equal warnings is summed up; at debug every one is written.
  @Test func floodOfRejects() throws {
    let input = String(repeating: "{\n", count: 5000)
    let errors = try Tool.run("snap-validate", text: input).errText.split(separator: "\n")
    #expect(errors.count == 3)
    #expect(errors[1].hasSuffix("and 4999 more since the last such line"))
    let all = try Tool.run("snap-validate", ["--log-level", "debug"], text: input).errText
    #expect(all.split(separator: "\n").count == 5001)
  }
}
