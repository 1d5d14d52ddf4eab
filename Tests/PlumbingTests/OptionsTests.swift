import Testing

@testable import Plumbing

/// The command line and the environment.
struct OptionsTests {
  private enum Colour: String, CaseIterable { case red, green }

  private func parse(_ words: [String], env: [String: String] = [:]) throws -> Arguments {
    try Arguments(
      words, specs: [.value("name"), .flag("fast"), .value("colour")] + OptionSpec.common,
      environment: Environment { env[$0] })
  }

  /// docker's --env-file keeps quotes, a file from Windows leaves a CR.
  @Test(arguments: [
    ("a", "a"), ("\"a b\"", "a b"), ("'a'", "a"), ("a\r", "a"), ("\"a\"\r", "a"), ("\"a", "\"a"),
    ("\"", "\""), ("\"a'", "\"a'"),
    ("\"\"", ""), ("", ""),
  ])
  func variablesAsTheyWereMeant(_ text: String, _ expected: String) {
    #expect(Environment.meant(text) == expected)
  }

  @Test func forms() throws {
    let arguments = try parse(["--name", "a", "x", "--fast", "--name=b=c", "--", "--name", "-"])
    #expect(arguments.value("name") == "b=c" && arguments.values("name") == ["a", "b=c"])
    #expect(arguments.flag("fast") && !arguments.flag("help"))
    #expect(arguments.operands == ["x", "--name", "-"])
    #expect(try parse(["-"]).operands == ["-"])
    #expect(try parse(["--name="]).value("name") == "")
    #expect(try parse(["--name", "--fast"]).value("name") == "--fast")
    #expect(try parse(["-h"]).flag("help"))
  }

  @Test func environmentStandsIn() throws {
    #expect(try parse([], env: ["NAME": "e"]).value("name", or: "NAME") == "e")
    #expect(try parse(["--name", "o"], env: ["NAME": "e"]).value("name", or: "NAME") == "o")
    #expect(try parse([], env: ["NAME": ""]).value("name", or: "NAME") == nil)
  }

  @Test func integersAndChoices() throws {
    #expect(try parse(["--name=7"]).integer("name", in: 0...9, default: 1) == 7)
    #expect(try parse([]).integer("name", in: 0...9, default: 1) == 1)
    for text in ["", "10", "-1", "7.0", "0x7", " 7", "7 ", "seven"] {
      #expect(throws: ToolFailure(.usage, "--name takes a whole number from 0 to 9, not '\(text)'")) {
        try parse(["--name", text]).integer("name", in: 0...9, default: 1)
      }
    }
    #expect(try parse(["--colour=green"]).choice("colour", default: Colour.red) == .green)
    #expect(try parse([]).choice("colour", default: Colour.red) == .red)
    #expect(throws: ToolFailure(.usage, "--colour takes one of red, green, not 'Red'")) {
      try parse(["--colour", "Red"]).choice("colour", default: Colour.red)
    }
  }

  @Test(arguments: [
    (["--nam=x"], "unknown option --nam; did you mean --name? (see --help)"),
    (["--zzzzzzzz"], "unknown option --zzzzzzzz (see --help)"),
    (["-f"], "unknown option -f (see --help)"), (["--name"], "--name needs a value"),
    (["--fast=1"], "--fast takes no value"),
    (["--=x"], "unknown option -- (see --help)"),
    (["--fats"], "unknown option --fats; did you mean --fast? (see --help)"),
  ])
  func failures(words: [String], message: String) {
    #expect(throws: ToolFailure(.usage, message)) { try parse(words) }
  }
}

/// Exit codes, as scripts know them.
@Test func exitCodes() {
  let codes: [(Plumbing.ExitStatus, Int32)] = [
    (.done, 0), (.usage, 64), (.badData, 65), (.unavailable, 69), (.cannotCreate, 73), (.ioError, 74),
    (.tryLater, 75), (.refused, 77),
    (.configuration, 78), (.signalled(15), 143),
  ]
  for (status, code) in codes { #expect(status.code == code) }
}
