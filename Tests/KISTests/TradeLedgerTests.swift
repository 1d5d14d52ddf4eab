import Completeness
import Foundation
import JSONBytes
import Plumbing
import TestSupport
import Testing

@testable import KIS

/// The live ledger: frames in, gap records out.
@Suite struct TradeLedgerTests {
  /// A symbol's trades as the exchange would count them.
  struct Market {
    var symbol = "005930"
    var tr = "H0STCNT0"
    var price: Int64 = 71_900
    var date = "20251126"
    var shares: Int64 = 0, value: Int64 = 0, sells: Int64 = 0, buys: Int64 = 0

    /// Makes a trade; the fields of its record.
    mutating func trade(_ size: Int64, side: String = "1") -> String {
      shares += size
      value += size * price
      if side == "1" { buys += 1 }
      if side == "5" { sells += 1 }
      return record(size, side)
    }

    /// The record of the totals as they stand.
    func record(_ size: Int64, _ side: String = "1") -> String {
      var fields = FrameSamples.midpointFields.split(separator: "^", omittingEmptySubsequences: false).map(
        String.init)
      for (place, text) in [
        (0, symbol), (2, "\(price)"), (12, "\(size)"), (13, "\(shares)"), (14, "\(value)"), (15, "\(sells)"),
        (16, "\(buys)"), (21, side), (33, date),
      ] {
        fields[place] = text
      }
      return fields.joined(separator: "^")
    }
  }

  /// Feeds frames and keeps what is told.
  final class Probe {
    var ledger = TradeLedger(seed: 1)
    var parser = FrameParser()
    var told: [GapRecord] = []
    var time = Milliseconds(1_764_115_200_000)

    func take(_ records: [String], _ tr: String = "H0STCNT0") {
      let count = String(records.count)
      let text = "0|\(tr)|" + String(repeating: "0", count: 3 - count.count) + count + "|"
      take(frame: text + records.joined(separator: "^"))
    }

    func take(frame: String) {
      Array(frame.utf8).withUnsafeBufferPointer { bytes in
        guard case .records(let frame) = parser.parse(bytes) else {
          Issue.record("no frame: \(frame)")
          return
        }
        time += .milliseconds(10)
        ledger.begin(frame)
        for index in 0..<frame.count {
          let record = frame[index]
          if ledger.judge(record, at: time, Subject(Instrument(of: record), record.channel.feed)) {
            told += ledger.takeNews()
          }
        }
      }
    }

    func hold(_ end: GapRecord) -> Bool { ledger.hold(end) }
    func takeNews() -> [GapRecord] { ledger.takeNews() }
    var nextRelease: Milliseconds? { ledger.nextRelease }
    /// Trades that were judged without the ledger and are not told to it yet.
    var plainTrades: Int64 { ledger.book.subjects.indices.reduce(0) { $0 + ledger.entries[$1].run.count } }

    /// Neighbours enough for a channel to be trusted.
    func earnTrust(_ market: inout Market) {
      for _ in 0..<12 { take((0..<10).map { _ in market.trade(3) }, market.tr) }
    }

    func counts(_ venue: Venue = .krx) -> TradeLedger.VenueCounts {
      ledger.counts(at: time).first { $0.venue == venue }?.counts ?? TradeLedger.VenueCounts()
    }
  }

  @Test func plainTradesAreVerifiedWithoutTheLedger() {
    let probe = Probe()
    var market = Market(shares: 99_999_000, value: 7_189_900_000_000)
    probe.earnTrust(&market)
    for _ in 0..<50 { probe.take([market.trade(7, side: "5")]) }
    #expect(probe.plainTrades >= 50)
    let counts = probe.counts().counts
    #expect(probe.told.isEmpty && counts.verified == 169 && counts.unverifiable == 0)
    #expect(counts.shares == market.shares - 99_999_000)
    #expect(probe.plainTrades == 0)
  }

