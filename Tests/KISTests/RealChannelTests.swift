import Foundation
import JSONBytes
import TestSupport
import Testing

@testable import KIS

/// Every frame that is known of any channel, live or printed by the exchange: `Tests/Golden/real-frames.txt`.
@Suite struct RealChannelTests {
  static let frames: [String] = {
    let path = Tool.repository.path + "/Tests/Golden/real-frames.txt"
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("0|") }
  }()

  private static let ended = ["H0STOUP0", "H0STOAC0", "H0STOAA0"]

  /// 2026-09-22, for what has no date of its own.
  private static func inputs(_ frame: String) throws -> [[String: Any]] {
    var probe = SnapshotProbe()
    return try probe.inputs(frame, at: 1_790_053_572_345)
  }

  private static func inputs(of name: String, _ place: Int = 0) throws -> [String: Any] {
    let frame = try #require(frames.filter { $0.contains("|\(name)|") }.dropFirst(place).first)
    return try #require(try inputs(frame).first)
  }

  @Test func thereAreManyChannels() {
    #expect(Self.frames.count == 40 && Set(Self.frames.map { $0.dropFirst(2).prefix(8) }).count == 29)
  }

  @Test(arguments: frames) func itGoesThrough(_ frame: String) throws {
    let parts = frame.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false)
    let name = String(parts[1])
    guard !Self.ended.contains(name) else {
      #expect(ParsedFrame.parse(frame) == .fault(.unknownChannel(name)))
      return
    }
    let columns = try #require(Channel(transactionID: name)).row.layouts
    let fields = parts[3].split(separator: "^", omittingEmptySubsequences: false).map(String.init)
    let all = try Self.inputs(frame)
    let stride = fields.count / all.count
    let layout = try #require(columns.first { $0.minimum <= stride })
    #expect(layout.lengths.contains(stride))
    for (place, inputs) in all.enumerated() {
      let raw = try #require(inputs["raw"] as? [String: String])
      #expect(raw.count == stride)
      for index in 0..<stride {
        #expect(raw[layout.columns.rawName(index)] == fields[place * stride + index])
      }
      #expect(inputs.count > 3)
    }
  }

  /// KIS lengthens records: what is new stays in raw, what was there keeps its meaning.
  @Test(arguments: frames.filter { frame in !ended.contains { frame.contains($0) } })
  func aLongerRecordGoesThrough(_ frame: String) throws {
    let parts = frame.split(separator: "|", maxSplits: 3)
    let known = try #require(Channel(transactionID: String(parts[1]))).row.layouts
    let stride = parts[3].count { $0 == "^" } + 1
    // (Where a column that is known comes next, it is one.)
    guard parts[2] != "002", known.contains(where: { $0.columns.names.count == stride }) else { return }
    for extras in [["2"], ["", "12.5", "Y"]] {
      let before = try #require(try Self.inputs(frame).first)
      let after = try #require(try Self.inputs(frame + "^" + extras.joined(separator: "^")).first)
      let raw = (
        try #require(before["raw"] as? [String: String]), try #require(after["raw"] as? [String: String])
      )
      #expect(raw.1.count == raw.0.count + extras.count)
      for (name, value) in before where name != "raw" && !(value is NSNull) {
        #expect("\(value)" == "\(after[name] ?? "")", "\(name)")
      }
    }
  }

  @Test func anIndexIsExact() throws {
    let inputs = try Self.inputs(of: "H0UPCNT0")
    #expect(inputs["price"] as? Double == 1101.44 && inputs["prev_close"] as? Double == 1081.82)
    #expect(inputs["trade_time"] as? String == "2026-09-22T14:55:37+09:00")
    #expect(inputs["advancing_count"] as? Int == 105)
  }

  @Test func aFutureIsExact() throws {
    let inputs = try Self.inputs(of: "H0IFCNT0")
    #expect(inputs["prev_close"] as? Double == 1080.84 && inputs["change"] as? Double == -0.54)
    #expect(inputs["open_interest"] as? Int == 76672 && inputs["bid_price"] as? Double == 1080.04)
    let book = try Self.inputs(of: "H0MFASP0")
    #expect(book["mid_price"] as? Double == 367.325 && (book["bid_prices"] as? [Any])?.last is NSNull)
  }

  @Test func aTradeAbroadHasBothTimes() throws {
    let inputs = try Self.inputs(of: "HDFSCNT0")
    #expect(inputs["trade_time"] as? String == "2026-07-10T23:53:34+09:00")
    #expect(inputs["exchange_time"] as? String == "2026-07-10T10:53:34-04:00")
    #expect(inputs["prev_close"] as? Double == 751.71 && inputs["change_rate"] as? Double == 0.06)
    #expect(try Self.inputs(of: "HDFSCNT0", 1)["exchange_time"] as? String == "2024-12-27T07:02:29-05:00")
    var probe = SnapshotProbe()
    let frame = try #require(Self.frames.first { $0.contains("HDFSCNT0") })
    let line = try #require(probe.lines(Array(frame.utf8))[0])
    #expect(line.contains(#""symbol":"DAMSSPY","market":"AMS","product":"overseas-stock","feed":"trades"}"#))
  }

  @Test func aStatusSaysWhatIsHalted() throws {
    let on = try Self.inputs(of: "H0UNMKO0", 2)
    #expect(on["halted"] as? Bool == false && on["vi"] as? Bool == true && on["halt_reason"] is NSNull)
    #expect(try Self.inputs(of: "H0STMKO0")["expected_phase_code"] as? String == "311")
  }

  @Test func brokersKeepTheirNames() throws {
    let inputs = try Self.inputs(of: "H0STMBC0")
    #expect(
      (inputs["sellers"] as? [String])?.first == "씨티그룹" && (inputs["seller_sizes"] as? [Int])?.first == 903482
    )
  }

  /// What cannot be computed is null, not a record that is refused.
  @Test func aNumberThatIsNoneIsNull() throws {
    let inputs = try Self.inputs(of: "H0EUCNT0")
    #expect(inputs["delta"] is NSNull && inputs["price"] as? Double == 2.98)
  }

  /// The printed expected index has no day's prices: its sixth count is no high.
  @Test func aShorterLayoutOfAnotherOrder() throws {
    let inputs = try Self.inputs(of: "H0UPANC0")
    #expect(inputs["expected_price"] as? Double == 2607.71 && inputs["advancing_count"] as? Int == 439)
  }
}

