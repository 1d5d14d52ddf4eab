import JSONBytes
import Testing

@testable import KIS

@Suite struct SnapshotAnswerTests {
  static let price = """
    {"output":{"iscd_stat_cls_code":"55","temp_stop_yn":"N","stck_prpr":"128500","prdy_vrss":"-300",
    "prdy_vrss_sign":"5","prdy_ctrt":"-0.57","acml_tr_pbmn":"344570137500","acml_vol":"2669075",
    "stck_oprc":"128500","stck_hgpr":"130000","stck_lwpr":"128500","stck_mxpr":"167000","stck_llam":"90000",
    "stck_sdpr":"128800","wghn_avrg_stck_prc":"129097.23","bstp_kor_isnm":"전기.전자","cpfn_cnnm":"36,576 억"},
    "rt_cd":"0","msg_cd":"MCA00000","msg1":"정상처리 되었습니다!"}
    """

  static func line(
    _ body: String,
    _ make: (inout SnapshotBuilder, UnsafeBufferPointer<UInt8>, JSONValue, inout ByteBuffer) -> Bool
  ) throws -> String? {
    let bytes = Array(body.utf8)
    let root = try JSONValue.parse(bytes)
    var builder = SnapshotBuilder(sessionID: "s", mode: "TEST", seed: 1)
    var output = ByteBuffer()
    let isMade = bytes.withUnsafeBufferPointer { make(&builder, $0, root["output"] ?? root, &output) }
    #expect(isMade == !output.isEmpty)
    return isMade ? output.text : nil
  }

  static let moment = SnapshotMoment(time: 1_790_000_000_123, source: .rest)

  static func priceLine(_ body: String) throws -> String? {
    try line(body) { builder, bytes, output, buffer in
      builder.appendPrice(
        body: bytes, output: output, symbol: "000660", venue: .unified, at: moment, to: &buffer)
    }
  }

  @Test func aPriceAnswer() throws {
    let line = try #require(try Self.priceLine(Self.price))
    _ = try SnapshotProbe.object(line)
    let expected = #"""
      "symbol":"000660","market":"UN","product":"stock","feed":"price"},"observation":{"inputs":{"price":128500,"volume":2669075,"open":128500,"high":130000,"low":128500,"change":-300,"change_rate":-0.57,"value":344570137500,"base_price":128800,"upper_limit":167000,"lower_limit":90000,"vwap":129097.23,"prev_close":128800,"halted":false,"session":null,"raw":{"iscd_stat_cls_code":"55",
      """#
    #expect(line.contains(expected))
    #expect(line.contains(#""bstp_kor_isnm":"전기.전자","cpfn_cnnm":"36,576 억"}},"computed":{}"#))
  }

  @Test(arguments: [
    ("128500\"", "0\""), ("128500\"", "\""), ("\"stck_prpr\":\"128500\"", "\"stck_prpr\":null"),
    ("stck_prpr", "other"),
  ])
  func withoutAPriceThereIsNoSnapshot(_ old: String, _ new: String) throws {
    #expect(try Self.priceLine(Self.price.replacing(old, with: new, maxReplacements: 1)) == nil)
  }

  @Test(arguments: [("\"55\"", "\"58\""), ("\"temp_stop_yn\":\"N\"", "\"temp_stop_yn\":\"Y\"")])
  func haltsAreTold(_ old: String, _ new: String) throws {
    let line = try #require(try Self.priceLine(Self.price.replacing(old, with: new)))
    #expect(line.contains("\"halted\":true"))
  }

  static let multi = #"""
    {"output":{"inter_shrn_iscd":"005930 ","inter_kor_isnm":"삼성전자","inter2_prpr":"274500","inter2_prdy_vrss":"6500","prdy_vrss_sign":"2","prdy_ctrt":"2.43","acml_vol":"21669476","inter2_oprc":"275000","inter2_hgpr":"275500","inter2_lwpr":"266000","inter2_llam":"188000","inter2_mxpr":"348000","inter2_askp":"274500","inter2_bidp":"274000","seln_rsqn":"1200","shnu_rsqn":"900","total_askp_rsqn":"51000","total_bidp_rsqn":"62000","acml_tr_pbmn":"5874450961500","inter2_prdy_clpr":"268000","inter2_sdpr":"268000"}}
    """#

  static func multiLine(_ body: String) throws -> String? {
    try line(body) { builder, bytes, output, buffer in
      builder.appendMulti(body: bytes, row: output, venue: .krx, at: moment, to: &buffer)
    }
  }

  @Test func aMultiRow() throws {
    let line = try #require(try Self.multiLine(Self.multi))
    let object = try SnapshotProbe.object(line)
    let inputs = try #require((object["observation"] as? [String: Any])?["inputs"] as? [String: Any])
    #expect((object["context"] as? [String: Any])?["symbol"] as? String == "005930")
    #expect(inputs["price"] as? Int == 274500)
    #expect(inputs["prev_close"] as? Int == 268000)
    #expect(inputs["bid_price"] as? Int == 274000)
    #expect(inputs["ask_size"] as? Int == 1200)
    #expect(inputs["name"] as? String == "삼성전자")
    #expect((inputs["raw"] as? [String: String])?.count == 21)
    #expect((inputs["raw"] as? [String: String])?["inter_shrn_iscd"] == "005930 ")
  }

  @Test(arguments: [("274500", "0"), ("005930 ", ""), ("005930 ", "  ")])
  func unknownSymbolsGiveNoSnapshot(_ old: String, _ new: String) throws {
    #expect(try Self.multiLine(Self.multi.replacing(old, with: new, maxReplacements: 1)) == nil)
  }
}