  @Test(arguments: [(1, "MINOR"), (90, "MAJOR"), (9000, "CRITICAL")] as [(Int64, String)])
  func aLossIsToldBeforeTheRecordThatShowsIt(size: Int64, severity: String) {
    let probe = Probe()
    var market = Market()
    _ = market.trade(100_000)
    probe.earnTrust(&market)
    let from = probe.time
    probe.time += .milliseconds(2500)
    _ = market.trade(size)
    market.price = 72_000
    _ = market.trade(size, side: "5")
    probe.take([market.trade(5)])
    #expect(probe.told.count == 1)
    let gap = probe.told[0]
    #expect(gap.reason == .missedTrades && gap.isFinal && gap.cause == .notReceived)
    #expect(gap.missed == Loss(trades: 2, shares: 2 * size, value: size * (71_900 + 72_000)))
    #expect(gap.from == from && gap.to == probe.time && gap.severity.rawValue == severity)
    #expect(gap.subject == Subject(Instrument("005930", .krx), .trades) && gap.id.utf8.count == 32)
    let counts = probe.counts()
    #expect(counts.counts.missing == Loss(trades: 2, shares: 2 * size, value: nil))
    #expect(counts.counts.missedTrades[LossCause.notReceived.place] == 2)
    #expect(counts.recentMissed == 2 * size)
  }

  @Test func whatIsSuspectedIsClaimedOnceTheChannelIsTrusted() {
    let probe = Probe()
    var (market, other) = (Market(), Market(symbol: "000660"))
    probe.take([market.trade(1), other.trade(1)])
    _ = market.trade(10)
    probe.take([market.trade(1)])
    _ = market.trade(20, side: "5")
    probe.take([market.trade(1), other.trade(1)])
    #expect(probe.told.isEmpty)
    let suspected = probe.counts()
    #expect(suspected.suspected == Loss(trades: 2, shares: 30, value: nil))
    #expect(suspected.counts.missing == Loss(trades: 0, shares: 0, value: nil))
    probe.earnTrust(&other)
    #expect(probe.told.map(\.missed) == [Loss(trades: 2, shares: 30, value: 30 * 71_900)])
    #expect(probe.told[0].subject.instrument.symbol == "005930")
    #expect(probe.counts().suspected.shares == 0 && probe.counts().counts.missing.shares == 30)
  }

  @Test func aChannelThatDoesNotKeepTheIdentitiesClaimsNothing() {
    let probe = Probe()
    var market = Market(tr: "H0NXCNT0")
    for _ in 0..<40 {
      probe.take(
        (0..<10).map { _ in
          market.shares += 1
          return market.trade(3)
        }, market.tr)
    }
    #expect(probe.told.isEmpty)
    let counts = probe.counts(.nxt)
    #expect(counts.unfit.map(\.transactionID) == ["H0NXCNT0"])
    #expect(counts.counts.verified == 0 && counts.counts.unverifiable > 250)
  }

  @Test func duplicatesAndReversalsAreCountedAndLoseNothing() {
    let probe = Probe()
    var market = Market()
    probe.earnTrust(&market)
    let again = market.trade(9)
    probe.take([again])
    probe.take([again])
    market.shares -= 9
    market.value -= 9 * market.price
    market.buys -= 1
    probe.take([market.record(9)])
    probe.take([market.trade(4)])
    let counts = probe.counts().counts
    #expect(probe.told.isEmpty && counts.duplicates == 1 && counts.reversals == 1)
    #expect(counts.missing.shares == 0 && counts.unverifiable == 0)
  }

