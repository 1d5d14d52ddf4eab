import JSONBytes
import Market
import Plumbing

/// What one watchlist line asks for.
public enum WatchlistEntry: Equatable, Sendable {
  /// Nothing: blank or a comment.
  case nothing
  /// Watch this.
  case add(Instrument, WatchlistNote = WatchlistNote())
  /// Stop watching this.
  case remove(Instrument)
}

/// What a line says besides.
public struct WatchlistNote: Equatable, Sendable {
  /// What is to be observed; nil: what is asked of all and the product has.
  public var feeds: [Feed]?
  /// What it is called.
  public var name: String?

  /// Nothing.
  public init(feeds: [Feed]? = nil, name: String? = nil) {
    self.feeds = feeds
    self.name = name
  }
}

/// Why a line was not understood.
public enum WatchlistFault: Error, Equatable, Sendable {
  /// Not the form of a symbol.
  case noSymbol(String)
  /// Not the form of a key of this product.
  case noKey(String, Product)
  /// Broken JSON; the offset is in bytes.
  case invalidJSON(String, offset: Int)
  /// Several on one line.
  case array
  /// Two bytes a letter, as some spreadsheets write text.
  case utf16
  /// An object without a `symbol` that is a string.
  case nothingNamed
  /// A venue that is not known, or not one of the product.
  case unknownMarket(Product)
  /// A product that is not known.
  case unknownProduct(String)
  /// `feeds` that are no array of feeds.
  case unknownFeed(String)
  /// A feed that the product does not have there.
  case missingFeed(Feed, Product, Venue)
  /// An `op` that is not known.
  case unknownOperation

  /// A few words for the log, with the way out.
  public var what: String {
    switch self {
    case .noSymbol(let text): "\(text.quoted(limit: 40)) is not a symbol (\(Self.advice(text)))"
    case .noKey(let text, let product):
      "\(text.quoted(limit: 40)) is not a key of \(product.rawValue) (\(FeedTable.keyWords(product)))"
    case .invalidJSON(let what, let offset): "invalid JSON: \(what) at byte \(offset)"
    case .array: "a JSON array: give one symbol or one object a line"
    case .utf16: "the list is in UTF-16: save it as UTF-8"
    case .nothingNamed: "no \"symbol\" string"
    case .unknownMarket(let product):
      "\"market\" must be \(FeedTable.venues(product).map(\.rawValue).joined(separator: ", ")) for \(product.rawValue)"
    case .unknownProduct(let text):
      "\(text.quoted(limit: 40)) is not a product: kis-fetch --list-feeds shows them"
    case .unknownFeed(let text): "\(text.quoted(limit: 40)) is not a feed: kis-fetch --list-feeds shows them"
    case .missingFeed(let feed, let product, let venue):
      "\(product.rawValue) has no feed \(feed.rawValue) at \(venue.rawValue): kis-fetch --list-feeds shows what it has"
    case .unknownOperation: "\"op\" must be add or remove"
    }
  }

  /// What people's lists have in place of a symbol.
  private static func advice(_ text: String) -> String {
    let key = KeyForm.stock
    if key.holds(text.uppercased()) { return "letters of symbols are capitals" }
    if text.count == 7, text.hasPrefix("A"), key.holds(String(text.dropFirst())) {
      return "leave the A away: \(text.dropFirst())"
    }
    if (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return "zeros were lost: \(String(repeating: "0", count: 6 - text.utf8.count))\(text)?"
    }
    let word = text.prefix { $0 != "," && $0 != "\t" && $0 != ";" && $0 != " " }
    if word.count < text.count, key.holds(String(word)) {
      return "one symbol a line, and # before a comment"
    }
    return key.words
  }
}

