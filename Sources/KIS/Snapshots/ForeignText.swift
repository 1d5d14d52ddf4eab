import Plumbing

/// Text that a server wrote, made fit for a log line or a gap.
enum ForeignText {
  /// Without the secrets that this process knows, and at most `length` scalars of it.
  ///
  /// It is masked before it is cut, because a part of a secret is less easily known than all of it. Scalars are counted,
  /// not characters: marks without end would make one character of megabytes.
  static func brief(_ text: String, _ length: Int) -> String {
    String(String.UnicodeScalarView(SecretMask.mask(text).unicodeScalars.prefix(length)))
  }
}
