import Market

/// The feed table for programs: a JSON line a channel, with each member of `inputs` and its type. The schemas of
/// config/schema are made of it.
public enum FeedSchema {
  /// What a member's value is; where an array, of each element. Any may be null.
  private enum Kind: String {
    /// A price, a change, a rate: a number with or without a point.
    case decimal
    /// A whole number: shares, contracts, counts.
    case integer
    case boolean, text
    /// ISO 8601 with its zone.
    case time
  }

  /// The table, the polled feeds first.
  public static var lines: String {
    let polled = Feed.polled.map { feed in
      line(
        [
          ("tr", quoted("REST")), ("product", quoted(Product.stock.rawValue)),
          ("feed", quoted(feed.rawValue)),
          ("venue", "null"), ("members", "[" + answer(feed).joined(separator: ",") + "]"),
        ])
    }
    return (polled + FeedTable.rows.map(line)).map { $0 + "\n" }.joined()
  }

  private static func line(_ row: FeedRow) -> String {
    var names: [String] = []
    var members: [String: String] = [:]
    // A member that one layout has as null has its type from another, or from another row of its feed.
    for layout in row.layouts {
      for member in layout.members {
        let (name, text) = entry(member, layout.columns)
        if members[name] == nil { names.append(name) }
        if members[name] == nil || text != nil { members[name] = text ?? members[name] ?? "" }
      }
    }
    let known = names.map { name in
      members[name].flatMap { $0.isEmpty ? nil : $0 } ?? line([("name", quoted(name)), ("type", "null")])
    }
    return line([
      ("tr", quoted(row.transactionID)), ("product", quoted(row.product.rawValue)),
      ("feed", quoted(row.feed.rawValue)), ("venue", quoted(row.venue.rawValue)),
      ("key", quoted(row.example)), ("real_only", String(row.isRealOnly)), ("paid", String(row.isPaid)),
      ("stand_in", String(row.hasStandIn)), ("members", "[" + known.joined(separator: ",") + "]"),
      ("raw", "[" + row.columnNames.map { quoted($0.lowercased()) }.joined(separator: ",") + "]"),
    ])
  }

  /// A member's name and description; nil where this layout does not have it.
  private static func entry(_ member: FeedMember, _ columns: FeedColumns) -> (String, String?) {
    func kind(_ column: String) -> Kind { columns.isWhole(column) ? .integer : .decimal }
    func one(_ name: String, _ kind: Kind) -> (String, String?) { (name, entry(name, kind)) }
    func many(_ name: String, _ kind: Kind) -> (String, String?) { (name, entry(name, kind, isArray: true)) }
    switch member {
    case .lead(let name), .price(let name, _), .positive(let name, _), .signed(let name, _, _),
      .signedOf(let name, _, _, _), .previousClose(let name, _, _), .midpoint(let name):
      return one(name, .decimal)
    case .number(let name, let column), .sized(let name, let column, _): return one(name, kind(column))
    case .prices(let name, _): return many(name, .decimal)
    case .sizes(let name, let list, _), .numbers(let name, let list): return many(name, kind(list[0]))
    case .word(let name, _, let words): return (name, entry(name, words))
    case .text(let name, _): return one(name, .text)
    case .texts(let name, _): return many(name, .text)
    case .time(let name, _, _), .exchangeTime(let name, _, _, _, _): return one(name, .time)
    case .session: return ("session", entry("session", FeedWords.session))
    case .null(let name): return (name, nil)
    }
  }

  private static func entry(_ name: String, _ kind: Kind, isArray: Bool = false) -> String {
    line([("name", quoted(name)), ("type", quoted(kind.rawValue))] + (isArray ? [("array", "true")] : []))
  }

  private static func entry(_ name: String, _ words: FeedWords) -> String {
    if words == .yesNo { return entry(name, .boolean) }
    let list = words.table.sorted { $0.key < $1.key }.map(\.value).joined(separator: ",")
    return line([("name", quoted(name)), ("type", quoted(Kind.text.rawValue)), ("words", "[\(list)]")])
  }

  /// Members of REST answers, as `SnapshotBuilder.appendPrice` and `appendMulti` write them.
  private static func answer(_ feed: Feed) -> [String] {
    let price: [(String, Kind)] = [("vwap", .decimal), ("prev_close", .decimal), ("halted", .boolean)]
    let multi: [(String, Kind)] = [
      ("prev_close", .decimal), ("bid_price", .decimal), ("ask_price", .decimal), ("bid_size", .integer),
      ("ask_size", .integer), ("total_bid_size", .integer), ("total_ask_size", .integer), ("name", .text),
    ]
    let shared: [(String, Kind)] = [
      ("price", .decimal), ("volume", .integer), ("open", .decimal), ("high", .decimal), ("low", .decimal),
      ("change", .decimal), ("change_rate", .decimal), ("value", .integer), ("base_price", .decimal),
      ("upper_limit", .decimal), ("lower_limit", .decimal),
    ]
    return (shared + (feed == .price ? price : multi) + [("session", .text)]).map { entry($0.0, $0.1) }
  }

  private static func line(_ members: [(String, String)]) -> String {
    "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
  }

  private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}
