import Glibc

/// The descriptors that a process is started with.
public enum StandardStream: Int32, CaseIterable, Sendable {
  case input = 0
  case output = 1
  case errors = 2

  /// `standard input`, as messages say it.
  public var name: String {
    switch self {
    case .input: "standard input"
    case .output: "standard output"
    case .errors: "standard error"
    }
  }

  /// The first of `streams` that leads to a file; nil: none does.
  public static func leading(
    toInode inode: UInt64, device: UInt64, among streams: [StandardStream] = allCases
  ) -> StandardStream? {
    streams.first { stream in
      var own = stat()
      return fstat(stream.rawValue, &own) == 0 && UInt64(own.st_ino) == inode && UInt64(own.st_dev) == device
    }
  }
}
