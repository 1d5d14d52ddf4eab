/// A text that must not be shown: printing, interpolating or dumping it gives `<redacted>`.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let text: String

  /// Wraps `text`.
  public init(_ text: String) { self.text = text }

  /// The text itself, for the one place that sends it.
  public func reveal() -> String { text }

  /// Has the text masked in whatever this process writes, however it gets there.
  public func hide() { SecretMask.register(text) }

  /// `<redacted>`.
  public var description: String { "<redacted>" }
  /// `<redacted>`.
  public var debugDescription: String { "<redacted>" }
  /// Nothing to see.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
