/// Why a text is not the one JSON object that a line must be.
public enum LineFault: Equatable, Sendable {
  /// A byte, counted from 0, that is no UTF-8.
  case invalidUTF8(at: Int)
  /// JSON, but no object.
  case notAnObject
  /// Nested deeper than `limit`.
  case tooDeep(limit: Int)
  /// What the grammar does not allow, in a few words, and the byte at which it was seen, from 0.
  case syntax(String, at: Int)

  /// The words that operators grep for.
  public var text: String {
    switch self {
    case .invalidUTF8(let place): "invalid UTF-8 at byte \(place)"
    case .notAnObject: "not a JSON object"
    case .tooDeep(let limit): "nested deeper than \(limit)"
    case .syntax(let what, let place): "invalid JSON: \(what) at byte \(place)"
    }
  }
}
