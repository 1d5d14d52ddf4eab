import Foundation
import TestSupport
import Testing

/// The rules that say where the archive is, each asked of the real sink in real folders.
@Suite struct RootRules {
  /// Resolved, because the sink resolves its own place.
  let base: String

  init() throws {
    let folder = try Tool.temporaryFolder("roots")
    base = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
  }

  private func make(_ folders: String...) throws {
    for folder in folders {
      try FileManager.default.createDirectory(atPath: base + "/" + folder, withIntermediateDirectories: true)
    }
  }

  private func write(_ text: String, _ path: String) throws {
    try text.write(toFile: base + "/" + path, atomically: true, encoding: .utf8)
  }

  private func install(_ path: String) throws -> String {
    // A program of its own copies: a descriptor open for writing that some other test's child inherited would
    // make the copy "busy".
    #expect(try Tool.run("cp", [Tool.path("jsonl-sink"), base + "/" + path]).status == 0)
    return base + "/" + path
  }

  private func place(
    _ sink: String = "jsonl-sink", _ options: [String] = [], env: [String: String] = [:], in folder: String
  ) throws -> Outcome {
    try Tool.run(sink, ["--print-dir"] + options, env: env, in: base + "/" + folder)
  }

  @Test func standaloneFollowsTheExecutableNotTheWorkingDirectory() throws {
    try make("app/bin", "app/config", "elsewhere/.git", "elsewhere/config")
    let sink = try install("app/bin/jsonl-sink")
    let found = try place(sink, env: ["QTS_OBSERVER_STANDALONE": "1"], in: "elsewhere")
    #expect(found.outText == base + "/app/config/observer\n")
    #expect(found.status == 0)
  }

  @Test func standaloneResolvesSymbolicLinks() throws {
    try make("app/bin", "app/config", "links/config")
    let sink = try install("app/bin/jsonl-sink")
    try FileManager.default.createSymbolicLink(atPath: base + "/links/sink", withDestinationPath: sink)
    let found = try place(base + "/links/sink", env: ["QTS_OBSERVER_STANDALONE": "1"], in: "links")
    #expect(found.outText == base + "/app/config/observer\n")
  }

  @Test func standaloneTakesTheNearestConfig() throws {
    try make("a/config", "a/b/config", "a/b/.build/x/release")
    let sink = try install("a/b/.build/x/release/jsonl-sink")
    let found = try place(sink, env: ["QTS_OBSERVER_STANDALONE": "1"], in: "a")
    #expect(found.outText == base + "/a/b/config/observer\n")
  }

