/// A feed as gap marks know it: names that are not listed are one feed together.
enum FeedMark: UInt8, CaseIterable {
  case trades, book, price, multi, expected, status, members, program, nav, other

  init(_ feed: Words) {
    self =
      switch feed {
      case "trades": .trades
      case "book": .book
      case "price": .price
      case "multi": .multi
      case "expected": .expected
      case "status": .status
      case "members": .members
      case "program": .program
      case "nav": .nav
      default: .other
      }
  }

  @inline(__always) var bit: UInt16 { 1 &<< UInt16(rawValue) }

  static let all = allCases.reduce(0) { $0 | $1.bit }
}