  /// The loss is claimed at once, and taken back when the trade comes: the records add up to the truth.
  @Test func aTradeThatComesLateIsTakenBack() {
    let probe = Probe()
    var market = Market()
    probe.earnTrust(&market)
    let late = market.trade(7, side: "5")
    probe.take([market.trade(2)])
    probe.take([late])
    probe.take([market.trade(3)])
    #expect(probe.told.map(\.cause) == [.notReceived, .cameLate])
    #expect(
      probe.told.map(\.missed) == [
        Loss(trades: 1, shares: 7, value: 7 * 71_900), Loss(trades: -1, shares: -7, value: -7 * 71_900),
      ])
    let counts = probe.counts().counts
    #expect(counts.missing == Loss(trades: 0, shares: 0, value: nil))
    #expect(counts.shares == market.shares)
  }

  /// Of 120 neighbours three do not keep the totals: what was told is taken back, and told again when the share is right.
  @Test func whatWasToldOfAChannelThatDoesNotAddUpIsWithdrawn() {
    let probe = Probe()
    var market = Market()
    probe.earnTrust(&market)
    func broken() -> [String] {
      let first = market.trade(1)
      _ = market.trade(7, side: "5")
      return [first, market.trade(2)]
    }
    for _ in 0..<4 { probe.take(broken()) }
    #expect(probe.told.map(\.cause).last == .withdrawn)
    #expect(probe.told.reduce(0) { $0 + ($1.missed?.shares ?? 0) } == 0)
    #expect(probe.counts().unfit.count == 1 && probe.counts().suspected.shares == 28)
    #expect(probe.counts().counts.missing.shares == 0)
    probe.take((0..<400).map { _ in market.trade(3) })
    probe.take(broken())
    #expect(probe.counts().unfit.isEmpty && probe.counts().suspected.shares == 0)
    #expect(probe.told.reduce(0) { $0 + ($1.missed?.shares ?? 0) } == 35)
    #expect(probe.counts().counts.missing.shares == 35)
  }

  /// A frame that comes twice says once what it says of its channel.
  @Test func aRepeatedFrameWithAHoleIsNoSecondProofAgainstItsChannel() {
    let probe = Probe()
    var market = Market()
    probe.earnTrust(&market)
    let first = market.trade(1)
    _ = market.trade(7, side: "5")
    let frame = [first, market.trade(2), market.trade(4)]
    for _ in 0..<9 { probe.take(frame) }
    #expect(probe.counts().unfit.isEmpty)
    #expect(probe.told.reduce(0) { $0 + ($1.missed?.shares ?? 0) } == 7)
  }

  @Test func aNewDayBeginsWithoutALossAndEarnsTrustAgain() {
    let probe = Probe()
    var market = Market()
    probe.earnTrust(&market)
    market = Market(date: "20251127", shares: 5000, value: 71_900 * 5000, buys: 40)
    probe.take([market.trade(10)])
    _ = market.trade(10)
    probe.take([market.trade(10)])
    #expect(probe.told.isEmpty && probe.counts().suspected.shares == 10)
  }

  @Test func aRecordWithoutPriceIsNotJudged() {
    let probe = Probe()
    var market = Market()
    probe.earnTrust(&market)
    let before = probe.counts().counts
    market.price = 0
    probe.take([market.record(5)])
    #expect(probe.counts().counts.unverifiable == before.unverifiable && probe.told.isEmpty)
    market.price = 71_900
    probe.take([market.trade(5)])
    #expect(probe.counts().counts.verified == before.verified + 1)
  }

  /// Bundles of 2022 to 2026, an opening print among them.
  @Test func realTradesAreAllVerified() throws {
    let probe = Probe()
    var pairs: Int64 = 0
    for frame in RealFrames.all where frame.hasPrefix("0|H0STCNT0|") {
      probe.take(frame: frame)
      pairs += (Int64(frame.split(separator: "|")[2]) ?? 0) - 1
    }
    let counts = probe.counts().counts
    #expect(pairs > 15 && counts.verified >= pairs && counts.unverifiable == 0 && counts.reversals == 0)
    #expect(probe.told.isEmpty && probe.counts().suspected.trades == 0)
  }

  /// A contract of 50,000 won a point: its value is in thousands of won, and it counts its sides without naming them.
  @Test func aContractsMultiplierIsLearned() throws {
    let probe = Probe()
    let text = try String(
      contentsOfFile: Tool.repository.path + "/Tests/Golden/real-frames.txt", encoding: .utf8)
    let frame = try #require(text.split(separator: "\n").first { $0.hasPrefix("0|H0IFCNT0|") })
    var fields = frame.split(separator: "|")[3].split(separator: "^", omittingEmptySubsequences: false)
      .map(String.init)
    func trade(_ size: Int64, price: Int64) -> String {
      // Places of LAST_CNQN, ACML_VOL, ACML_TR_PBMN and SELN_CNTG_CSNU; the price has two decimals.
      for (place, more) in [(10, size), (11, size * price * 50 / 100), (38, 1)] {
        fields[place] = "\((Int64(fields[place]) ?? 0) + more)"
      }
      (fields[5], fields[9]) = ("\(price / 100).\(price % 100 + 100)".replacing(".1", with: "."), "\(size)")
      return fields.joined(separator: "^")
    }
    probe.take([trade(1, price: 108_030)], "H0IFCNT0")
    probe.take([trade(3, price: 108_024)], "H0IFCNT0")
    let multiplier = probe.ledger.entries[0].multiplier
    #expect(multiplier == .known(50))
    probe.take((0..<10).map { _ in trade(2, price: 108_020) }, "H0IFCNT0")
    let counts = probe.counts().counts
    #expect(counts.verified == 11 && counts.unverifiable == 0, "\(counts)")
  }
}

