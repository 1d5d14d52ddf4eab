import JSONBytes
import Market
import Plumbing

/// What one watchlist line asks for.
public enum WatchlistEntry: Equatable, Sendable {
  /// Nothing: blank or a comment.
  case nothing
  /// Watch this.
  case add(Instrument)
  /// Stop watching this.
  case remove(Instrument)
}

/// Why a line was not understood.
public enum WatchlistFault: Error, Equatable, Sendable {
  /// Not the form of a symbol.
  case noSymbol(String)
  /// Broken JSON; the offset is in bytes.
  case invalidJSON(String, offset: Int)
  /// Several on one line.
  case array
  /// Two bytes a letter, as some spreadsheets write text.
  case utf16
  /// An object without a `symbol` that is a string.
  case nothingNamed
  /// A venue that is not known.
  case unknownMarket
  /// A product that is not known, or not watched yet.
  case unknownProduct
  /// An `op` that is not known.
  case unknownOperation

  /// A few words for the log, with the way out.
  public var what: String {
    switch self {
    case .noSymbol(let text): "\(text.quoted(limit: 40)) is not a symbol (\(Self.advice(text)))"
    case .invalidJSON(let what, let offset): "invalid JSON: \(what) at byte \(offset)"
    case .array: "a JSON array: give one symbol or one object a line"
    case .utf16: "the list is in UTF-16: save it as UTF-8"
    case .nothingNamed: "no \"symbol\" string"
    case .unknownMarket: "\"market\" must be KRX, NXT or UN"
    case .unknownProduct: "\"product\" must be stock, etf, etn or elw: nothing else is watched yet"
    case .unknownOperation: "\"op\" must be add or remove"
    }
  }

  /// What people's lists have in place of a symbol.
  private static func advice(_ text: String) -> String {
    if Instrument.isSymbol(text.uppercased()) { return "letters of symbols are capitals" }
    if text.count == 7, text.hasPrefix("A"), Instrument.isSymbol(String(text.dropFirst())) {
      return "leave the A away: \(text.dropFirst())"
    }
    if (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return "zeros were lost: \(String(repeating: "0", count: 6 - text.utf8.count))\(text)?"
    }
    let word = text.prefix { $0 != "," && $0 != "\t" && $0 != ";" && $0 != " " }
    if word.count < text.count, Instrument.isSymbol(String(word)) {
      return "one symbol a line, and # before a comment"
    }
    return "six capital letters or digits, or Q and six"
  }
}

/// One line of a watchlist: `005930`, `{"symbol":"069500","product":"etf","name":"KODEX 200","market":"KRX"}`,
/// `{"symbol":"005930","op":"remove"}`; `#` starts a comment. A byte order mark before it, as editors and
/// spreadsheets write it, is passed over.
public enum WatchlistLine {
  /// Reads one line, without its LF. `venue` stands in where the line names no market.
  public static func parse(_ line: [UInt8], venue: Venue) throws(WatchlistFault) -> WatchlistEntry {
    var text = line[...]
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    let body = trimmed(text)
    guard let first = body.first else { return .nothing }
    switch first {
    case UInt8(ascii: "#"): return .nothing
    case UInt8(ascii: "{"): return try object(Array(body), venue)
    case UInt8(ascii: "["): throw .array
    default: break
    }
    let word = trimmed(body.prefix { $0 != UInt8(ascii: "#") })
    // Latin text in UTF-16 has a zero in each second byte.
    if word.contains(0) { throw .utf16 }
    return .add(Instrument(try symbol(String(decoding: word, as: UTF8.self)), venue))
  }

  private static func object(_ text: [UInt8], _ standIn: Venue) throws(WatchlistFault) -> WatchlistEntry {
    let value: JSONValue
    do { value = try JSONValue.parse(text) } catch {
      throw .invalidJSON("\(error.what)", offset: error.offset)
    }
    guard let name = value["symbol"]?.string else { throw .nothingNamed }
    var listing: Listing?
    if let product = value["product"], !product.isNull {
      guard let known = product.string.flatMap(Listing.init(product:)) else { throw .unknownProduct }
      // An ETN is one whatever it is called; the rest looks alike.
      if known != .stock { listing = known }
    }
    var venue = standIn
    if let market = value["market"], !market.isNull {
      guard let known = market.string.flatMap(Venue.init(rawValue:)) else { throw .unknownMarket }
      venue = known
    }
    let instrument = Instrument(try symbol(name), venue, listing: listing)
    guard let op = value["op"], !op.isNull else { return .add(instrument) }
    switch op.string {
    case "add": return .add(instrument)
    case "remove": return .remove(instrument)
    default: throw .unknownOperation
    }
  }

