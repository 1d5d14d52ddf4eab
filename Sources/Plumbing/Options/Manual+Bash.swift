extension Manual {
  /// A completion for bash: options, and for a value its words, files or folders.
  public var bashCompletion: String {
    let function = "_\(name.shellName)"
    var text = """
      # bash completion for \(name)(1), made by \(name) --help=bash
      \(function)() {
        local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} command='' word words=''
        COMPREPLY=()
        # --name=value comes as three words.
        if [[ $current == '=' ]]; then
          current=''
        elif [[ $option == '=' ]]; then
          option=${COMP_WORDS[COMP_CWORD - 2]}
        fi

      """
    if !commands.isEmpty {
      text += """
          for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
            case $word in \(commands.map(\.name).joined(separator: " | "))) command=$word && break ;; esac
          done

        """
    }
    text += "  case $option in\n"
    for spec in everySpec where spec.kind != nil && !spec.isValueOptional {
      text += "    --\(spec.name)) \(spec.bashAction)return ;;\n"
    }
    text += "    --help) [[ ${COMP_WORDS[COMP_CWORD - 1]} != '=' && ${COMP_WORDS[COMP_CWORD]} != '=' ]] ||\n"
    text += "      { mapfile -t COMPREPLY < <(compgen -W 'man bash zsh' -- \"$current\") && return; } ;;\n"
    text += "  esac\n"
    text += bashWords
    return text + "}\ncomplete -F \(function) \(name)\n"
  }

  /// What is offered where no option's value is expected.
  private var bashWords: String {
    guard !commands.isEmpty else {
      return "  if [[ $current == -* ]]; then\n    words='\(specs.bashNames)'\n"
        + "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n  \(operands.bashElse)fi\n"
    }
    var text = "  case $command in\n"
    text += "    '') words='\(commands.map(\.name).joined(separator: " ")) --help --version' ;;\n"
    for command in commands {
      let more = command.passesTo.map { "\" $(\($0) --help 2>/dev/null | grep -o -- '^  --[a-z-]*')\"" } ?? ""
      text += "    \(command.name)) words='\(specs(of: command).bashNames)'\(more) ;;\n"
    }
    text += "  esac\n"
    text += "  if [[ -z $command || $current == -* ]]; then\n"
    text += "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
    let takesFiles = commands.filter { $0.operands != nil }.map(\.name)
    if !takesFiles.isEmpty {
      text += "  elif [[ $command == @(\(takesFiles.joined(separator: "|"))) ]]; then\n"
      text += "    \(ValueKind.file.bashFiles)\n"
    }
    return text + "  fi\n"
  }
}

extension [OptionSpec] {
  fileprivate var bashNames: String { map { "--\($0.name)" }.joined(separator: " ") }
}

extension ValueKind? {
  /// The branch for operands.
  fileprivate var bashElse: String {
    switch self {
    case .file?, .folder?: "else\n    \(ValueKind.file.bashFiles)\n  "
    default: ""
    }
  }
}

extension ValueKind {
  fileprivate var bashFiles: String {
    let letter = self == .folder ? "d" : "f"
    return
      "compopt -o filenames 2>/dev/null || true\n      mapfile -t COMPREPLY < <(compgen -\(letter) -- \"$current\")"
  }
}

extension OptionSpec {
  /// What offers the option's values, with a blank behind it.
  fileprivate var bashAction: String {
    switch kind {
    case .list(let words)? where words.isEmpty: return "\n      \(ValueKind.file.bashFiles)\n      "
    case .choice(let words)?, .list(let words)?:
      guard !words.isEmpty else { return "" }
      return "mapfile -t COMPREPLY < <(compgen -W '\(words.joined(separator: " "))' -- \"$current\") && "
    case .file?, .folder?:
      return "\n      \(kind?.bashFiles ?? "")\n      "
    default: return ""
    }
  }
}

extension String {
  /// As a part of a shell function's name.
  public var shellName: String { String(map { $0 == "-" ? "_" : $0 }) }
}
