/// Why a stage or the pipeline ended, where a machine has to know: what puts it right depends on it.
///
/// A life file (`.run/<stage>.pid` by `MetricsFile`, `.run/observer.pid` and `.run/pipeline.lock` by `scripts/observer`)
/// is held locked while its process lives. Its first line is `pid N` then, and afterwards
///
///     status N [CAUSE [SUBJECT]]
///
/// with the exit status, one of the words below, and a name from the tables below: nothing that a peer, a
/// file or a person wrote. Everybody may read it, and no advice is made of anything else. What a person reads besides, a
/// stage's last words, stands in `.run/<stage>.words`, which only its owner may read, for a server may have written
/// half of it. The script's own last words, which no server has a part in, are the second line of `.run/observer.pid`.
/// A program that ends before it has a life file leaves both lines in the file that `OBSERVER_LAST_WORDS` names.
public enum FailureCause: Equatable, Sendable {
  /// There is no watchlist at that place.
  case watchlistMissing
  /// The watchlist cannot be read.
  case watchlistUnreadable
  /// The watchlist names no symbol.
  case watchlistEmpty
  /// There are no app key and secret.
  case credentialsMissing
  /// The file of the credentials can be read or written by others.
  case credentialsExposed
  /// The file of the credentials belongs to another user.
  case credentialsForeign
  /// The folder of the token cache can be written by others, or belongs to another user.
  case tokenCacheExposed
  /// Nothing says where the archive is.
  case noRoot
  /// The configuration cannot be used.
  case configuration
  /// The time of `--until` has passed already: there was nothing to do.
  case untilPassed
  /// A folder cannot be used, and a variable leads to another.
  case folder(FolderVariable)

  /// Variables that name a folder which the program writes into.
  public enum FolderVariable: String, CaseIterable, Sendable {
    case logs = "OBSERVER_LOG_DIR"
    case temporary = "TMPDIR"
    case tokens = "KIS_TOKEN_CACHE_DIR"
  }

  private static let plain: [(String, FailureCause)] = [
    ("watchlist-missing", .watchlistMissing), ("watchlist-unreadable", .watchlistUnreadable),
    ("watchlist-empty", .watchlistEmpty), ("credentials-missing", .credentialsMissing),
    ("credentials-exposed", .credentialsExposed), ("credentials-foreign", .credentialsForeign),
    ("token-cache-exposed", .tokenCacheExposed), ("no-root", .noRoot), ("configuration", .configuration),
    ("until-passed", .untilPassed),
  ]

  /// Every cause.
  public static let all: [FailureCause] = plain.map(\.1) + FolderVariable.allCases.map { .folder($0) }

  /// As the life file has it: `watchlist-empty`, `folder TMPDIR`.
  public var words: String {
    if case .folder(let variable) = self { return "folder \(variable.rawValue)" }
    return Self.plain.first { $0.1 == self }?.0 ?? ""
  }

  /// Reads what stands behind the status; nil for anything else than a known cause.
  public init?(words: some Collection<Substring>) {
    let text = words.joined(separator: " ")
    guard let cause = Self.all.first(where: { $0.words == text }) else { return nil }
    self = cause
  }
}
