/// What this build is.
public enum Version {
  /// The release, as `--version` prints it.
  public static let number = "1.0.0"
}
