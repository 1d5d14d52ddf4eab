import Testing

@testable import Plumbing

/// The command line and the environment.
struct OptionsTests {
  private enum Colour: String, CaseIterable { case red, green }
  private static let name = Plumbing.Option.text("name", "NAME", variable: "NAME", "a name")
  private static let names = Plumbing.Option.texts("names", "NAME", "names")
  private static let fast = Plumbing.Option.flag("fast", "hurry")
  private static let digit = Plumbing.Option.integer("digit", "N", in: 0...9, default: 1, "a digit")
  private static let share = Plumbing.Option<Double?>.number("share", "X", in: 0.5...1, "a part")
  private static let colour = Plumbing.Option.choice("colour", default: Colour.red, "a colour")
  private static let clock = Plumbing.Option.form(
    "clock", "HH:MM", "HH:MM", "a time", read: { KST.minutes(clock: $0) })
  private static let options: [any CommandOption] = [name, names, fast, digit, share, colour, clock]

  private func parse(_ words: [String], env: [String: String] = [:]) throws -> Arguments {
    try Arguments(
      words, specs: Self.options.map(\.spec) + [Manual.helpOption.spec], environment: Environment { env[$0] })
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
    let arguments = try parse(["--names", "a", "x", "--fast", "--names=b=c", "--", "--name", "-"])
    #expect(arguments[Self.names] == ["a", "b=c"] && arguments[Self.name] == nil)
    #expect(arguments[Self.fast] && !arguments.has(Manual.helpOption))
    #expect(arguments.operands == ["x", "--name", "-"])
    #expect(try parse(["-"]).operands == ["-"])
    #expect(try parse(["--name="])[Self.name] == "")
    #expect(try parse(["--name", "--fast"])[Self.name] == "--fast")
    #expect(try parse(["-h"]).has(Manual.helpOption))
    let man = try parse(["--help=man", "bash"])
    #expect(man[Manual.helpOption] == .man && man.operands == ["bash"])
  }

  @Test func environmentStandsIn() throws {
    #expect(try parse([], env: ["NAME": "e"]).textOrVariable(Self.name) == "e")
    #expect(try parse(["--name", "o"], env: ["NAME": "e"]).textOrVariable(Self.name) == "o")
    #expect(try parse([], env: ["NAME": ""]).textOrVariable(Self.name) == nil)
  }

  @Test func valuesHaveTypes() throws {
    #expect(try parse(["--digit=7"])[Self.digit] == 7)
    #expect(try parse([])[Self.digit] == 1)
    #expect(try parse(["--share=.75"])[Self.share] == 0.75)
    #expect(try parse([])[Self.share] == nil)
    #expect(try parse(["--colour=green"])[Self.colour] == .green)
    #expect(try parse(["--colour=Green"])[Self.colour] == .green)
    #expect(try parse([])[Self.colour] == .red)
    #expect(try parse(["--clock=9:30"])[Self.clock] == 570)
  }

  /// What a value must be stands in its definition, and is checked before a tool sees it.
  @Test func wrongValues() throws {
    let wrong = ["", "10", "-1", "7.0", "0x7", " 7", "7 ", "seven"].map {
      ("--digit", $0, "a whole number from 0 to 9")
    }
    let more = [
      ("--share", "0.4", "a number from 0.5 to 1"), ("--share", "nan", "a number from 0.5 to 1"),
      ("--colour", "blue", "one of red, green"), ("--clock", "25:00", "HH:MM"),
      ("--help", "html", "one of man, bash, zsh"),
    ]
    for (name, text, expectation) in wrong + more {
      #expect(throws: ToolFailure(.usage, "\(name) takes \(expectation), not '\(text)'")) {
        try parse(["\(name)=\(text)"])
      }
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