// MARK: - Gaps
extension TradeLedgerTests {
  private static func end(_ probe: Probe, seconds: Int = 3) -> GapRecord {
    GapRecord(
      subject: Subject(Instrument("005930", .krx), .trades), reason: .webSocketLost, id: "g",
      from: probe.time - .seconds(seconds), to: probe.time, isFinal: true)
  }

  @Test(arguments: [0, 2])
  func theEndOfAGapSaysWhatItCost(trades: Int) {
    let probe = Probe()
    var market = Market()
    probe.earnTrust(&market)
    for _ in 0..<trades { _ = market.trade(50) }
    let end = Self.end(probe)
    #expect(probe.hold(end) && probe.nextRelease == end.to + .minutes(1))
    probe.take([market.trade(1)])
    let shares = Int64(trades) * 50
    #expect(probe.told.count == 1 && probe.told[0].id == "g" && probe.told[0].to == end.to)
    #expect(probe.told[0].missed == Loss(trades: Int64(trades), shares: shares, value: shares * 71_900))
    #expect(probe.told[0].cause == nil && probe.nextRelease == nil)
    #expect(probe.counts().counts.missedShares[LossCause.gap.place] == shares)
    probe.take([market.trade(1)])
    #expect(probe.told.count == 1)
  }

  @Test func aGapThatNoTradeEndsInTimeIsTold() {
    let probe = Probe()
    var market = Market()
    #expect(!probe.hold(Self.end(probe)), "nothing is known of the symbol")
    probe.earnTrust(&market)
    #expect(probe.hold(Self.end(probe)))
    probe.ledger.release(at: probe.time + .milliseconds(59_999))
    #expect(probe.takeNews().isEmpty)
    probe.ledger.release(at: probe.time + .minutes(1))
    #expect(probe.takeNews().map(\.missed) == [nil])
    _ = market.trade(50)
    probe.take([market.trade(1)])
    #expect(probe.told.map(\.cause) == [.gap] && probe.told[0].missed?.shares == 50)
  }

  @Test func anUntrustedChannelEndsItsGapsWithoutACost() {
    let probe = Probe()
    var market = Market()
    probe.take([market.trade(1)])
    #expect(probe.hold(Self.end(probe)))
    _ = market.trade(50)
    probe.take([market.trade(1)])
    #expect(probe.told.map(\.missed) == [nil])
    probe.earnTrust(&market)
    #expect(probe.told.count == 2 && probe.told[1].cause == .gap && probe.told[1].missed?.shares == 50)
  }

