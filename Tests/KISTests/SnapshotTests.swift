import Foundation
import JSONBytes
import Plumbing
import Testing

@testable import KIS

/// Builds snapshots for tests and reads them back with an independent JSON reader.
struct SnapshotProbe: ~Copyable {
  var builder: SnapshotBuilder
  var parser = FrameParser()

  init(raw: Bool = true) { builder = SnapshotBuilder(sessionID: "s-1", mode: "TEST", raw: raw, seed: 7) }

  /// The lines of a frame; nil for a record without data.
  mutating func lines(_ frame: [UInt8], at time: Milliseconds = 1_790_000_000_123) -> [String?] {
    frame.withUnsafeBufferPointer { bytes in
      guard case .records(let frame) = parser.parse(bytes) else { return [] }
      var lines: [String?] = []
      for index in 0..<frame.count {
        var output = ByteBuffer()
        let moment = SnapshotMoment(time: time, source: .websocket)
        let isMade = builder.append(frame[index], at: moment, to: &output)
        #expect(isMade == !output.isEmpty)
        lines.append(isMade ? output.text : nil)
      }
      return lines
    }
  }

  mutating func inputs(_ frame: String, at time: Milliseconds = 1_790_000_000_123) throws -> [[String: Any]] {
    try lines(Array(frame.utf8), at: time).map { line in
      let object = try Self.object(try #require(line))
      let observation = try #require(object["observation"] as? [String: Any])
      return try #require(observation["inputs"] as? [String: Any])
    }
  }

  static func object(_ line: String) throws -> [String: Any] {
    #expect(line.hasSuffix("\n"))
    #expect(!line.dropLast().contains("\n"))
    return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }
}

@Suite struct SnapshotTests {
  /// 14:06:12.345 KST on 2026-09-22.
  static let afternoon: Milliseconds = 1_790_053_572_345

