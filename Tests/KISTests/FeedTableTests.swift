import Foundation
import JSONBytes
import TestSupport
import Testing

@testable import KIS

/// A row of the simulator's table, which was written from the exchange's documents and not from ours.
struct SimulatedChannel: CustomTestStringConvertible {
  let transactionID: String, product: String, feed: String, venue: String
  let keys: [String], columns: [String]

  var testDescription: String { transactionID }

  static let all: [SimulatedChannel] = {
    let path = Tool.repository.path + "/scripts/kissim/channels.jsonl"
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { line in
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      guard let row = object, let name = row["tr"] as? String, let product = row["product"] as? String,
        let feed = row["feed"] as? String, let venue = row["venue"] as? String,
        let keys = row["keys"] as? [String], let columns = row["columns"] as? String
      else { return nil }
      return SimulatedChannel(
        transactionID: name, product: product, feed: feed, venue: venue, keys: keys,
        columns: columns.split(separator: " ").flatMap { expanded(String($0.prefix { $0 != ":" })) })
    }
  }()

  private static func expanded(_ word: String) -> [String] {
    guard let match = word.wholeMatch(of: /(\w+)\[(\d+)-(\d+)\]/), let first = Int(match.2),
      let last = Int(match.3)
    else { return [word] }
    return (first...last).map { "\(match.1)\($0)" }
  }
}

@Suite struct FeedTableTests {
  @Test func theSimulatorHasTheSameChannels() {
    #expect(SimulatedChannel.all.count == 50)
    #expect(Set(SimulatedChannel.all.map(\.transactionID)) == Set(FeedTable.rows.map(\.transactionID)))
    #expect(FeedTable.rows.count == 50 && Set(FeedTable.rows.map(\.transactionID)).count == 50)
  }

  @Test(arguments: SimulatedChannel.all)
  func aRowIsAsTheSimulatorHasIt(_ other: SimulatedChannel) throws {
    let row = try #require(Channel(transactionID: other.transactionID)).row
    #expect(row.product.rawValue == other.product && row.feed.rawValue == other.feed)
    #expect(row.venue.rawValue == other.venue)
    #expect(other.keys.allSatisfy { row.takes($0) } && row.takes(row.example))
    // One of the two may know columns at the end that the other does not.
    let fits = row.layouts.contains { layout in
      zip(layout.columns.names, other.columns).allSatisfy { $0 == $1 }
        && abs(layout.columns.names.count - other.columns.count) <= 1
    }
    #expect(fits, "\(row.layouts.map(\.columns.names)) \(other.columns)")
  }

  /// What the simulator's mock refuses as "real only", by its own reading.
  @Test func theSameChannelsAreRealOnly() throws {
    let program =
      "import sys; sys.path.insert(0, sys.argv[1]); from kissim.records import REAL_ONLY; print(*REAL_ONLY)"
    let outcome = try Tool.run("python3", ["-c", program, Tool.repository.path + "/scripts"])
    let named = Set(outcome.outText.split(whereSeparator: \.isWhitespace).map(String.init))
    #expect(Set(FeedTable.rows.filter(\.isRealOnly).map(\.transactionID)) == named, "\(outcome.errText)")
  }

  @Test(arguments: Channel.all) func aLayoutCanBeCompiled(_ channel: Channel) {
    var words = ChannelWords()
    let word = channel.transactionID.utf8.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    #expect(words[word] == channel)
    words = ChannelWords()
    for layout in channel.row.layouts {
      FeedProgram(channel.row, layout).release()
      #expect(Set(layout.columns.names).count == layout.columns.names.count)
      #expect(layout.newest < layout.limit && layout.anchors.allSatisfy { $0 < layout.newest })
      // What a snapshot must hold is there in the shortest record.
      let needed: [String] =
        switch layout.requirement {
        case .positive(let name), .value(let name), .present(let name): [name]
        case .any(let names): names
        case .key: []
        }
      #expect(needed.allSatisfy { layout.columns[$0] < layout.minimum })
    }
  }

  @Test func everyProductHasAKeyAndAVenue() {
    for product in Product.allCases {
      #expect(!FeedTable.venues(product).isEmpty && !FeedTable.keyWords(product).isEmpty)
    }
    #expect(Product.allCases.filter { FeedTable.isPolled($0) } == [.stock, .etf, .etn, .elw])
  }

  /// (instrument, feed, channel)
  @Test(
    arguments: [
      (Instrument("005930", .krx), Feed.trades, "H0STCNT0"),
      (Instrument("069500", .krx, .etf), .trades, "H0STCNT0"),
      (Instrument("069500", .krx, .etf), .nav, "H0STNAV0"), (Instrument("069500", .krx), .nav, nil),
      (Instrument("57LA24", .krx, .elw), .trades, "H0EWCNT0"),
      (Instrument("57LA24", .krx, .elw), .members, nil),
      (Instrument("0001", .krx, .index), .program, "H0UPPGM0"),
      (Instrument("005930", .unified), .book, "H0UNASP0"),
      (Instrument("RBAQAAPL", .overseas, .overseasStock), .book, "HDFSASP0"),
      (Instrument("DHKS00003", .overseas, .overseasStock), .book, "HDFSASP1"),
      (Instrument("DHKS00003", .overseas, .overseasStock), .trades, "HDFSCNT0"),
      (Instrument("005930", .krx), .price, nil),
    ] as [(Instrument, Feed, String?)])
  func theKeyChoosesTheChannel(_ instrument: Instrument, _ feed: Feed, _ name: String?) {
    #expect(Channel(of: instrument, feed)?.transactionID == name)
  }

  @Test(
    arguments: [
      (
        Instrument("0001", .krx, .index), [Feed.trades, .expected, .book], ServiceEnvironment.real,
        [.trades, .expected]
      ),
      (Instrument("101W09", .krx, .indexFuture), [.trades], .virtual, []),
      (Instrument("005930", .unified), [.trades, .book, .price], .virtual, [.trades]),
      (Instrument("0001", .krx, .index), [.price, .multi], .real, []),
      (Instrument("SPIU25", .overseas, .overseasDerivative), [.trades, .multi], .real, [.trades]),
    ] as [(Instrument, [Feed], ServiceEnvironment, [Feed])])
  func whatCannotBeObservedIsSaid(
    _ instrument: Instrument, _ asked: [Feed], _ environment: ServiceEnvironment, _ feeds: [Feed]
  ) {
    let choice = FeedChoice(instrument, asked, .of(environment))
    #expect(choice.feeds == feeds && choice.reasons.count == asked.count - feeds.count)
    #expect(
      choice.reasons.allSatisfy { $0.contains("--list-feeds") || $0.contains("--env") }, "\(choice.reasons)")
  }
}