  @Test func ourOwnDoingIsTold() {
    let probe = Probe()
    var market = Market()
    probe.earnTrust(&market)
    probe.ledger.note(Deafness(from: probe.time, to: probe.time + .seconds(4), cause: .outputBlocked))
    let cause = probe.ledger.cause(of: Self.end(probe))
    #expect(cause == .outputBlocked)
    probe.time += .seconds(5)
    _ = market.trade(50)
    probe.take([market.trade(1)])
    #expect(probe.told.map(\.cause) == [.outputBlocked])
    probe.time += .minutes(1)
    probe.take([market.trade(1)])
    _ = market.trade(50)
    probe.take([market.trade(1)])
    #expect(probe.told.last?.cause == .notReceived)
  }

  @Test func whatIsNotWatchedIsNotMissing() {
    let probe = Probe()
    var market = Market()
    probe.earnTrust(&market)
    let subject = Subject(Instrument("005930", .krx), .trades)
    probe.ledger.forget(subject)
    _ = market.trade(50)
    probe.take([market.trade(1)])
    #expect(probe.told.isEmpty)
    probe.ledger.leave(subject)
    _ = market.trade(50)
    probe.take([market.trade(1)])
    #expect(probe.told.map(\.cause) == [.noRoom] && probe.told[0].missed?.shares == 50)
  }
}

// MARK: - Against the ledger
extension TradeLedgerTests {
  /// Thousands of records, some lost, doubled, taken back, late, or with odd bytes: what the fast way says of each symbol
  /// is what the ledger alone says of the same trades.
  @Test(arguments: 1...20)
  func theFastWaySaysWhatTheLedgerSays(seed: UInt64) throws {
    var random = TestSupport.SeededGenerator(seed: seed)
    let probe = Probe()
    var markets = ["005930", "000660", "Q500001"].map { Market(symbol: $0) }
    var oracles = markets.map { _ in SymbolLedger() }
    func judge(_ record: String, _ at: Int) {
      let fields = record.split(separator: "^", omittingEmptySubsequences: false)
      func number(_ place: Int) -> Int64? { Int64(fields[place].filter { $0 != " " }) }
      var totals = number(13).map { TradeTotals(shares: $0, value: number(14)) }
      if let sells = number(15), let buys = number(16) { totals?.sided = sells + buys }
      _ = oracles[at].judge(
        Trade(
          day: fields[33] == "20251126" ? 20_418 : 20_419, price: number(2).map { Completeness.Decimal($0) },
          size: number(12) ?? 0, isSided: fields[21] == "1" || fields[21] == "5", totals: totals))
    }
    for _ in 0..<600 {
      var frame: [(record: String, at: Int)] = []
      for _ in 0..<Int.random(in: 1...9, using: &random) {
        let at = Int.random(in: 0..<3, using: &random)
        let side = ["1", "5", ""][Int.random(in: 0..<3, using: &random)]
        let size = Int64.random(
          in: 1...200_000_000 >> Int64.random(in: 0...27, using: &random), using: &random)
        let record = markets[at].trade(size, side: side)
        switch Int.random(in: 0..<1000, using: &random) {
        case 0..<3: break
        case 3..<5: frame += [(record, at), (record, at)]
        case 5..<7: frame.append((record.replacingOccurrences(of: "^\(size)^", with: "^ \(size)^"), at))
        case 7..<8: frame.append((record.replacingOccurrences(of: "^\(size)^", with: "^^"), at))
        case 8..<10: frame += [(markets[at].trade(5), at), (record, at)]
        default: frame.append((record, at))
        }
      }
      guard !frame.isEmpty else { continue }
      probe.take(frame.map(\.record))
      for (record, at) in frame { judge(record, at) }
    }
    _ = probe.counts()
    for (at, market) in markets.enumerated() {
      let place = try #require(probe.ledger.book.places[Subject(Instrument(market.symbol, .krx), .trades)])
      let sums = probe.ledger.entries[place].ledger.sums
      #expect(sums == oracles[at].sums)
    }
  }
}
