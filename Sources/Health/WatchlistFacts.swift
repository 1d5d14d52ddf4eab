import Market
import Plumbing

/// What kis-fetch named beside its metrics (`.run/kis-fetch.symbols`): the first lines of the watchlist that it ignored,
/// and symbols that KIS does not know or refuses. Empty for a user without read access.
public struct WatchlistFacts: Equatable, Sendable {
  /// A line that was ignored.
  public struct Ignored: Equatable, Sendable {
    /// Its number, from 1.
    public let line: Int
    /// Why, as kis-fetch put it.
    public let why: String
  }

  /// Lines that name nothing that can be watched.
  public private(set) var ignored: [Ignored] = []
  /// The first of those that are watched: `005930 삼성전자`, `005930 (NXT)`.
  public private(set) var watched: [String] = []
  /// Symbols without data on every feed: `005930`, `005930 (NXT)`.
  public private(set) var unknown: [String] = []
  /// Symbols that are refused on one feed: `005930 (trades)`.
  public private(set) var refused: [String] = []

  /// Nothing is named.
  public init() {}

  /// Reads the notes. Lines of another form are passed over.
  public init(_ text: String) {
    var names: [String: String] = [:]
    for line in text.split(separator: "\n").prefix(200) {
      let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
      guard words.count >= 3 else { continue }
      switch words[0] {
      case "ignored":
        guard let number = Int(words[1]), number > 0 else { continue }
        ignored.append(Ignored(line: number, why: String(words[2].prefix(200)).printable))
      case "named":
        let rest = words[2].split(separator: " ", maxSplits: 1)
        guard rest.count == 2, let key = Self.name(words[1], rest[0]) else { continue }
        names[key] = String(rest[1].prefix(40)).printable
      case "watched":
        guard let name = Self.name(words[1], words[2]) else { continue }
        watched.append(names[name].map { "\(name) \($0)" } ?? name)
      case "unknown":
        guard let name = Self.name(words[1], words[2]) else { continue }
        unknown.append(names[name].map { "\(name) \($0)" } ?? name)
      case "refused":
        let rest = words[2].split(separator: " ")
        guard rest.count == 2, Self.isWord(rest[1]), let key = Self.name(words[1], rest[0]) else { continue }
        let symbol = names[key].map { "\(words[1]) \($0)" } ?? String(words[1])
        refused.append(
          rest[0] == Venue.krx.rawValue ? "\(symbol) (\(rest[1]))" : "\(symbol) (\(rest[0]) \(rest[1]))")
      default: continue
      }
    }
  }

  /// `line 3: "A005930" is not a symbol …; line 7: …`; `total` is how many there are.
  func lines(of total: Int) -> String {
    ignored.prefix(3).map { "line \($0.line): \($0.why)" }.joined(separator: "; ")
      + (total > min(ignored.count, 3) && !ignored.isEmpty ? "; …" : "")
  }

  /// `3, 7`: the numbers of the first lines; `total` is how many there are.
  func numbers(of total: Int) -> String { Self.list(ignored.map { String($0.line) }, of: total) }

  /// `005930, 000660, …`: the first of `total`.
  static func list(_ names: [String], of total: Int) -> String {
    names.prefix(10).joined(separator: ", ") + (total > min(names.count, 10) ? ", …" : "")
  }

  private static func name(_ symbol: Substring, _ venue: Substring) -> String? {
    guard isWord(symbol), let known = Venue(rawValue: String(venue)) else { return nil }
    return known == .krx ? String(symbol) : "\(symbol) (\(venue))"
  }

  private static func isWord(_ text: Substring) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
    // Tickers abroad have points and strokes.
    return (1...16).contains(text.utf8.count) && text.utf8.first.map(isLetter) == true
      && text.utf8.allSatisfy { isLetter($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/") }
  }
}
