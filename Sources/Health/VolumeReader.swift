import Configuration
import Glibc
import Plumbing

/// What the archive lies on, by how long that lasts.
public enum VolumeFacts: Equatable, Sendable {
  /// A disk, or something that this program takes for one.
  case lasting
  /// Memory: gone with the host's next start, or with the container.
  case memory(String)
  /// The layer that a container writes into: gone with the container.
  case layer(String)
  /// A volume that a container engine made without a name: the next container gets another.
  case nameless
}

/// Finds the mount that a folder is on.
enum VolumeReader {
  /// What `directory` lies on.
  static func look(_ directory: String) -> VolumeFacts {
    guard let real = realpath(directory, nil) else { return .lasting }
    defer { free(real) }
    return kind(of: String(cString: real), mounts: SmallFile.text("/proc/self/mountinfo") ?? "")
  }

  /// Whether this program runs in a container: as the image says, or by what the engines leave.
  static func isContainer(_ environment: Environment) -> Bool {
    environment["OBSERVER_STARTED_BY"] == "container" || environment["container"] != nil
      || environment["KUBERNETES_SERVICE_HOST"] != nil
      || ["/.dockerenv", "/run/.containerenv"].contains { (path: String) in access(path, F_OK) == 0 }
  }

  /// The same of a text like /proc/self/mountinfo: `36 35 98:0 /root /mount/point options - type source …`.
  static func kind(of path: String, mounts: String) -> VolumeFacts {
    var best: (point: String, root: String, type: String)?
    for line in mounts.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 6, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else { continue }
      let point = unescaped(words[4])
      guard point == "/" || path == point || path.hasPrefix(point + "/") else { continue }
      // Of two mounts on one point the later covers the earlier.
      if point.utf8.count >= best?.point.utf8.count ?? 0 {
        best = (point, unescaped(words[3]), String(words[dash + 1]))
      }
    }
    guard let best else { return .lasting }
    switch best.type {
    case "tmpfs", "ramfs": return .memory(best.type)
    case "overlay", "aufs", "fuse.fuse-overlayfs": return .layer(best.type)
    default:
      return best.root.firstMatch(of: /\/volumes\/[0-9a-f]{64}\/_data/) == nil ? .lasting : .nameless
    }
  }

  /// `\040` is a space.
  private static func unescaped(_ word: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(word.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == 0x5C, digits.count == 3, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x37 }) {
        bytes.append(UInt8(truncatingIfNeeded: digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }))
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Whether the archive outlives what it was made in.
extension HealthRules {
  /// The variable that says that the archive may be lost.
  static let acceptance = "OBSERVER_EPHEMERAL"

  static let volume: Rule = { facts in
    let name = "volume"
    guard let directory = facts.directory, facts.folder.exists else {
      return [.folderless(name)]
    }
    let (what, korean): (String, String)
    switch facts.folder.volume {
    case .lasting: return [.good(name, "on a disk", "디스크에 있습니다")]
    case .memory(let type): (what, korean) = ("in memory (\(type))", "메모리(\(type))")
    case .layer(let type): (what, korean) = ("on the container's own layer (\(type))", "컨테이너 내부 계층(\(type))")
    case .nameless: (what, korean) = ("on a volume without a name", "이름 없는 볼륨")
    }
    if facts.isLossAccepted {
      return [
        .good(
          name, "\(what): that may be lost, says \(acceptance)=1", "\(korean): \(acceptance)=1 이므로 사라져도 됩니다")
      ]
    }
    guard facts.isContainer else {
      return [
        .warning(
          name, "the archive is \(what): it is empty when this host starts again",
          "아카이브가 \(korean)에 있어 이 서버가 다시 시작되면 사라집니다",
          fix: "export OBSERVER_CONFIG_DIR=...  # a folder on a disk; or accept it: \(acceptance)=1")
      ]
    }
    let folder = directory.split(separator: "/").dropLast().joined(separator: "/")
    return [
      .broken(
        name, "the archive is \(what): it is lost with the container",
        "아카이브가 \(korean)에 있어 컨테이너와 함께 사라집니다",
        fix:
          "docker compose -p observer up -d  # with a volume on \(quoted("/" + folder)); or accept it: \(acceptance)=1"
      )
    ]
  }
}
