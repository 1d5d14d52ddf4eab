import KIS

/// `--list-feeds`: the feed table for a person, 80 columns wide.
enum FeedList {
  static var text: String {
    var lines = [line("PRODUCT", "FEED", "VENUE", "TR", "KEY", "")]
    for feed in Feed.polled {
      lines.append(line("stock", feed.rawValue, "any", "REST", "005930", ""))
    }
    for row in FeedTable.rows {
      var limits: [String] = []
      if row.isRealOnly { limits.append("real") }
      if row.isPaid { limits.append("paid") }
      if !row.hasStandIn { limits.append("alone") }
      lines.append(
        line(
          row.product.rawValue, row.feed.rawValue, row.venue.rawValue, row.transactionID, row.example,
          limits.joined(separator: " ")))
    }
    return (lines + notes).map { $0 + "\n" }.joined()
  }

  private static let notes = [
    "",
    "real: not served by --env virtual. paid: the exchange wants a subscription",
    "(CME, SGX). alone: no REST call replaces it; without room it is a gap.",
    "etf and etn have the feeds of stock too, elw has price and multi.",
    "A watchlist line is a share's symbol, PRODUCT:KEY (index:0001), or an object:",
    "{\"symbol\":\"0001\",\"product\":\"index\",\"feeds\":[\"trades\",\"expected\"]}",
  ]

  private static func line(_ words: String...) -> String {
    let widths = [20, 9, 9, 9, 13, 0]
    let text = zip(words, widths).map { word, width in
      word + String(repeating: " ", count: max(0, width - word.count))
    }.joined()
    return String(text.reversed().drop { $0 == " " }.reversed())
  }
}
