import Glibc

/// What a stage says at its end, for later readers: see `FailureCause` for the form of the files.
enum LastWords {
  /// Bytes that are kept of a message.
  private static let limit = 1000

  /// The first line of a life file.
  static func status(_ status: ExitStatus, _ cause: FailureCause?) -> String {
    "status \(status.code)\(cause.map { " " + $0.words } ?? "")\n"
  }

  /// One line without secrets, and without what drives a terminal.
  static func line(_ message: String) -> String {
    String(SecretMask.mask(message).printable.prefix(limit)) + "\n"
  }

  /// A program that has no life file yet leaves its words where `OBSERVER_LAST_WORDS` says.
  static func leave(_ status: ExitStatus, _ failure: ToolFailure?, _ environment: Environment = .process) {
    guard let path = environment["OBSERVER_LAST_WORDS"], status != .done,
      let descriptor = try? System.openRegular(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
    else { return }
    defer { close(descriptor) }
    var text = self.status(status, failure?.cause) + line(failure?.message ?? "")
    _ = text.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
  }
}
