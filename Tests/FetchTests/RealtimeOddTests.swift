import KIS
import Plumbing
import Testing

@testable import Fetch

/// What a session makes of frames that it cannot read, and of answers that belong to nothing.
@Suite struct RealtimeOddTests {
  @Test func framesThatCannotBeReadAreToldUntilTheyCan() {
    let bench = RealtimeBench(["005930"])
    bench.run(1)
    let odd = RealtimeLaneTests.trade.replacingOccurrence(of: "005930^", with: "^")
    for text in [odd, odd, odd, RealtimeLaneTests.trade] { bench.link?.come(.text(text)) }
    bench.run(1)
    #expect(
      bench.told.dropFirst(2).map { $0.dropFirst(2) } == [
        "refused frame", "refused frame", "refused frame, unreadable", "readable", "Schema drift",
        "record 005930",
      ])
  }

  /// Frames that name no channel may be of any, and what is encrypted names one.
  @Test(arguments: ["1|H0STCNT0|001|bm90IGZvciB1cw==", "\u{1F}\u{8B}junk", "0|H0STXXX0|001|a^b"])
  func framesOfWhichNothingIsReadAreUnreadable(_ text: String) {
    let bench = RealtimeBench(["005930"])
    bench.run(1)
    for text in [text, text, text, text, RealtimeLaneTests.trade] { bench.link?.come(.text(text)) }
    bench.run(1)
    #expect(
      bench.told.dropFirst(2).map { $0.dropFirst(2) } == [
        "refused frame", "refused frame", "refused frame, unreadable", "refused frame", "readable",
        "Schema drift", "record 005930",
      ])
  }

  // MARK: - Answers that belong to nothing

  private static func reply(_ channel: String, _ symbol: String, _ code: String) -> String {
    #"{"header":{"tr_id":"\#(channel)","tr_key":"\#(symbol)"},"body":{"rt_cd":"1","msg_cd":"\#(code)","msg1":""}}"#
  }

  /// What names another symbol, or another channel, says nothing about the one that is waited for.
  @Test(arguments: [
    ("H0STCNT0", "111111", "OPSP8992"), ("H0STASP0", "005930", "OPSP0008"),
    ("H0STXXX0", "005930", "OPSP8991"),
    ("H0STCNT0", "111111", "OPSP0007"), ("H0STCNT0", "111111", "NEW99999"),
    ("H0STCNT0", "111111", "OPSP0000"),
  ])
  func aStrayAnswerTeachesNothing(_ channel: String, _ symbol: String, _ code: String) {
    let bench = RealtimeBench(["005930"])
    bench.exchange.answer = { _ in nil }
    bench.run(1)
    bench.link?.come(.text(Self.reply(channel, symbol, code)))
    bench.run(1)
    #expect(bench.told == ["0 WebSocket connected"] && bench.lane.plan.limit == 41)
    #expect(bench.lane.counts.skippedMessages == (code == "NEW99999" ? 0 : 1))
    bench.link?.come(.text(Self.reply("H0STCNT0", "005930", "OPSP0000")))
    bench.link?.come(.text(RealtimeLaneTests.trade))
    bench.run(1)
    #expect(bench.told.dropFirst().first == "2 observed 005930" && bench.told.last == "2 record 005930")
  }

  /// A refusal that the server takes back, in words or by sending records, is over.
  @Test(arguments: [true, false])
  func whatIsRefusedAndServedIsObserved(_ isAcknowledged: Bool) {
    let bench = RealtimeBench(["005930"])
    bench.exchange.answer = { _ in "OPSP8992" }
    bench.run(1)
    #expect(bench.told == ["0 WebSocket connected", "0 refused 005930"])
    if isAcknowledged { bench.link?.come(.text(Self.reply("H0STCNT0", "005930", "OPSP0000"))) }
    bench.link?.come(.text(RealtimeLaneTests.trade))
    bench.run(1)
    #expect(
      bench.told.dropFirst(2).filter { !$0.contains("drift") } == [
        "1 Registration served", "1 observed 005930", "1 record 005930",
      ], "\(bench.told)")
    #expect(bench.lane.plan.active == 1 && bench.lane.counts.skippedMessages == 0)
    #expect(bench.exchange.said == ["1000 +005930"], "nothing is registered in a loop")
  }

  @Test func whatIsUnwantedStaysUnwanted() {
    let bench = RealtimeBench(["005930"])
    bench.exchange.answer = { _ in "OPSP8992" }
    bench.run(1)
    bench.lane.unwant(Instrument("005930", .krx), .trades)
    bench.link?.come(.text(RealtimeLaneTests.trade))
    bench.run(1)
    #expect(bench.told.last == "1 record -" && bench.lane.subjects.isEmpty)
  }

  @Test func whatCannotBeReadIsCounted() {
    let bench = RealtimeBench(["005930"])
    bench.run(1)
    bench.link?.come(.text(#"{"header":{"tr_id":"H0STCNT0""#))
    bench.run(1)
    #expect(bench.lane.counts.skippedMessages == 1)
  }

  /// A secret that a frame repeats is taken out of it before anything else sees it.
  @Test func aSecretInAFrameIsTakenOut() {
    SecretMask.register("frame/Secret+0123456789abcdefXYZ")
    let bench = RealtimeBench(["005930"])
    bench.run(1)
    let odd = RealtimeLaneTests.trade + "^2^cret+0123456789abcdef"
    var fields: [String] = []
    Array(odd.utf8).withUnsafeBufferPointer {
      bench.lane.takeFrame($0, bench.now) { event in
        guard case .frame(let frame) = event else { return }
        fields = (0..<frame.stride).map { String(decoding: frame[0].field($0), as: UTF8.self) }
      }
    }
    #expect(fields.count == 48 && fields.last == "********" && fields.first == "005930")
  }
}

extension String {
  fileprivate func replacingOccurrence(of text: String, with other: String) -> String {
    guard let range = firstRange(of: text) else { return self }
    return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
  }
}
