import Foundation
import JSONBytes
import TestSupport
import Testing

@testable import KIS

/// A column put into a record, or taken out of it, moves all that follow. Every real frame, and one frame of each channel, is
/// read with every column taken out in turn, and with each of a few values put in at every place: the record is refused, or
/// what is read from it is what was read before, or null. Where no kind of column tells, the member and the places stand in
/// `Tests/Golden/blind-shifts.txt` (`RECORD_GOLDEN=1` rewrites it, and fails).
@Suite struct ShiftProbeTests {
  private static let golden = Tool.repository.path + "/Tests/Golden/"

  private static func lines(_ name: String) -> [String] {
    let text = (try? String(contentsOfFile: golden + name, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }

  private static func name(_ frame: String) -> String { String(frame.dropFirst(2).prefix(8)) }

  private static let frames = Dictionary(
    grouping: (RealFrames.all + RealChannelTests.frames + lines("simulated-frames.txt")).filter {
      Channel(transactionID: name($0)) != nil
    }, by: name)

  private static let blind = lines("blind-shifts.txt")

  @Test func everyChannelIsProbed() {
    let names = Set(FeedTable.rows.map(\.transactionID))
    #expect(Set(Self.frames.keys) == names)
    let seeds = Set(Self.lines("../fuzz-corpus/frame.txt").map(Self.name))
    #expect(names.subtracting(seeds) == [], "channels that the fuzz target frame has no seed of")
  }

  /// Prices that a shift may change unseen: those of stocks' records at the end of a layout, and those beside numbers of
  /// the same form up to the end of a record.
  private static let blindPrices = [
    "H0BICNT0 clean_price_index", "H0BICNT0 market_price_index", "H0EWCNT0 theoretical_price",
    "H0MFASP0 bid_price", "H0MFASP0 bid_prices", "H0MFASP0 mid_price", "H0NXANC0 vi_price",
    "H0NXCNT0 vi_price", "H0STCNT0 vi_price", "H0UNANC0 vi_price", "H0UNCNT0 vi_price", "H0ZFASP0 bid_prices",
    "H0ZFCNT0 bid_price", "HDFFF010 ask_prices",
  ]

  @Test func theBestPricesAreSafe() {
    let found = Self.blind.filter { $0.contains("price") }.map {
      $0.split(separator: " ").prefix(2).joined(separator: " ")
    }
    #expect(found == Self.blindPrices)
  }

  @Test func noShiftedRecordGivesAWrongValue() throws {
    var found: [String] = []
    for name in Self.frames.keys.sorted() {
      var places: [String: Set<Int>] = [:]
      for frame in Self.frames[name] ?? [] {
        for (place, member) in try Self.wrong(frame) { places[member, default: []].insert(place) }
      }
      found += places.sorted { $0.key < $1.key }.map { "\(name) \($0.key) \(Self.ranges($0.value.sorted()))" }
    }
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      let head = "# CHANNEL MEMBER PLACES: a column put in or taken out there changes the member unseen\n"
      try (head + found.joined(separator: "\n") + "\n").write(
        toFile: Self.golden + "blind-shifts.txt", atomically: true, encoding: .utf8)
      Issue.record("recorded")
    }
    let changes = found.difference(from: Self.blind)
    #expect(changes.isEmpty, "\(changes)")
  }

  private static func ranges(_ places: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for place in places {
      if let last = ranges.last, last.upperBound == place - 1 {
        ranges[ranges.count - 1] = last.lowerBound...place
      } else {
        ranges.append(place...place)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }

  /// Where something was put in or taken out of the first record, and which member changed.
  private static func wrong(_ frame: String) throws -> [(Int, String)] {
    let parts = frame.split(separator: "|", maxSplits: 3)
    let count = try #require(Int(parts[2]))
    let all = parts[3].split(separator: "^", omittingEmptySubsequences: false).map(String.init)
    let fields = Array(all.prefix(all.count / count))
    var reader = ShiftReader("0|\(parts[1])|001|")
    let whole = try reader.values(fields)
    #expect(!whole.isEmpty, "\(frame)")
    var wrong: [(Int, String)] = []
    for place in fields.indices {
      for value in [nil, "KRX", "7", "12345", "0", "", "1.25", fields[max(place, 1) - 1]] {
        var shifted = fields
        if let value { shifted.insert(value, at: place) } else { shifted.remove(at: place) }
        for (member, value) in try reader.values(shifted) where value != "null" && value != whole[member] {
          wrong.append((place, member))
        }
      }
    }
    return wrong
  }
}

/// Reads the members of `inputs` of one record, as text.
private struct ShiftReader: ~Copyable {
  private var parser = FrameParser()
  private var builder = SnapshotBuilder(sessionID: "s", mode: "TEST", raw: false, seed: 1)
  private let head: String

  init(_ head: String) { self.head = head }

  /// Empty when it is refused or holds no data.
  mutating func values(_ fields: [String]) throws -> [String: String] {
    var output = ByteBuffer()
    let moment = SnapshotMoment(time: 1_790_000_000_000, source: .websocket)
    let isMade = Array((head + fields.joined(separator: "^")).utf8).withUnsafeBufferPointer { bytes in
      guard case .records(let frame) = parser.parse(bytes) else { return false }
      return builder.append(frame[0], at: moment, to: &output)
    }
    guard isMade else { return [:] }
    let line = Array(output.bytes)
    let root = try line.withUnsafeBufferPointer { try JSONValue.parse($0) }
    let members = try #require(root["observation"]?["inputs"]?.members)
    return Dictionary(
      uniqueKeysWithValues: members.map { ($0.name, String(decoding: line[$0.value.range], as: UTF8.self)) })
  }
}