  @Test func aTradeIsWrittenExactly() throws {
    var probe = SnapshotProbe(raw: false)
    let line = try #require(probe.lines(Array(FrameSamples.midpoint.utf8), at: Self.afternoon)[0])
    let run = try #require(line.firstMatch(of: /"run_id":"([0-9a-f]{32})"/)).1
    let expected = #"""
      {"meta":{"timestamp":"2026-09-22T14:06:12.345+09:00","timestamp_ms":1790053572345,"session_id":"s-1","run_id":"\#(run)","mode":"TEST","observer_version":"v1.0.0","tick_source":"websocket"},"context":{"source":"market","stage":"raw","symbol":"005930","market":"KRX","product":"stock","feed":"trades"},"observation":{"inputs":{"price":277750,"volume":11955000,"open":283000,"high":283500,"low":276500,"prev_close":274000,"change":3750,"change_rate":1.37,"value":3352130122500,"bid_price":277500,"ask_price":278000,"bid_size":70626,"ask_size":47588,"trade_size":5,"trade_time":"2026-09-22T14:06:10+09:00","side":"sell","vwap":280395.69,"strength":120.39,"total_bid_size":496479,"total_ask_size":794823,"vi_price":283000,"session":"regular","halted":false},"computed":{},"state":{}}}

      """#
    #expect(line == expected)
  }

  @Test func aBundleGivesEachRecordItsOwnValues() throws {
    var probe = SnapshotProbe()
    let inputs = try probe.inputs(FrameSamples.bundle)
    #expect(inputs.map { $0["price"] as? Int } == [71950, 71900, 72000])
    #expect(inputs.map { $0["change"] as? Int } == [1350, 1300, 1400])
    #expect(inputs.map { $0["prev_close"] as? Int } == [70600, 70600, 70600])
    #expect(inputs.map { $0["trade_size"] as? Int } == [1, 2, 75])
    #expect(inputs.map { $0["side"] as? String } == ["sell", "sell", "buy"])
    #expect(inputs.map { $0["session"] as? String } == ["regular", "regular", "regular"])
    #expect(inputs[0]["trade_time"] as? String == "2025-07-30T09:47:51+09:00")
    #expect((inputs[2]["raw"] as? [String: String])?["acml_tr_pbmn"] == "595409543150")
  }

  @Test func aFallKeepsItsSignOnce() throws {
    var probe = SnapshotProbe()
    let inputs = try probe.inputs(FrameSamples.falling)[0]
    #expect(inputs["change"] as? Int == -100)
    #expect(inputs["change_rate"] as? Double == -0.14)
    #expect(inputs["prev_close"] as? Int == 72000)
    #expect(probe.builder.complaints == SnapshotComplaints())
  }

  static let signTable: [(String, String, String, String, String, String, Bool)] = [
    ("5", "-100", "-0.14", "-100", "-0.14", "72000", false),
    ("5", "100", "0.14", "-100", "-0.14", "72000", true),
    ("4", "-100", "-0.14", "-100", "-0.14", "72000", false),
    ("2", "100", "0.14", "100", "0.14", "71800", false),
    ("1", "100", "0.14", "100", "0.14", "71800", false), ("2", "-100", "-0.14", "100", "0.14", "71800", true),
    ("3", "0", "0.00", "0", "0", "71900", false), ("3", "-0", "-0.00", "0", "0", "71900", false),
    ("3", "100", "0.14", "0", "0", "71900", true), ("", "-100", "-0.14", "-100", "-0.14", "72000", false),
    ("5", "0", "0.00", "0", "0.00", "71900", false), ("2", "000100", "+00.14", "100", "0.14", "71800", false),
    ("2", " 100 ", ".14", "100", "0.14", "71800", false), ("2", "", "", "null", "null", "null", false),
    ("2", "1e2", "1.4.", "null", "null", "null", false), ("2", "71900", "1", "71900", "1", "null", false),
  ]

  /// (code, change, rate) as sent; (change, rate, previous close) as told; whether it is complained about.
  @Test(arguments: signTable)
  func signs(
    _ code: String, _ change: String, _ rate: String, _ told: String, _ toldRate: String, _ close: String,
    _ isComplaint: Bool
  ) throws {
    var probe = SnapshotProbe(raw: false)
    let frame = FrameSamples.falling.replacing("^5^-100^-0.14^", with: "^\(code)^\(change)^\(rate)^")
    let line = try #require(probe.lines(Array(frame.utf8))[0])
    #expect(line.contains("\"prev_close\":\(close),\"change\":\(told),\"change_rate\":\(toldRate),"))
    #expect(probe.builder.complaints.signDisagreements == (isComplaint ? 1 : 0))
  }

  @Test(arguments: [
    ("71900", "71900"), ("  71900", "71900"), ("0071900", "71900"), ("71900.50", "71900.50"),
    ("123456789012345678901234567890", "123456789012345678901234567890"),
  ])
  func pricesKeepTheirDigits(_ sent: String, _ told: String) throws {
    var probe = SnapshotProbe()
    let frame = FrameSamples.falling.replacing("^093354^71900^", with: "^093354^\(sent)^")
    let line = try #require(probe.lines(Array(frame.utf8))[0])
    #expect(line.contains("\"price\":\(told),"))
    #expect(line.contains("\"stck_prpr\":\"\(sent)\""))
  }

  @Test(arguments: [
    "0", "", " ", "000", "0.00", "-71900", "NaN", "1e9", "71,900", "0x10", String(repeating: "9", count: 41),
  ])
  func withoutAPriceThereIsNoSnapshot(_ sent: String) {
    var probe = SnapshotProbe()
    let frame = FrameSamples.falling.replacing("^093354^71900^", with: "^093354^\(sent)^")
    #expect(probe.lines(Array(frame.utf8)) == [nil])
  }

  @Test(arguments: [
    ("093354", "20230612", #""2023-06-12T09:33:54+09:00""#), ("240000", "20230612", "null"),
    ("096000", "20230612", "null"), ("093354", "20240229", #""2024-02-29T09:33:54+09:00""#),
    ("", "20230612", "null"), ("093354", "20230229", #""2026-09-22T09:33:54+09:00""#),
    ("093354", "", #""2026-09-22T09:33:54+09:00""#), ("093354", "20231301", #""2026-09-22T09:33:54+09:00""#),
    ("093354", "99999999", #""2026-09-22T09:33:54+09:00""#),
  ])
  func tradeTimesAreAbsolute(_ time: String, _ date: String, _ told: String) throws {
    var probe = SnapshotProbe()
    let frame = FrameSamples.falling.replacing("^093354^", with: "^\(time)^")
      .replacing("^20230612^", with: "^\(date)^")
    let line = try #require(probe.lines(Array(frame.utf8), at: Self.afternoon)[0])
    #expect(line.contains("\"trade_time\":\(told),"))
  }

  /// A book has a time and no date: (received, time, told).
  @Test(arguments: [
    (Milliseconds(1_790_053_572_345), "140610", "2026-09-22T14:06:10+09:00"),
    (1_790_053_572_345, "235959", "2026-09-22T23:59:59+09:00"),
    (1_790_002_800_100, "235959", "2026-09-21T23:59:59+09:00"),
    (1_790_002_800_100, "000000", "2026-09-22T00:00:00+09:00"),
  ])
  func quoteTimesTakeTheDayOfArrival(_ received: Milliseconds, _ time: String, _ told: String) throws {
    var probe = SnapshotProbe()
    let frame = FrameSamples.book63.replacing("^140610^", with: "^\(time)^")
    #expect(try probe.inputs(frame, at: received)[0]["quote_time"] as? String == told)
  }

  @Test func aBookHasItsLevelsAndNoAuction() throws {
    var probe = SnapshotProbe()
    let inputs = try probe.inputs(FrameSamples.book63)[0]
    #expect(inputs["bid_price"] as? Int == 277500)
    #expect(inputs["ask_price"] as? Int == 278000)
    #expect(inputs["mid_price"] as? Int == 277750)
    #expect(inputs["midpoint_size"] as? Int == 4831)
    #expect((inputs["ask_prices"] as? [Int])?.last == 282500)
    #expect((inputs["bid_sizes"] as? [Int])?.first == 70626)
    #expect((inputs["bid_sizes"] as? [Int])?.count == 10)
    #expect(inputs["total_bid_size"] as? Int == 496484)
    #expect(inputs["session"] as? String == "regular")
    for name in ["price", "size", "volume", "change", "change_rate"] {
      #expect(inputs["expected_\(name)"] is NSNull)
    }
  }

  @Test func anOldBookHasNoMidpointFields() throws {
    var probe = SnapshotProbe()
    let inputs = try probe.inputs(FrameSamples.book59)[0]
    #expect(inputs["mid_price"] as? Int == 77850)
    #expect(inputs["midpoint_size"] is NSNull)
    #expect(inputs["session"] is NSNull)
  }

  @Test func emptyLevelsAreNull() throws {
    var probe = SnapshotProbe()
    let frame = FrameSamples.book63.replacing("^278000^278500^", with: "^0^0^")
      .replacing("^47584^39910^", with: "^0^0^")
    let inputs = try probe.inputs(frame)[0]
    #expect(inputs["ask_price"] is NSNull)
    #expect(inputs["mid_price"] is NSNull)
    #expect(inputs["ask_size"] is NSNull)
    let sizes = try #require(inputs["ask_sizes"] as? [Any])
    #expect(sizes[0] is NSNull && sizes[1] is NSNull && sizes[2] as? Int == 40703)
  }

  @Test func aMidpointMayLieBetweenTwoUnits() throws {
    var probe = SnapshotProbe(raw: false)
    let frame = FrameSamples.book63.replacing("^278000^", with: "^277501^")
    #expect(try #require(probe.lines(Array(frame.utf8))[0]).contains("\"mid_price\":277500.5,"))
  }

  @Test func auctionsTellTheExpectedPrice() throws {
    var probe = SnapshotProbe()
    let frame = FrameSamples.book63.replacing(
      "^0^0^0^0^457236^-274000^5^-100.00^", with: "^0^0^273000^1200^457236^-1000^5^-0.36^")
    let inputs = try probe.inputs(frame)[0]
    #expect(inputs["expected_price"] as? Int == 273000)
    #expect(inputs["expected_size"] as? Int == 1200)
    #expect(inputs["expected_change"] as? Int == -1000)
    #expect(inputs["expected_change_rate"] as? Double == -0.36)
  }

  @Test func anEmptyBookIsNoSnapshot() {
    var probe = SnapshotProbe()
    let fields = ["005930", "140610", "0"] + Array(repeating: "0", count: 60)
    let frame = "0|H0STASP0|001|" + fields.joined(separator: "^")
    #expect(probe.lines(Array(frame.utf8)) == [nil])
  }

  @Test(arguments: [
    FrameSamples.trades("H0NXCNT0", count: 2, stride: 47),
    FrameSamples.trades("H0UNCNT0", count: 2, stride: 49),
    FrameSamples.books("H0NXASP0", stride: 62), FrameSamples.books("H0UNASP0", stride: 68),
    FrameSamples.bundle,
    FrameSamples.midpoint, FrameSamples.book63, FrameSamples.books(stride: 70),
  ])
  func rawIsCompleteAndUnchanged(_ frame: String) throws {
    var probe = SnapshotProbe()
    let parts = frame.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false)
    let fields = parts[3].split(separator: "^", omittingEmptySubsequences: false).map(String.init)
    let all = try probe.inputs(frame)
    let stride = fields.count / all.count
    let columns = try #require(Channel(transactionID: String(parts[1]))).row.layouts[0].columns
    for (place, inputs) in all.enumerated() {
      let raw = try #require(inputs["raw"] as? [String: String])
      #expect(raw.count == stride)
      for index in 0..<stride {
        #expect(raw[columns.rawName(index)] == fields[place * stride + index])
      }
    }
  }

  /// Bytes that would break a JSON string, or are no UTF-8 at all: (bytes of a field, as read back, repairs).
  @Test(arguments: [
    (Array("a\"b\\c".utf8), "a\"b\\c", 0), ([0x41, 0x0A, 0x1F, 0x7F], "A\n\u{1F}\u{7F}", 0),
    (Array("\u{C0BC}\u{C131}".utf8), "\u{C0BC}\u{C131}", 0), ([0xBB, 0xEF, 0x41], "\u{FFFD}\u{FFFD}A", 1),
    ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}", 1),
  ])
  func badBytesNeverMakeABadLine(_ bytes: [UInt8], _ told: String, _ repairs: Int) throws {
    var probe = SnapshotProbe()
    let line = try #require(
      probe.lines(Array(FrameSamples.midpoint.utf8) + [0x5E] + bytes)[0])
    let object = try SnapshotProbe.object(line)
    let inputs = (object["observation"] as? [String: Any])?["inputs"] as? [String: Any]
    #expect((inputs?["raw"] as? [String: String])?["f47"] == told)
    #expect(probe.builder.complaints.invalidUTF8 == repairs)
  }

  @Test func garbageNumbersAreNullAndCounted() throws {
    var probe = SnapshotProbe()
    let frame = FrameSamples.midpoint.replacing("^11955000^", with: "^11,955^")
    let inputs = try probe.inputs(frame)[0]
    #expect(inputs["volume"] is NSNull)
    #expect((inputs["raw"] as? [String: String])?["acml_vol"] == "11,955")
    #expect(probe.builder.complaints.badNumbers == 1)
  }

  /// A share of a share, or more digits than 64 bits hold, would be rounded or refused by everything that reads the archive.
  @Test(arguments: [
    ("11955000", "11955000", 0), ("11955000.0", "11955000", 0), ("0.00", "0", 0), ("-3.000", "-3", 0),
    ("1.5", "null", 1), ("0.5", "null", 1), ("9223372036854775808", "null", 1),
    ("123456789012345678", "123456789012345678", 0), ("1234567890123456789", "null", 1), ("", "null", 0),
  ])
  func wholeMembersAreWhole(_ sent: String, _ told: String, _ odd: Int) throws {
    var probe = SnapshotProbe()
    let frame = FrameSamples.midpoint.replacing("^11955000^", with: "^\(sent)^")
    let line = try #require(probe.lines(Array(frame.utf8))[0])
    #expect(line.contains("\"volume\":\(told),"), "\(line)")
    #expect(line.contains("\"acml_vol\":\"\(sent)\""))
    #expect(probe.builder.complaints.badNumbers == odd)
  }
}
