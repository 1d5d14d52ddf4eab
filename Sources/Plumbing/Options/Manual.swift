/// What a program says of itself. `--help`, the manual page and the shells' completions are made from it, and its
/// options are those that are parsed.
public struct Manual: Sendable {
  /// The program's name.
  public let name: String
  /// How it is called: its name, or a command of another program.
  public let invocation: String
  /// What it is, as a manual page's first line ends: lower case, no full stop.
  public let summary: String
  /// What stands behind the name in each usage line.
  public let usage: [String]
  /// What it does, in a few lines.
  public let about: String
  /// Its sub-commands; empty: it has none.
  public let commands: [Command]
  /// What its operands are; nil: it takes none.
  public let operands: ValueKind?
  /// Options besides `--help` and `--version`.
  public let groups: [OptionGroup]
  /// Sections of the manual page alone.
  public let sections: [Section]
  /// Exit codes and what they mean here.
  public let statuses: [(ExitStatus, String)]
  /// Exit statuses that are no single code.
  public let otherStatus: String
  /// A few words and a command line to copy.
  public let example: (note: String, command: String)

  /// Options under a heading.
  public struct OptionGroup: Sendable {
    /// The heading, one word.
    public let title: String
    /// The options, in the order of help.
    public let specs: [OptionSpec]

    /// Makes a group.
    public init(_ title: String, _ options: [any CommandOption]) {
      self.title = title
      specs = options.map(\.spec)
    }
  }

  /// A sub-command.
  public struct Command: Sendable {
    /// Its name.
    public let name: String
    /// What it does, in one line.
    public let meaning: String
    /// What else the manual page says.
    public let detail: String
    /// The options that it takes.
    public let options: [OptionSpec]
    /// The program that its other options are handed to.
    public let passesTo: String?
    /// What its operands are; nil: it takes none.
    public let operands: ValueKind?

    /// Makes a sub-command.
    public init(
      _ name: String, _ meaning: String, detail: String = "", options: [any CommandOption],
      passesTo: String? = nil, operands: ValueKind? = nil
    ) {
      self.name = name
      self.meaning = meaning
      self.detail = detail
      self.options = options.map(\.spec)
      self.passesTo = passesTo
      self.operands = operands
    }
  }

  /// A section of the manual page.
  public struct Section: Sendable {
    /// Its heading in capitals.
    public let title: String
    /// Its paragraphs; one that begins with two spaces is shown as it stands.
    public let paragraphs: [String]

    /// Makes a section.
    public init(_ title: String, _ paragraphs: [String]) {
      self.title = title
      self.paragraphs = paragraphs
    }
  }

  /// Makes a manual.
  public init(
    _ name: String, _ summary: String, usage: [String], about: String, commands: [Command] = [],
    operands: ValueKind? = nil, groups: [OptionGroup], sections: [Section] = [],
    statuses: [(ExitStatus, String)], otherStatus: String = "", example: (note: String, command: String),
    invocation: String? = nil
  ) {
    self.name = name
    self.invocation = invocation ?? name
    self.summary = summary
    self.usage = usage
    self.about = about
    self.commands = commands
    self.operands = operands
    self.groups = groups
    self.sections = sections
    self.statuses = statuses
    self.otherStatus = otherStatus
    self.example = example
  }

  /// The pages that `--help` can print.
  enum Page: String, CaseIterable {
    case man, bash, zsh
  }

  /// `--help`, alone or with the page that is asked for.
  static let helpOption = Option<Page?>(
    spec: OptionSpec(
      "help", .choice(Page.allCases.map(\.rawValue)), isValueOptional: true, "this help, or a page from it",
      detail: "With a word: this manual page (roff), or the completion for that shell.")
  ) { $0.last.flatMap { Page(rawValue: $0) } }
  /// `--version`.
  static let versionOption = Option.flag("version", "print the version")

  /// Every option that is parsed.
  public var specs: [OptionSpec] { allGroups.flatMap(\.specs) }

  /// The groups, and at their end what every program has.
  var allGroups: [OptionGroup] {
    let last = [Self.helpOption.spec, Self.versionOption.spec]
    guard let end = groups.last else { return [OptionGroup("", last)] }
    return groups.dropLast() + [OptionGroup(end.title, end.specs + last)]
  }

  /// What a command takes.
  public func specs(of command: Command) -> [OptionSpec] {
    command.options + [Self.helpOption.spec, Self.versionOption.spec]
  }

  /// The program's options and those of its commands, each once.
  var everySpec: [OptionSpec] {
    var seen: Set<String> = []
    return (specs + commands.flatMap(\.options)).filter { seen.insert($0.name).inserted }
  }

  /// Refuses options that the command does not take.
  ///
  /// - Throws: `ToolFailure`, status usage, naming the first.
  public func refuseOptions(_ arguments: Arguments, of name: String?) throws(ToolFailure) {
    guard let command = commands.first(where: { $0.name == name }) else { return }
    let taken = command.options.map(\.name)
    for option in arguments.names where !taken.contains(option) {
      throw ToolFailure(.usage, "\(command.name) does not take --\(option) (see --help)")
    }
  }

  /// The page called so; without a name help. Nil: there is no such page.
  public func page(named name: String?) -> String? {
    guard let name else { return help }
    return Page(rawValue: name).map { text($0) }
  }

  /// The text of a page.
  func text(_ page: Page?) -> String {
    switch page {
    case nil: help
    case .man: manualPage
    case .bash: bashCompletion
    case .zsh: zshCompletion
    }
  }
}
