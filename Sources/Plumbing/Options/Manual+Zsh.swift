extension Manual {
  /// A completion for zsh, by its `_arguments`.
  public var zshCompletion: String {
    var text = "#compdef \(name)\n# zsh completion for \(name)(1), made by \(name) --help=zsh\n"
    guard !commands.isEmpty else {
      let last: String
      switch operands {
      case .file?, .folder?: last = " \\\n  '*:file:_files'"
      default: last = ""
      }
      return text + "_arguments \(specs.zshArguments("  "))\(last)\n"
    }
    let list = commands.map { "'\($0.name):\($0.meaning.zsh)'" }.joined(separator: "\n    ")
    text += """
      local curcontext=$curcontext state line
      _arguments -C '1:command:->command' '*::argument:->rest' \(Self.last.zshArguments("  "))
      case $state in
        command)
          local -a known=(
          \(list)
          )
          _describe command known ;;
        rest)
          case $words[1] in

      """
    for command in commands {
      let files = command.operands == nil ? "" : " \\\n        '*:file:_files'"
      text +=
        "      \(command.name))\n        _arguments \(specs(of: command).zshArguments("        "))\(files) ;;\n"
    }
    return text + "    esac ;;\nesac\n"
  }

  private static let last = [helpOption.spec, versionOption.spec]
}

extension [OptionSpec] {
  fileprivate func zshArguments(_ indent: String) -> String {
    map { "\\\n\(indent)'\($0.zshArgument)'" }.joined(separator: " ")
  }
}

extension OptionSpec {
  /// `*--feed=[what it does]:FEED:(trades book)`.
  fileprivate var zshArgument: String {
    let start = "\(isRepeatable ? "*" : "")--\(name)"
    guard let kind else { return "\(start)[\(meaning.zsh)]" }
    if isValueOptional, case .choice(let words) = kind {
      return "\(start)=-[\(meaning.zsh)]::page:(\(words.joined(separator: " ")))"
    }
    let action: String
    switch kind {
    case .choice(let words): action = "(\(words.joined(separator: " ")))"
    case .list(let words):
      action = words.isEmpty ? "_files" : "_sequence compadd - \(words.joined(separator: " "))"
    case .file: action = "_files"
    case .folder: action = "_files -/"
    default: action = " "
    }
    return "\(start)=[\(meaning.zsh)]:\(word.zsh):\(action)"
  }
}

extension String {
  /// Inside single quotes, where colons and brackets would mean something.
  fileprivate var zsh: String {
    var text = ""
    for letter in self {
      if "[]:\\".contains(letter) { text += "\\" }
      text += letter == "'" ? "'\\''" : String(letter)
    }
    return text
  }
}
