import Archive
import Glibc
import Plumbing

/// Windows that are over and not compressed yet.
public struct ClosedWindows: Equatable, Sendable {
  /// How many there are.
  public var count = 0
  /// When the one was last written to that waits longest.
  public var oldest: Milliseconds = .max
  /// Whether one of them is being compressed by the pipeline just now.
  public var isWorkedOn = false

  /// None.
  public init() {}

  /// Looks into an archive's folder: all windows but the newest are over.
  static func look(_ directory: String, _ baseName: String) -> ClosedWindows {
    var found = ClosedWindows()
    guard let layout = try? ArchiveLayout(directory: directory, baseName: baseName),
      let folder = opendir(directory)
    else { return found }
    defer { closedir(folder) }
    var newest = ""
    var plain: [(stamp: String, name: String)] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard let parsed = layout.parse(name), case .window(let stamp) = parsed.content else { continue }
      newest = max(newest, stamp)
      if parsed.form == .plain { plain.append((stamp, name)) }
    }
    for window in plain where window.stamp < newest {
      var status = stat()
      guard lstat(directory + "/" + window.name, &status) == 0, status.st_mode & S_IFMT == S_IFREG
      else { continue }
      found.count += 1
      found.oldest = min(found.oldest, Timestamp.clamping(status.st_mtim))
    }
    found.isWorkedOn = isHeld(directory + "/.run/compress.lock")
    return found
  }

  /// Whether a process holds the lock of `path`: scripts/observer-compress does while it works.
  private static func isHeld(_ path: String) -> Bool {
    guard let descriptor = try? System.openRegular(path, O_RDONLY) else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}

extension HealthRules {
  /// A window that waits longer is behind, unless it is worked on: the largest one takes some hours.
  static let longestWait: (idle: Milliseconds, busy: Milliseconds) = (.minutes(10), .hours(6))

  /// Whether closed windows are compressed as they should be. Nothing where the pipeline does not run, or does not tell.
  static let compression: Rule = { facts in
    guard facts.pipeline.isRunning, let isOn = facts.pipeline.compresses else { return [] }
    guard isOn else {
      return [.good("compression", "off: closed windows stay as they are", "꺼짐: 닫힌 창을 그대로 둡니다")]
    }
    let windows = facts.closedWindows
    let waited = windows.count > 0 ? facts.wall - max(windows.oldest, facts.pipeline.changed) : .zero
    guard waited > (windows.isWorkedOn ? longestWait.busy : longestWait.idle) else {
      return [
        .good(
          "compression", "closed windows that wait for it: \(windows.count)",
          "압축을 기다리는 닫힌 창 \(windows.count)개")
      ]
    }
    let minutes = waited.wholeSeconds / 60
    return [
      .warning(
        "compression", "closed windows not compressed after \(minutes) minutes: \(windows.count)",
        "닫힌 창 \(windows.count)개가 \(minutes)분이 지나도 압축되지 않았습니다",
        fix: "\(facts.observer("seal --compress"))  # says what is in the way")
    ]
  }
}
