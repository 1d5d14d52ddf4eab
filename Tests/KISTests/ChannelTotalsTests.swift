import Completeness
import Testing

@testable import KIS

/// The audit knows a channel by its product's word; what it believes of the totals is held to the feed table.
struct ChannelTotalsTests {
  static let channels = FeedTable.rows.filter { $0.feed == .trades }

  @Test(arguments: channels.map(\.transactionID)) func theTotalsAreColumns(id: String) throws {
    let row = try #require(Self.channels.first { $0.transactionID == id })
    let totals = ChannelTotals(product: row.product.rawValue)
    let names = Set(row.columnNames)
    let hasTotal = !names.isDisjoint(with: ["ACML_VOL", "TVOL", "VOL"])
    let hasSize = !names.isDisjoint(with: ["CNTG_VOL", "LAST_CNQN", "EVOL", "LAST_QNTT"])
    let isValue = row.product == .index || row.product == .bondIndex
    #expect(totals.hasShares == !isValue, "\(names)")
    if totals.hasShares { #expect(hasTotal && hasSize, "\(names)") }
    let counts: Set = ["SELN_CNTG_CSNU", "SHNU_CNTG_CSNU"]
    let namesSide = !names.isDisjoint(with: ["CCLD_DVSN", "CNTG_CLS_CODE"])
    #expect((totals.counts != .none) == counts.isSubset(of: names))
    #expect((totals.counts == .sided) == (counts.isSubset(of: names) && namesSide))
    if !totals.multipliers.isEmpty { #expect(names.contains("ACML_TR_PBMN")) }
  }
}
