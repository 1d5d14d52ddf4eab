import Plumbing

/// From facts to verdicts, link by link, in the order in which a snapshot passes them. Pure.
enum HealthRules {
  /// A rule judges one link or a few that belong together.
  typealias Rule = @Sendable (HealthFacts) -> [HealthCheck]

  /// Every rule, in the order of the chain.
  static let all: [Rule] = [
    variable, config, calendar, folder, space, logs, rejects, pipeline, credentials, archiveLock, stages,
    clock, watchlist,
    token,
    requests, keys,
    socket,
    subscriptions, frames, completeness, snapshots, validation, guarding, records, sink, file, growth, age,
    compression, volume, port,
  ]

  /// Room that an archive should have, bytes.
  static let leastRoom = 16 << 20

  // MARK: - Where the archive is

  static let variable: Rule = { facts in
    let name = "variable"
    let export = "export QTS_OBSERVER_STANDALONE=1"
    if facts.standalone == "1" {
      return [.good(name, "QTS_OBSERVER_STANDALONE=1", "QTS_OBSERVER_STANDALONE=1")]
    }
    if facts.misnamed != nil {
      return [
        .broken(
          name, "OBSERVER_STANDALONE is set, but the variable's name is QTS_OBSERVER_STANDALONE",
          "OBSERVER_STANDALONE 이라는 이름은 인정하지 않습니다. QTS_OBSERVER_STANDALONE 이 맞는 이름입니다",
          fix: "unset OBSERVER_STANDALONE; \(export)")
      ]
    }
    if let value = facts.standalone, value != "0" {
      return [
        .broken(
          name, "QTS_OBSERVER_STANDALONE=\(value) means nothing: only 1 turns it on",
          "QTS_OBSERVER_STANDALONE 값은 1 이어야 합니다 (지금 \(value))", fix: export)
      ]
    }
    guard facts.directoryFailure == nil || facts.configFailure != nil else {
      return [
        .broken(
          name, "QTS_OBSERVER_STANDALONE is not set, and nothing else says where the archive is",
          "QTS_OBSERVER_STANDALONE 이 설정되지 않아 아카이브 위치를 알 수 없습니다", fix: export)
      ]
    }
    return [
      .good(
        name, "QTS_OBSERVER_STANDALONE is not set; the archive's place is known without it",
        "QTS_OBSERVER_STANDALONE 없이도 아카이브 위치를 알 수 있습니다")
    ]
  }

  static let config: Rule = { facts in
    if let failure = facts.configFailure {
      return [
        .broken(
          "config", failure, "설정 파일을 읽을 수 없습니다: \(failure)",
          fix: "\(facts.health) config  # mend the file at the line that is named")
      ]
    }
    return [
      .good("config", facts.configFile ?? "no file: built-in defaults", facts.configFile ?? "파일 없음: 내장 기본값")
    ]
  }

  static let folder: Rule = { facts in
    guard let directory = facts.directory else {
      // The variable's or the configuration's trouble has been told already.
      guard facts.standalone == "1", facts.configFailure == nil, let failure = facts.directoryFailure else {
        return ["folder", "writable"].map { .placeless($0) }
      }
      return [
        .broken(
          "folder", failure, "아카이브 위치를 알 수 없습니다: 실행 파일 위쪽에 config/ 폴더가 없습니다",
          fix: "export OBSERVER_CONFIG_DIR=...  # the folder that is to hold observer/, the archive"),
        .folderless("writable"),
      ]
    }
    if let trouble = facts.folder.trouble {
      return [lacking(directory, trouble), .folderless("writable")]
    }
    // A read-only viewer, such as a health service, cannot judge: the pipeline that has run there writes, or says that
    // it cannot.
    let isViewer = facts.folder.isReadOnlyHere || facts.folder.owner != nil
    let isUsed = facts.pipeline.isKnown || facts.stage("jsonl-sink").isRunning
    if !facts.folder.isWritable && isViewer && isUsed {
      let (why, korean) =
        facts.folder.isReadOnlyHere
        ? ("mounted read-only here", "여기서는 읽기 전용으로 마운트됨") : ("not by this user", "이 사용자는 쓰지 않음")
      return [
        .good("folder", directory, directory),
        .good("writable", "\(why); that is for the pipeline, which has run", "\(korean). 쓰기는 실행된 파이프라인이 합니다"),
      ]
    }
    if facts.folder.isWritable, let hidden = facts.folder.unwritable, !facts.stage("jsonl-sink").isRunning {
      return [
        .good("folder", directory, directory),
        .broken(
          "writable", "this user cannot write in \(hidden.path): it belongs to \(hidden.owner)",
          "이 사용자는 \(hidden.path) 에 쓸 수 없습니다 (소유자 \(hidden.owner))",
          fix: "sudo chown -R \"$(id -u)\" \(quoted(hidden.path))"),
      ]
    }
    guard facts.folder.isWritable else {
      // Files that another user's pipeline wrote stay that user's; only root's folder counts as unused.
      let path = quoted(directory)
      let fix =
        switch facts.folder.owner {
        case nil where facts.folder.isReadOnlyHere: "sudo mount -o remount,rw \"$(stat -c %m \(path))\""
        case nil: "chmod u+rwx \(path)"
        case "root"? where !facts.pipeline.isKnown: "sudo chown \"$(id -u)\" \(path)"
        default: facts.asOwner("doctor") ?? ""
        }
      let (whose, korean) =
        switch facts.folder.owner {
        case let owner?: (": it belongs to \(owner)", " (소유자 \(owner))")
        case nil where facts.folder.isReadOnlyHere:
          (": its file system is mounted read-only", " (읽기 전용 마운트)")
        case nil: ("", "")
        }
      return [
        .good("folder", directory, directory),
        .broken(
          "writable", "this user cannot write in \(directory)\(whose)",
          "이 사용자는 \(directory) 에 쓸 수 없습니다\(korean)", fix: fix),
      ]
    }
    return [
      .good("folder", directory, directory),
      .good("writable", "this user can make files there", "이 사용자가 파일을 만들 수 있습니다"),
    ]
  }

