/// One member of `inputs`: its name, the columns that it comes from, and how. Columns are named as in the layout.
enum FeedMember: Sendable {
  /// The number that the record must hold (`FeedRequirement`).
  case lead(String)
  /// A number as it came, or null.
  case number(String, String)
  /// A price: 0 is null.
  case price(String, String)
  /// A price that may also be meant as "none" by other values than 0.
  case positive(String, String)
  /// A number that means something only where `of`, a price given before, is there.
  case sized(String, String, of: String)
  /// A change, whose sign the code `by` decides.
  case signed(String, String, by: String)
  /// Likewise, where the price `of`, given before, is there.
  case signedOf(String, String, by: String, of: String)
  /// The lead less the change: exact.
  case previousClose(String, change: String, by: String)
  /// The middle of two prices given before as the first two: exact.
  case midpoint(String)
  /// An array of prices, and one of numbers that go with them.
  case prices(String, [String])
  case sizes(String, [String], of: String)
  /// An array of numbers.
  case numbers(String, [String])
  /// What a code means.
  case word(String, String, FeedWords)
  /// Text; empty and `(null)` are null. An array of it.
  case text(String, String)
  case texts(String, [String])
  /// An absolute time, KST; without a date that of the arrival.
  case time(String, date: String?, String)
  /// The same moment at the exchange, with the zone that follows from both.
  case exchangeTime(String, date: String, String, korean: String, String)
  /// The session by MARKET_CLS_CODE, in records that are too short for it by the first character of NEW_MKOP_CLS_CODE.
  case session(marketClass: String?, phase: String?)
  /// What this layout does not have, and others of its feed do.
  case null(String)
}

/// What a record must hold to be one: else it is a gap.
enum FeedRequirement: Sendable {
  /// A number above 0 in this column, the lead.
  case positive(String)
  /// A number other than 0, the lead: prices of futures and spreads may be negative.
  case value(String)
  /// A number above 0 in any of these.
  case any([String])
  /// Something in this column.
  case present(String)
  /// Nothing but its key.
  case key
}

/// The meaning of a code of one character, as JSON.
enum FeedWords: Int, CaseIterable, Sendable {
  /// CCLD_DVSN, CNTG_CLS_CODE.
  case side
  /// TRHT_YN, VI_CLS_CODE.
  case yesNo
  /// MARKET_CLS_CODE: 1 pre, 2 regular, 3 after, 5 closing (KIS notice 2026-09-09).
  case session

  /// By code.
  var table: [Character: String] {
    switch self {
    case .side: ["1": #""buy""#, "5": #""sell""#]
    case .yesNo: ["Y": "true", "N": "false"]
    case .session: ["1": #""pre""#, "2": #""regular""#, "3": #""after""#, "5": #""closing""#]
    }
  }
}