  @Test func standaloneWorksWithAnEmptyEnvironment() throws {
    try make("app/bin", "app/config")
    let sink = try install("app/bin/jsonl-sink")
    let found = try Tool.run(
      "env", ["-i", "QTS_OBSERVER_STANDALONE=1", sink, "--quiet"], text: "{\"a\":1}\n", in: "/")
    #expect(found.status == 0)
    #expect(
      try String(contentsOfFile: base + "/app/config/observer/observer.jsonl", encoding: .utf8)
        == "{\"a\":1}\n")
  }

  @Test(arguments: [".git", "Package.swift", "pyproject.toml"])
  func projectMarkAboveTheWorkingDirectory(_ mark: String) throws {
    try make("project/deep/er")
    try write("", "project/" + mark)
    let found = try place(in: "project/deep/er")
    #expect(found.outText == base + "/project/config/observer\n")
  }

  @Test func srcAndTestsTogetherMarkAProject() throws {
    try make("one/src", "both/src", "both/tests", "both/src/inner")
    #expect(try place(in: "both/src/inner").outText == base + "/both/config/observer\n")
    #expect(try place(in: "one/src").status == 78)
  }

  @Test func nearestProjectWins() throws {
    try make("outer/.git", "outer/inner/.git", "outer/inner/x")
    #expect(try place(in: "outer/inner/x").outText == base + "/outer/inner/config/observer\n")
  }

  @Test func missingFoldersAreMade() throws {
    try make("project/.git")
    let run = try Tool.run("jsonl-sink", ["--quiet"], text: "{}\n", in: base + "/project")
    #expect(run.status == 0)
    #expect(FileManager.default.fileExists(atPath: base + "/project/config/observer/observer.jsonl"))
  }

  @Test func configDirVariableBeatsFileAndRoot() throws {
    try make("project/.git", "project/config", "volume")
    try write("{\"paths\":{\"config_dir\":\"other\"}}", "project/config/deployment_config.json")
    let found = try place(env: ["OBSERVER_CONFIG_DIR": base + "/volume/"], in: "project")
    #expect(found.outText == base + "/volume/observer\n")
  }

  @Test func configDirOfTheFileIsRelativeToTheRoot() throws {
    try make("project/.git", "project/config", "project/deep")
    try write("{\"paths\":{\"config_dir\":\"data/cfg\"}}", "project/config/deployment_config.json")
    #expect(try place(in: "project/deep").outText == base + "/project/data/cfg/observer\n")
    try write("{\"paths\":{\"config_dir\":\"/mnt/cfg\"}}", "project/config/deployment_config.json")
    #expect(try place(in: "project/deep").outText == "/mnt/cfg/observer\n")
  }

  @Test func dirOptionBeatsEverything() throws {
    try make("project/.git", "here")
    let found = try place(
      "jsonl-sink", ["--dir", "x"], env: ["OBSERVER_CONFIG_DIR": base + "/volume"], in: "project")
    #expect(found.outText == base + "/project/x\n")
  }

  @Test func configFileByOptionAndByVariable() throws {
    try make("nowhere")
    try write("{\"paths\":{\"config_dir\":\"/by/option\"}}", "option.json")
    try write("{\"paths\":{\"config_dir\":\"/by/variable\"}}", "variable.json")
    let env = ["OBSERVER_CONFIG_FILE": base + "/variable.json"]
    #expect(try place(env: env, in: "nowhere").outText == "/by/variable/observer\n")
    let both = try place("jsonl-sink", ["--config", base + "/option.json"], env: env, in: "nowhere")
    #expect(both.outText == "/by/option/observer\n")
  }

  @Test func environmentSectionStandsIn() throws {
    try make("nowhere")
    try write("{\"environment\":{\"OBSERVER_CONFIG_DIR\":\"/stand/in\"}}", "file.json")
    let options = ["--config", base + "/file.json"]
    #expect(try place("jsonl-sink", options, in: "nowhere").outText == "/stand/in/observer\n")
    let set = try place("jsonl-sink", options, env: ["OBSERVER_CONFIG_DIR": "/set"], in: "nowhere")
    #expect(set.outText == "/set/observer\n")
  }

  @Test func misnamedVariableIsNotHonouredAndNamed() throws {
    try make("app/bin", "app/config", "project/.git")
    let sink = try install("app/bin/jsonl-sink")
    let found = try place(sink, env: ["OBSERVER_STANDALONE": "1"], in: "project")
    #expect(found.outText == base + "/project/config/observer\n")
    #expect(found.errText.contains("| WARNING | jsonl-sink | OBSERVER_STANDALONE is not honoured"))
    #expect(found.errText.contains("QTS_OBSERVER_STANDALONE"))
  }

  @Test func dataDirNeverReceivesTheArchive() throws {
    try make("project/.git", "data")
    let found = try Tool.run(
      "jsonl-sink", ["--quiet"], text: "{}\n", env: ["OBSERVER_DATA_DIR": base + "/data"],
      in: base + "/project")
    #expect(found.status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: base + "/data").isEmpty)
  }

  @Test(arguments: [nil, "1"]) func noRootNamesTheThreeWaysOut(_ standalone: String?) throws {
    try make("nowhere/bin")
    let sink = try install("nowhere/bin/jsonl-sink")
    let found = try place(sink, env: standalone.map { ["QTS_OBSERVER_STANDALONE": $0] } ?? [:], in: "nowhere")
    #expect(found.status == 78)
    for way in ["--dir", "OBSERVER_CONFIG_DIR", "QTS_OBSERVER_STANDALONE=1"] {
      #expect(found.errText.contains(way))
    }
    #expect(found.errText.split(separator: "\n").count == 1)
  }

  /// What is set already is no way out.
  @Test(arguments: [true, false]) func theWaysOutAreWaysOut(isStandalone: Bool) throws {
    try make("bin", "place")
    let sink = try install("bin/jsonl-sink")
    let env = isStandalone ? ["QTS_OBSERVER_STANDALONE": "1"] : [:]
    let lost = try place(sink, env: env, in: "place")
    #expect(lost.status == 78 && lost.errText.contains("name it with --dir"), "\(lost.errText)")
    #expect(lost.errText.contains("set QTS_OBSERVER_STANDALONE=1 to use") == !isStandalone, "\(lost.errText)")
    #expect(lost.errText.contains("unset QTS_OBSERVER_STANDALONE to use") == isStandalone, "\(lost.errText)")
  }
}