  private static func symbol(_ text: String) throws(WatchlistFault) -> String {
    // The advice is about what a person wrote, and that is short.
    guard Instrument.isSymbol(text) else { throw .noSymbol(String(text.prefix(64))) }
    return text
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    let rest = bytes.drop(while: isSpace)
    guard let last = rest.lastIndex(where: { !isSpace($0) }) else { return [] }
    return rest[...last]
  }
}

/// Cuts a stream of bytes into lines, with a limit on their length.
public struct WatchlistReader: Sendable {
  /// One line, or the fact that one was too long and was skipped.
  public enum Line: Equatable, Sendable {
    /// The bytes without LF.
    case text([UInt8])
    /// Longer than the limit.
    case tooLong
  }

  private let limit: Int
  private var partial: [UInt8] = []
  private var skipping = false

  /// Makes a reader; `limit` is the longest line in bytes.
  public init(limit: Int) { self.limit = limit }

  /// Takes what was read; gives the lines that are complete now.
  public mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) -> [Line] {
    var lines: [Line] = []
    for byte in bytes {
      if byte == 0x0A {
        lines.append(skipping ? .tooLong : .text(partial))
        partial.removeAll(keepingCapacity: true)
        skipping = false
      } else if !skipping {
        if partial.count < limit { partial.append(byte) } else { skipping = true }
      }
    }
    return lines
  }

  /// At end of input: a last line without LF is a line.
  public mutating func finish() -> Line? {
    defer {
      partial = []
      skipping = false
    }
    if skipping { return .tooLong }
    return partial.isEmpty ? nil : .text(partial)
  }
}

/// Where an instrument trades and as what: what its hours depend on.
public struct MarketPlace: Hashable, Sendable {
  /// The venue.
  public let venue: Venue
  /// The kind of listing.
  public let listing: Listing

  /// The place of an instrument.
  public init(_ instrument: Instrument) {
    venue = instrument.venue
    listing = instrument.listing
  }

  init(_ venue: Venue, _ listing: Listing) {
    self.venue = venue
    self.listing = listing
  }

  /// All there are.
  public static let all = Venue.allCases.flatMap { venue in
    Listing.allCases.map { MarketPlace(venue, $0) }
  }
}

/// Instruments in the order of arrival, each once, and how many there are of each place. No operation grows with
/// their number, except `instruments`.
public struct Watchlist: Sendable {
  private var order = ArrivalOrder<Instrument>()
  private var counts: [MarketPlace: Int] = [:]

  /// An empty list.
  public init() {}

  /// How many there are.
  public var count: Int { order.count }
  /// Whether there is none.
  public var isEmpty: Bool { order.isEmpty }
  /// The instruments, oldest first: O(n).
  public var instruments: [Instrument] { order.elements }
  /// The same for a walk in pieces, which lasts while the list changes: O(1). Nil stands for what was removed.
  public var slots: [Instrument?] { order.slots }

  /// How many there are of a place.
  public func count(at place: MarketPlace) -> Int { counts[place] ?? 0 }
  /// How many there are at a venue.
  public func count(at venue: Venue) -> Int {
    counts.reduce(0) { $0 + ($1.key.venue == venue ? $1.value : 0) }
  }

  /// Adds; false when it was there.
  public mutating func add(_ instrument: Instrument) -> Bool {
    guard order.append(instrument) else { return false }
    counts[MarketPlace(instrument), default: 0] += 1
    return true
  }

  /// Removes; gives it as it was added, nil when it was not there.
  public mutating func remove(_ instrument: Instrument) -> Instrument? {
    guard let own = own(instrument), order.remove(own) else { return nil }
    counts[MarketPlace(own), default: 1] -= 1
    return own
  }

  /// Whether it is watched.
  public func contains(_ instrument: Instrument) -> Bool { order.contains(instrument) }
  /// It as it was added, with what its line said of its listing; nil when it is not watched.
  public func own(_ instrument: Instrument) -> Instrument? { order.own(instrument) }
}