/// One line of a watchlist: `005930`, `index:0001`, `{"symbol":"069500","product":"etf","name":"KODEX 200"}`,
/// `{"symbol":"0001","product":"index","feeds":["trades","expected"]}`, `{"symbol":"005930","op":"remove"}`; `#` starts a
/// comment. A byte order mark before it, as editors and spreadsheets write it, is passed over.
public enum WatchlistLine {
  /// Reads one line, without its LF. `venue` stands in where the line names no market.
  public static func parse(_ line: [UInt8], venue: Venue) throws(WatchlistFault) -> WatchlistEntry {
    var text = line[...]
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    let body = text.trimmed(isSpace)
    guard let first = body.first else { return .nothing }
    switch first {
    case UInt8(ascii: "#"): return .nothing
    case UInt8(ascii: "{"): return try object(Array(body), venue)
    case UInt8(ascii: "["): throw .array
    default: break
    }
    let word = body.prefix { $0 != UInt8(ascii: "#") }.trimmed(isSpace)
    // Latin text in UTF-16 has a zero in each second byte.
    if word.contains(0) { throw .utf16 }
    let name = String(decoding: word, as: UTF8.self)
    guard let colon = name.firstIndex(of: ":") else { return .add(try instrument(name, .stock, venue)) }
    let product = try product(String(name[..<colon]))
    return .add(try instrument(String(name[name.index(after: colon)...]), product, venue))
  }

  private static func object(_ text: [UInt8], _ standIn: Venue) throws(WatchlistFault) -> WatchlistEntry {
    let value: JSONValue
    do { value = try JSONValue.parse(text) } catch {
      throw .invalidJSON("\(error.what)", offset: error.offset)
    }
    guard let symbol = value["symbol"]?.string else { throw .nothingNamed }
    var kind = Product.stock
    if let name = value["product"], !name.isNull { kind = try product(name.string ?? "") }
    var instrument = try instrument(symbol, kind, standIn)
    if let market = value["market"], !market.isNull, market.string != instrument.market {
      guard let known = market.string.flatMap(Venue.init(rawValue:)), FeedTable.venues(kind).contains(known)
      else { throw .unknownMarket(kind) }
      instrument = Instrument(symbol, known, kind)
    }
    var note = WatchlistNote()
    if let name = value["name"]?.string { note.name = String(name.prefix(64)) }
    if let feeds = value["feeds"], !feeds.isNull { note.feeds = try self.feeds(feeds, instrument) }
    guard let op = value["op"], !op.isNull else { return .add(instrument, note) }
    switch op.string {
    case "add": return .add(instrument, note)
    case "remove": return .remove(instrument)
    default: throw .unknownOperation
    }
  }

  private static func product(_ name: String) throws(WatchlistFault) -> Product {
    guard let product = Product(rawValue: name) else { throw .unknownProduct(String(name.prefix(64))) }
    return product
  }

  /// What a line names, at `standIn` where its product is traded there.
  private static func instrument(
    _ symbol: String, _ product: Product, _ standIn: Venue
  ) throws(WatchlistFault) -> Instrument {
    guard FeedTable.takes(symbol, product) else {
      // The advice is about what a person wrote, and that is short.
      let text = String(symbol.prefix(64))
      throw product.base == .stock ? .noSymbol(text) : .noKey(text, product)
    }
    let venues = FeedTable.venues(product)
    return Instrument(symbol, venues.contains(standIn) ? standIn : venues[0], product)
  }

  private static func feeds(
    _ value: JSONValue, _ instrument: Instrument
  ) throws(WatchlistFault) -> [Feed] {
    guard let elements = value.elements, !elements.isEmpty else { throw .unknownFeed(value.string ?? "") }
    var feeds: [Feed] = []
    for element in elements {
      let name = element.string ?? ""
      guard let feed = Feed(rawValue: name) else { throw .unknownFeed(String(name.prefix(64))) }
      guard feed.serves(instrument) else {
        throw .missingFeed(feed, instrument.product, instrument.venue)
      }
      if !feeds.contains(feed) { feeds.append(feed) }
    }
    return feeds
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}
