import Plumbing

/// What KIS knows a user by. Nothing in it can be printed by accident.
public struct Credentials: Equatable, Sendable {
  /// The app key (36 characters today).
  public let appKey: Secret
  /// The app secret (180 characters today).
  public let appSecret: Secret

  /// Makes credentials from two texts that were checked, and has them masked wherever this process writes.
  public init(appKey: Secret, appSecret: Secret) {
    self.appKey = appKey
    self.appSecret = appSecret
    appKey.hide()
    appSecret.hide()
  }

  /// Names of files that belong to this key at this service: no part of the key can be read from it.
  public func fingerprint(environment: ServiceEnvironment, restURL: String) -> String {
    environment.rawValue + "-" + Digest.hexadecimal(appKey.reveal() + "\n" + restURL)
  }

  static let keyNames = ["KIS_APP_KEY", "REAL_APP_KEY"]
  static let secretNames = ["KIS_APP_SECRET", "REAL_APP_SECRET"]

  /// The credentials of `file` when one is named, else those of the environment.
  ///
  /// - Throws: `ToolFailure` with status refused, in one line that names what is missing or wrong.
  public static func find(file: CredentialsFile?, environment: Environment) throws(ToolFailure) -> Credentials
  {
    if let file { return try make(place: file.path) { file[$0] } }
    return try make(place: "the environment") { environment[$0] }
  }

  private static func make(
    place: String, _ value: (String) -> String?
  ) throws(ToolFailure) -> Credentials {
    let key = keyNames.lazy.compactMap(value).first
    let secret = secretNames.lazy.compactMap(value).first
    guard let key, let secret else {
      let missing =
        key == nil ? secret == nil ? "KIS_APP_KEY and KIS_APP_SECRET" : "KIS_APP_KEY" : "KIS_APP_SECRET"
      throw ToolFailure(
        .refused,
        "credentials missing: \(missing) not found in \(place); set KIS_APP_KEY and KIS_APP_SECRET"
          + " (or REAL_APP_KEY and REAL_APP_SECRET), or give --credentials FILE", cause: .credentialsMissing)
    }
    for (name, text) in [("app key", key), ("app secret", secret)] where !isPlausible(text) {
      throw ToolFailure(
        .refused, "the \(name) in \(place) is not 1 to 512 printable ASCII characters without spaces")
    }
    return Credentials(appKey: Secret(key), appSecret: Secret(secret))
  }

  /// Both travel in HTTP headers: no space, no line end, nothing beyond ASCII.
  private static func isPlausible(_ text: String) -> Bool {
    (1...512).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}
