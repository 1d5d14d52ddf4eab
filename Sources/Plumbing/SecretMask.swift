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

  /// Of those that come with every registration the last ones are kept, of each so many bytes at most.
  private static let passing = 32, longestPassing = 128

  private struct State {
    var known: [String] = []
    var added = 0
    var passing: [String] = []
    var addedPassing = 0
    var patterns = SecretPatterns()

    /// Begins anew, without what is no longer known.
    mutating func restart() { (added, addedPassing, patterns) = (0, 0, SecretPatterns()) }

    /// Patterns are made when they are first needed: most processes write no line before their last.
    mutating func prepare() {
      while added < known.count {
        patterns.add(Array(known[added].utf8))
        added += 1
      }
      while addedPassing < passing.count {
        patterns.add(Array(passing[addedPassing].utf8), encoded: false)
        addedPassing += 1
      }
    }
  }

  private static let state = Mutex(State())
  private static let isOn = Atomic<Bool>(false)
  private static let isWide = Atomic<Bool>(false)

  /// Remembers `secret`. One of fewer than 8 bytes is not looked for: it would be found everywhere.
  public static func register(_ secret: String) {
    guard secret.utf8.count >= SecretPatterns.shortest else { return }
    state.withLock { state in
      guard !state.known.contains(secret) else { return }
      if state.known.count == limit {
        state.known.remove(at: first)
        state.restart()
      }
      state.known.append(secret)
    }
    turnOn(secret)
  }

  /// Remembers `secret` until some dozens of its kind have come after it. It never displaces one of the others.
  public static func register(passing secret: String) {
    guard secret.utf8.count >= SecretPatterns.shortest else { return }
    let secret = String(decoding: secret.utf8.prefix(longestPassing), as: UTF8.self)
    state.withLock { state in
      guard !state.passing.contains(secret), !state.known.contains(secret) else { return }
      if state.passing.count == passing {
        // Half of them at once: patterns are made anew for all that stay.
        state.passing.removeFirst(passing / 2)
        state.restart()
      }
      state.passing.append(secret)
    }
    turnOn(secret, encoded: false)
  }

  private static func turnOn(_ secret: String, encoded isEncoded: Bool = true) {
    let isWritten = secret.utf8.contains { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }
    // Without a letter in its hexadecimal form.
    let isHexNumber = secret.utf8.allSatisfy { $0 & 15 < 10 }
    if !isWritten || isEncoded && isHexNumber || secret.utf8.contains(0x5E) {
      isWide.store(true, ordering: .relaxed)
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

  /// `text`, masked; nil where it holds no secret. Plain text without one costs no copy, and nothing where no secret is
  /// known.
  public static func masked(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    knowsAny ? search(text) : nil
  }

  /// Whether a secret was registered.
  public static var knowsAny: Bool { isOn.load(ordering: .relaxed) }
  /// Whether one of them has a form without letters, or a `^`: it can stand in data that is all numbers.
  public static var seeksNumbers: Bool { isWide.load(ordering: .relaxed) }

  @inline(never)
  private static func search(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    if isClean(text) { return nil }
    let ranges = ranges(in: text)
    guard !ranges.isEmpty else { return nil }
    var masked = ByteBuffer(capacity: text.count)
    append(text, without: ranges, to: &masked)
    return masked.bytes.elementsEqual(text) ? nil : Array(masked.bytes)
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
