/// A feed as gap marks know it: names that are not listed are one feed together.
enum FeedMark: UInt8 {
  case trades, book, price, multi, expected, status, members, program, nav, other

  init(_ feed: Words) {
    self =
      feed == "trades"
      ? .trades
      : feed == "book"
        ? .book
        : feed == "price"
          ? .price
          : feed == "multi"
            ? .multi
            : feed == "expected"
              ? .expected
              : feed == "status"
                ? .status
                : feed == "members"
                  ? .members : feed == "program" ? .program : feed == "nav" ? .nav : .other
  }

  @inline(__always) var bit: UInt16 { 1 &<< UInt16(rawValue) }

  static let all: UInt16 = 0x3FF
}