/// Computed values are exact, however the exchange writes them.
@Suite struct SnapshotDecimalTests {
  /// (price, sign, change, previous close)
  @Test(arguments: [
    ("2712.45", "2", "19.62", "2692.83"), ("2712.45", "5", "-19.62", "2732.07"),
    ("2712.45", "3", "0.00", "2712.45"),
    ("752.1600", "2", "0.4500", "751.7100"), ("10575.00", "2", "5", "10570.00"),
    ("0.05", "2", "0.05", "null"),
    ("100", "2", "0.1", "99.9"), ("999999999999999999", "5", "-1", "1000000000000000000"),
    ("9999999999999999.99", "5", "-0.01", "10000000000000000.00"), ("1.5", "2", "x", "null"),
    ("1.5", "2", "", "null"),
    ("-1.25", "2", "0.25", "-1.50"), ("-3", "5", "-1", "-2"), ("1234567890123456789012.5", "2", "1", "null"),
  ])
  func previousClose(_ price: String, _ sign: String, _ change: String, _ close: String) throws {
    let parts = try #require(RealChannelTests.frames.first { $0.contains("H0IFCNT0") }).split(
      separator: "|", maxSplits: 3)
    var fields = parts[3].split(separator: "^", omittingEmptySubsequences: false).map(String.init)
    (fields[5], fields[3], fields[2]) = (price, sign, change)
    var probe = SnapshotProbe(raw: false)
    let line = try #require(probe.lines(Array("0|H0IFCNT0|001|\(fields.joined(separator: "^"))".utf8))[0])
    #expect(line.contains("\"prev_close\":\(close),"), "\(line)")
  }

  /// (bid, ask, middle)
  @Test(arguments: [
    ("367.30", "367.35", "367.325"), ("367.30", "367.40", "367.35"), ("100", "101", "100.5"),
    ("100", "100.5", "100.25"),
    ("0.00", "1.00", "null"), ("99.9", "100", "99.95"), ("0.01", "0.02", "0.015"), ("-1.00", "1.00", "null"),
  ])
  func midpoint(_ bid: String, _ ask: String, _ middle: String) throws {
    let parts = try #require(RealChannelTests.frames.first { $0.contains("H0EUASP0") }).split(
      separator: "|", maxSplits: 3)
    var fields = parts[3].split(separator: "^", omittingEmptySubsequences: false).map(String.init)
    (fields[2], fields[7]) = (ask, bid)
    var probe = SnapshotProbe(raw: false)
    let line = try #require(probe.lines(Array("0|H0EUASP0|001|\(fields.joined(separator: "^"))".utf8))[0])
    #expect(line.contains("\"mid_price\":\(middle),"), "\(line)")
  }

  @Test(arguments: [
    ("20260710", "105334", "20260710", "235334", "2026-07-10T10:53:34-04:00"),
    ("20260710", "225334", "20260710", "235334", "2026-07-10T22:53:34+08:00"),
    ("20260711", "003700", "20260710", "235959", "null"),
    ("20260710", "105333", "20260710", "235334", "2026-07-10T10:53:33-04:00"),
    ("20260710", "182334", "20260710", "235334", "2026-07-10T18:23:34+03:30"),
    ("20260710", "000000", "20260712", "000000", "null"), ("20260710", "", "20260710", "235334", "null"),
    ("2026071x", "105334", "20260710", "235334", "null"),
  ])
  func zone(_ date: String, _ time: String, _ koreanDate: String, _ koreanTime: String, _ told: String) throws
  {
    let parts = try #require(RealChannelTests.frames.first { $0.contains("HDFSCNT0") }).split(
      separator: "|", maxSplits: 3)
    var fields = parts[3].split(separator: "^", omittingEmptySubsequences: false).map(String.init)
    (fields[4], fields[5], fields[6], fields[7]) = (date, time, koreanDate, koreanTime)
    var probe = SnapshotProbe(raw: false)
    let lines = probe.lines(Array("0|HDFSCNT0|001|\(fields.joined(separator: "^"))".utf8))
    // A date that is none may also be refused.
    guard let line = lines.first ?? nil else { return #expect(told == "null") }
    #expect(line.contains("\"exchange_time\":\(told == "null" ? told : "\"\(told)\""),"), "\(line)")
  }
}
