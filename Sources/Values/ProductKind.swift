/// What the rules have to know of a product.
struct ProductKind {
  /// Products that rules treat alike.
  enum Group: UInt8 {
    case stock, etf, etn, elw, index, contract, bond, other
  }

  let group: Group
  /// Prices of overseas contracts and of spreads may be zero or below.
  let mayBeNegative: Bool

  init(_ product: Words) {
    if product == "stock" {
      (group, mayBeNegative) = (.stock, false)
      return
    }
    mayBeNegative =
      product == "overseas-derivative" || product.hasPrefix("overseas-future")
      || product.hasPrefix("overseas-option") || product.contains("spread")
    if product == "etf" {
      group = .etf
    } else if product == "etn" {
      group = .etn
    } else if product == "elw" {
      group = .elw
    } else if product == "index" {
      group = .index
    } else if product == "bond" {
      group = .bond
    } else {
      let isContract = product.contains("future") || product.contains("option")
      group = isContract && !product.hasPrefix("overseas") ? .contract : .other
    }
  }

  /// Whether it trades at the hours of Korean shares.
  @inline(__always)
  var hasShareHours: Bool { group == .stock || isFund || group == .elw }

  /// ETF and ETN.
  @inline(__always)
  var isFund: Bool { group == .etf || group == .etn }

  /// Whether a step of its price can be too large to be true: elsewhere one tick may be half the price.
  @inline(__always)
  var hasSmallSteps: Bool { group == .stock || isFund || group == .index }
}
