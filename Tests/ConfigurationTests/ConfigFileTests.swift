import Configuration
import Foundation
import Plumbing
import TestSupport
import Testing

private func read(_ text: String) throws -> ConfigFile {
  try ConfigFile(path: "f.json", bytes: Array(text.utf8))
}

private func settings(
  _ words: [String] = [], env: [String: String] = [:], file: String? = nil
) throws -> Settings {
  var words = words
  if let file {
    let path = try Tool.temporaryFolder("config") + "/c.json"
    try file.write(toFile: path, atomically: true, encoding: .utf8)
    words += ["--config", path]
  }
  let options: [any CommandOption] = [
    Settings.configOption, Settings.directoryOption, ConfigKey.sync, ConfigKey.fetchFeeds,
    ConfigKey.fullTimeout,
  ]
  let arguments = try Arguments(words, specs: options.map(\.spec), environment: Environment { env[$0] })
  return try Settings(arguments, executable: nil, workingDirectory: nil)
}

/// The shipped file is the documentation of the defaults: it has to say every key, with the value built in.
@Test func shippedFileHasEveryKeyAtItsDefault() throws {
  let path = Tool.repository.appendingPathComponent("config/deployment_config.json").path
  let file = try ConfigFile(path: path)
  #expect(file.warnings.isEmpty)
  #expect(file.environment.isEmpty)
  let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
  let root = try #require(object as? [String: Any])
  for key in ConfigKey.all {
    var value: Any? = root
    for part in key.name.split(separator: ".") { value = (value as? [String: Any])?[String(part)] }
    #expect(value != nil, "\(key.name) is missing")
    #expect(file.values[key.name] == key.standard, "\(key.name)")
  }
  #expect(root["environment"] != nil)
}

@Test func namesAreUnique() {
  #expect(Set(ConfigKey.all.map(\.name)).count == ConfigKey.all.count)
}

struct BrokenFile: Sendable, CustomTestStringConvertible {
  let text: String
  let message: String
  var testDescription: String { text }
}

@Test(arguments: [
  BrokenFile(text: "{\"mode\": }", message: "f.json:1:10: expected a value"),
  BrokenFile(text: "{\n  \"mode\": \"A\",\n}", message: "f.json:3:1: expected a member name"),
  BrokenFile(text: "{\"mode\":\"한국\" x}", message: "f.json:1:14: expected ',' or '}'"),
  BrokenFile(text: "[]", message: "f.json:1:1: the configuration is one JSON object"),
  BrokenFile(text: "", message: "f.json:1:1: unexpected end"),
  BrokenFile(text: "{\"mode\":1}", message: "f.json:1:2: mode must be a string"),
  BrokenFile(
    text: "{\"rotation\":\n{\"window_ms\":\"1h\"}}",
    message: "f.json:2:2: rotation.window_ms must be a whole number from 1000 to 86400000"),
  BrokenFile(
    text: "{\"rotation\":{\"window_ms\":10}}",
    message: "f.json:1:14: rotation.window_ms must be a whole number from 1000 to 86400000"),
  BrokenFile(
    text: "{\"rotation\":{\"enabled\":1}}", message: "f.json:1:14: rotation.enabled must be true or false"),
  BrokenFile(
    text: "{\"sink\":{\"sync\":\"often\"}}",
    message: "f.json:1:10: sink.sync must be one of interval, each, none"),
  BrokenFile(
    text: "{\"fetch\":{\"feeds\":\"trades\"}}",
    message:
      "f.json:1:11: fetch.feeds must be a list of price, multi, trades, book, expected, status, members, program, nav"
  ),
  BrokenFile(text: "{\"fetch\":7}", message: "f.json:1:2: fetch must be an object"),
  BrokenFile(text: "{\"environment\":[]}", message: "f.json:1:16: environment must be an object"),
  BrokenFile(text: "{\"environment\":{\"A\":{}}}", message: "f.json:1:17: environment.A must be a string"),
  BrokenFile(
    text: "{\"environment\":{\"A B\":\"\"}}", message: "f.json:1:17: 'A B' is not a variable's name"),
])
func brokenFile(_ item: BrokenFile) {
  #expect(throws: ToolFailure(.configuration, item.message)) { try read(item.text) }
}

@Test func unknownKeysWarnAndDoNoHarm() throws {
  let file = try read("{\"mdoe\":\"A\",\n\"sink\":{\"snyc\":1},\"mode\":\"B\"}")
  #expect(file.values == ["mode": "B"])
  #expect(
    file.warnings == [
      "f.json:1:2: unknown key mdoe is ignored", "f.json:2:9: unknown key sink.snyc is ignored",
    ])
}

@Test func nullIsAbsent() throws {
  let file = try read("{\"mode\":null,\"fetch\":null,\"environment\":null}")
  #expect(file.values.isEmpty)
}

@Test func missingNamedFileIsAnError() {
  #expect(throws: ToolFailure.self) { try settings(["--config", "/nonexistent/c.json"]) }
}

@Test func precedence() throws {
  let file =
    "{\"log\":{\"level\":\"debug\"},\"sink\":{\"sync\":\"each\"},\"environment\":{\"OBSERVER_MODE\":\"A\"},\"mode\":\"B\"}"
  let all = try settings(["--sync", "none"], env: ["OBSERVER_LOG_LEVEL": "error"], file: file)
  #expect(try all.text(.sync) == Setting("none", .option("sync")))
  #expect(try all.text(.logLevel) == Setting("error", .variable("OBSERVER_LOG_LEVEL")))
  #expect(try all.text(.mode).value == "A")
  let set = try settings(env: ["OBSERVER_MODE": "C"], file: file)
  #expect(try set.text(.mode) == Setting("C", .variable("OBSERVER_MODE")))
  #expect(try set.text(.sync).value == "each")
  #expect(try set.text(.rotationBy) == Setting("clock", .standard))
  #expect(try set.number(.fullTimeout) == Setting(nil, .standard))
}

@Test func listsComeFromRepeatedOptions() throws {
  let given = try settings(["--feed", "trades", "--feed=book,multi"])
  #expect(try given.list(.fetchFeeds).value == ["trades", "book", "multi"])
  #expect(try settings(file: "{\"fetch\":{\"feeds\":[\"price\"]}}").list(.fetchFeeds).value == ["price"])
}

@Test func badOptionAndBadVariableAreNamed() throws {
  #expect(throws: ToolFailure(.usage, "--sync takes one of interval, each, none, not 'often'")) {
    try settings(["--sync", "often"])
  }
  let variable = try settings(env: ["OBSERVER_LOG_FORMAT": "xml"])
  #expect(
    throws: ToolFailure(.configuration, "OBSERVER_LOG_FORMAT must be one of text, json, not 'xml'")
  ) {
    try variable.text(.logFormat)
  }
}

@Test(arguments: [
  ("KIS_APP_KEY", true), ("KIS_APP_SECRET", true), ("my_token", true), ("X_PASSWORD", true),
  ("OBSERVER_MODE", false), ("KEYBOARD", false),
])
func secretNames(name: String, secret: Bool) { #expect(SecretNames.isSecret(name) == secret) }
