import Glibc

/// A folder beside the data that grows until something rotates it: the stages' logs, their rejects.
public struct SideFolder: Equatable, Sendable {
  /// Where it is.
  public var path: String
  /// What its files take on the disk, bytes.
  public var bytes: Int
  /// The size of that disk, bytes.
  public var diskBytes: Int

  /// A folder of a size.
  public init(path: String, bytes: Int, diskBytes: Int) {
    self.path = path
    self.bytes = bytes
    self.diskBytes = diskBytes
  }

  /// Files that are looked at; rotation leaves some dozens.
  private static let mostFiles = 10_000

  /// Looks at the files of a folder; nil when it does not exist or this user may not see it.
  static func look(_ path: String) -> SideFolder? {
    guard let entries = opendir(path) else { return nil }
    defer { closedir(entries) }
    var found = SideFolder(path: path, bytes: 0, diskBytes: 0)
    var status = stat()
    for _ in 0..<mostFiles {
      guard let entry = readdir(entries) else { break }
      let isLooked = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          fstatat(dirfd(entries), $0, &status, AT_SYMLINK_NOFOLLOW) == 0
        }
      }
      guard isLooked, status.st_mode & S_IFMT == S_IFREG else { continue }
      found.bytes += Int(clamping: status.st_blocks) << 9
    }
    var disk = statvfs()
    if statvfs(path, &disk) == 0 {
      found.diskBytes = Int(clamping: UInt64(disk.f_blocks).times(UInt64(disk.f_frsize)))
    }
    return found
  }
}

/// Whether logs and rejects are kept small: a warning, long before the disk is full.
extension HealthRules {
  /// Bytes that are too much on any disk; on a small one its twentieth part is, but never less than 64 MiB.
  static func mostBeside(_ diskBytes: Int) -> Int { min(1 << 30, max(64 << 20, diskBytes / 20)) }

  static let logs: Rule = { facts in
    beside("logs", facts, facts.logFolder, "the stages' logs in", "로그 폴더")
  }

  static let rejects: Rule = { facts in
    beside("rejects", facts, facts.rejectsFolder, "the refused lines in", "거부된 줄 폴더")
  }

  private static func beside(
    _ name: String, _ facts: HealthFacts, _ folder: SideFolder?, _ what: String, _ korean: String
  ) -> [HealthCheck] {
    guard let folder else { return [.unknown(name, "its folder does not exist", "그런 폴더가 없습니다")] }
    let limit = mostBeside(folder.diskBytes)
    let held = size(folder.bytes)
    guard folder.bytes > limit else {
      return [.good(name, "\(held) in \(folder.path)", "\(folder.path) 에 \(held)")]
    }
    return [
      .warning(
        name, "\(what) \(folder.path) take \(held), more than \(size(limit)): does nothing rotate them?",
        "\(korean) \(folder.path) 가 \(held) 로 \(size(limit)) 를 넘었습니다: 로그 회전이 설정되어 있습니까?",
        fix: rotate(facts, folder))
    ]
  }

  /// Makes a configuration for this archive, and for its logs where they are elsewhere, and rotates at once.
  private static func rotate(_ facts: HealthFacts, _ folder: SideFolder) -> String {
    let logs = facts.logFolder?.path ?? ""
    guard let delivered = facts.rotation, let directory = facts.directory,
      !(directory + logs).contains(where: { "|&\"\\\n".contains($0) })
    else { return "ls -lhS \(quoted(folder.path))  # config/logrotate.conf says how such files are rotated" }
    let isInside = logs.isEmpty || logs == directory + "/.run/log"
    let own = quoted(directory + "/.run/logrotate.conf")
    let state = quoted(directory + "/.run/logrotate.state")
    let change = quoted("s|\(deliveredPlace)|\(directory)|")
    let first = isInside ? "" : "-e \(quoted("s|\(deliveredPlace)/.run/log|\(logs)|")) -e "
    return "sed \(first)\(change) \(quoted(delivered)) >\(own) && logrotate -f -s \(state) \(own)"
      + "  # and the second command, without -f, into cron"
  }

  /// The archive of config/logrotate.conf, as it is delivered.
  private static let deliveredPlace = "/var/lib/observer/config/observer"
}
