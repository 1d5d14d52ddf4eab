import JSONBytes
import Synchronization

/// The one place that knows every secret of this process, and takes them out of whatever leaves it.
///
/// Whoever learns a secret registers it: `ToolMain` those of the environment, the configuration those of its file, the
/// exchange's client key, secret, tokens and approval keys. Log lines, last words and labels of metrics are masked on
/// their way out; a snapshot's or a recording's text that the exchange wrote is masked by its writer, with `append`.
public enum SecretMask {
  /// What stands where a secret stood.
  public static let replacement = "********"

  /// Secrets that are kept at once: tokens and approval keys come for weeks. The first ones stay.
  private static let limit = 256, first = 16

  private struct State {
    var known: [String] = []
    var added = 0
    var patterns = SecretPatterns()

    /// Patterns are made when they are first needed: most processes write no line before their last.
    mutating func prepare() {
      while added < known.count {
        patterns.add(Array(known[added].utf8))
        added += 1
      }
    }
  }

  private static let state = Mutex(State())
  private static let isOn = Atomic<Bool>(false)

  /// Remembers `secret`. One of fewer than 8 bytes is not looked for: it would be found everywhere.
  public static func register(_ secret: String) {
    guard secret.utf8.count >= SecretPatterns.shortest else { return }
    state.withLock { state in
      guard !state.known.contains(secret) else { return }
      if state.known.count == limit {
        state.known.remove(at: first)
        state.patterns = SecretPatterns()
        state.added = 0
      }
      state.known.append(secret)
    }
    isOn.store(true, ordering: .relaxed)
  }

  /// Remembers the value of a variable if its name says that it is a secret, and it is no path to a file of one.
  public static func register(_ value: String, variable name: String) {
    guard SecretNames.isSecret(name), SecretNames.ours.contains(name) || !value.hasPrefix("/") else { return }
    register(value)
  }

  /// `text` with every secret, every part of 12 signs of one, and every escaped or encoded one replaced.
  public static func mask(_ text: String) -> String {
    guard isOn.load(ordering: .relaxed) else { return text }
    var text = text
    return text.withUTF8 { bytes in
      let ranges = ranges(in: bytes)
      guard !ranges.isEmpty else { return nil as String? }
      var masked = ByteBuffer(capacity: bytes.count)
      append(bytes, without: ranges, to: &masked)
      return masked.text
    } ?? text
  }

  /// Appends `text`, masked. In a JSON text the replacement keeps strings strings.
  public static func append(_ text: UnsafeBufferPointer<UInt8>, to output: inout ByteBuffer) {
    append(text, without: isOn.load(ordering: .relaxed) ? ranges(in: text) : [], to: &output)
  }

  /// Whether `text` surely holds no secret. True only of printable ASCII without spaces and the signs that begin an escape
  /// (`\`, `%`, `&`); another one may hold none either.
  public static func isClean(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    state.withLock { state in
      state.prepare()
      return state.patterns.isClean(text)
    }
  }

  private static func ranges(in text: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    state.withLock { state in
      state.prepare()
      return state.patterns.ranges(in: text)
    }
  }

  private static func append(
    _ text: UnsafeBufferPointer<UInt8>, without ranges: [Range<Int>], to output: inout ByteBuffer
  ) {
    var done = 0
    for range in ranges {
      output.append(UnsafeBufferPointer(rebasing: text[done..<range.lowerBound]))
      output.append(text: replacement)
      done = range.upperBound
    }
    output.append(UnsafeBufferPointer(rebasing: text[done...]))
  }
}

/// Names of variables that hold secrets.
public enum SecretNames {
  /// Those that this project reads.
  static let ours = ["KIS_APP_KEY", "KIS_APP_SECRET", "REAL_APP_KEY", "REAL_APP_SECRET"]
  private static let endings = ["KEY", "SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL", "CREDENTIALS"]

  /// Whether a variable of this name holds a secret.
  public static func isSecret(_ name: String) -> Bool {
    let upper = name.uppercasedASCII
    return endings.contains { upper.hasSuffix($0) }
  }
}
