import JSONBytes
import Plumbing
import Testing

@testable import KIS

@Suite struct SnapshotMetaTests {
  @Test func pollingSnapshotsSayHowTheyWereTaken() throws {
    var builder = SnapshotBuilder(sessionID: "a\"b", mode: "SIM")
    var output = ByteBuffer()
    let moment = SnapshotMoment(
      time: 0, source: .rest, iterationID: 12, loopInterval: .seconds(1),
      latency: Nanoseconds(12_340_000))
    let gap = GapRecord(
      subject: Subject(Instrument("005930", .nxt), .book), reason: .apiError, id: "0a", from: 0, to: 61_005,
      isFinal: true, detail: "EGW00201")
    builder.append(gap, at: moment, to: &output)
    let object = try SnapshotProbe.object(output.text)
    let meta = try #require(object["meta"] as? [String: Any])
    #expect(meta["timestamp"] as? String == "1970-01-01T09:00:00.000+09:00")
    #expect(meta["session_id"] as? String == "a\"b")
    #expect(meta["iteration_id"] as? Int == 12)
    #expect(
      output.text.contains("\"loop_interval_ms\":1000.0,\"latency_ms\":12.34,\"tick_source\":\"rest\"}"))
    let expected = #"""
      "context":{"source":"system","stage":"state","symbol":"005930","market":"NXT","product":"stock","feed":"book"},"observation":{"inputs":{},"computed":{},"state":{"event":"gap","reason":"api_error","from":"1970-01-01T09:00:00.000+09:00","to":"1970-01-01T09:01:01.005+09:00","seconds":61.005,"severity":"MAJOR","gap_id":"0a","final":true,"detail":"EGW00201"}}}
      """#
    #expect(output.text.contains(expected))
  }

  @Test func runIDsAreRandomUUIDs() {
    func take(_ generator: inout RunIDGenerator) -> String {
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: RunIDGenerator.length) { buffer in
        guard let start = buffer.baseAddress else { return "" }
        generator.write(to: start)
        return String(decoding: buffer, as: UTF8.self)
      }
    }
    var generator = RunIDGenerator()
    let identifiers = (0..<10_000).map { _ in take(&generator) }
    #expect(Set(identifiers).count == identifiers.count)
    #expect(identifiers.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}/) != nil })
    #expect(Set(identifiers.joined().utf8).count == 16)
    var first = RunIDGenerator(seed: 1)
    var second = RunIDGenerator(seed: 1)
    var third = RunIDGenerator(seed: 2)
    let one = take(&first)
    #expect(one == take(&second))
    #expect(one != take(&third))
  }
}