  private static func lacking(_ directory: String, _ trouble: FolderFacts.Trouble) -> HealthCheck {
    let path = quoted(directory)
    return switch trouble {
    case .missing:
      .broken(
        "folder", "the archive's folder \(directory) is not there",
        "아카이브 폴더 \(directory) 가 없습니다 (볼륨 마운트를 확인하십시오)",
        fix: "mkdir -p \(path)  # is the volume mounted?")
    case .isFile:
      .broken(
        "folder", "\(directory) is not a folder", "\(directory) 는 폴더가 아닙니다",
        fix: "mv \(path) \(path).aside && mkdir \(path)")
    case .brokenLink:
      .broken(
        "folder", "\(directory) is a symbolic link to nothing", "\(directory) 링크가 가리키는 곳이 없습니다",
        fix: "readlink \(path)  # is the volume that it leads to mounted?")
    case .hidden:
      .broken(
        "folder", "this user may not look into \(directory)", "이 사용자는 \(directory) 를 볼 수 없습니다",
        fix: "namei -l \(path)  # run this as the archive's owner, or let this user in")
    }
  }

  static let space: Rule = { facts in
    guard let directory = facts.directory, facts.folder.exists else {
      return ["space", "inodes"].map { .folderless($0) }
    }
    let room = facts.folder.freeBytes
    var checks: [HealthCheck] = [.good("space", "\(size(room)) free", "여유 \(size(room))")]
    if room < leastRoom {
      checks = [
        .broken(
          "space", "the disk is full: \(size(room)) free for \(directory)",
          "디스크가 가득 찼습니다: \(directory) 에 \(size(room)) 남음", fix: "df -h \(quoted(directory))  # then make room"
        )
      ]
    }
    guard let inodes = facts.folder.freeInodes else {
      return checks + [.good("inodes", "not counted here", "여기서는 세지 않습니다")]
    }
    return checks + [
      inodes >= 16
        ? .good("inodes", "\(inodes) free", "여유 \(inodes)개")
        : .broken(
          "inodes", "the disk is nearly out of inodes: \(inodes) free", "inode 가 \(inodes)개만 남았습니다",
          fix: "df -i \(quoted(directory))  # then remove small files")
    ]
  }

  static let port: Rule = { facts in
    guard let (number, answer) = facts.port else { return [] }
    switch answer {
    case .ours:
      return [
        .good("port", "observer-health answers on port \(number)", "포트 \(number) 에서 observer-health 가 응답합니다")
      ]
    case .free:
      return [
        .good(
          "port", "port \(number) is free: no health page (observer-health serve)",
          "포트 \(number) 이 비어 있습니다: 상태 페이지 없음 (observer-health serve)")
      ]
    case .silent:
      return [
        .broken(
          "port", "port \(number) is held by a process that does not answer (a hung observer-health?)",
          "포트 \(number) 을 잡은 프로그램이 응답하지 않습니다 (observer-health 가 멈췄습니까?)",
          fix: "ss -ltnp 'sport = :\(number)'  # end that process, then start observer-health serve again")
      ]
    case .other:
      return [
        .broken(
          "port", "port \(number) is taken by another program", "포트 \(number) 을 다른 프로그램이 쓰고 있습니다",
          fix: "ss -ltnp 'sport = :\(number)'  # stop that program, or give serve another --listen")
      ]
    }
  }

  // MARK: - Words

  /// A word for the shell, whatever letters it has.
  static func quoted(_ text: String) -> String {
    guard text == text.printable else {
      let bytes = text.utf8.map { byte in
        let isPlain = byte >= 0x20 && byte < 0x7F && byte != 0x27 && byte != 0x5C
        return isPlain
          ? String(decoding: [byte], as: UTF8.self) : "\\x" + String(Int(byte) + 256, radix: 16).dropFirst()
      }
      return "$'" + bytes.joined() + "'"
    }
    let isPlain = text.utf8.allSatisfy { byte in
      (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x2B && byte <= 0x3A) || byte == 0x5F
    }
    return isPlain
      ? text
      : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  /// Bytes for a person.
  static func size(_ bytes: Int) -> String {
    for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes >= 1 << shift {
      let tenths = bytes / (1 << (shift - 3)) * 10 / 8
      return tenths < 1000 ? "\(tenths / 10).\(tenths % 10) \(unit)" : "\(tenths / 10) \(unit)"
    }
    return "\(bytes) bytes"
  }
}
