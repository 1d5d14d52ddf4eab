import Plumbing
import Testing

@testable import KIS

/// What is odd about one request is no outage of the service.
@Suite struct RestDoubtTests {
  private let odd = RestWork.price(Instrument("900000", .krx))
  private let samsung = RestWork.price(Instrument("005930", .krx))
  private let hynix = RestWork.price(Instrument("000660", .krx))
  private static let token = ScriptedTransport.Reply.answer(200, Answers.token("t"))

  static let doubtful = [
    Answers.error("40270000"), Answers.error("MCA00124"), Answers.error(""),
    #"{"rt_cd":"7","msg_cd":"APBK0656","msg1":"x"}"#, #"{"rt_cd":"1"}"#, #"{"rt_cd":1,"msg_cd":null}"#,
    #"{"rt_cd":"0","msg_cd":"MCA00000","msg1":"ok","output":null}"#, #"{"rt_cd":"0","output":[]}"#,
    #"{"rt_cd":"0","output":""}"#, #"{"rt_cd":"0","msg_cd":"MCA00000"}"#,
  ]

  @Test(arguments: doubtful) func twoMoreTriesAndTheOthersAreServed(_ body: String) throws {
    let bench = try Bench(script: [
      Self.token, .answer(200, body), .answer(200, Answers.price), .answer(200, Answers.price),
      .answer(200, body), .answer(200, body),
    ])
    for work in [odd, samsung, hynix] { bench.lane.enqueue(work) }
    bench.run()
    #expect(bench.answered == 2 && bench.stopped == nil && bench.lane.backlog == 0)
    #expect(bench.gaveUp.map(\.kind) == [.symbol] && bench.gaveUp.first?.reason == .noData)
    #expect(bench.transport.requests.count == 1 + 2 + 3)
    // The two tries come soon: within a second and a half at the most.
    #expect(bench.between(1, 5) < 2)
  }

  /// Nobody else was asked: it may be the service, and the symbol is asked for again at the next interval.
  @Test func aloneItIsGivenUpForNow() throws {
    let bench = try Bench(
      script: [Self.token] + Array(repeating: .answer(200, Answers.error("MCA00124")), count: 3))
    bench.lane.enqueue(odd)
    bench.run()
    #expect(bench.gaveUp.map(\.kind) == [.exhausted] && bench.gaveUp.first?.reason == .noData)
    #expect(bench.stopped == nil && !bench.lane.hasServed && bench.transport.requests.count == 4)
  }

  @Test func aBatchIsSplitAtOnce() throws {
    let bench = try Bench(script: [Self.token, .answer(200, Answers.error("MCA05918"))])
    bench.lane.enqueue(.multi([Instrument("900000", .krx), Instrument("005930", .krx)]))
    bench.run()
    #expect(bench.gaveUp.map(\.kind) == [.batch] && bench.transport.requests.count == 2)
  }

  /// A row that makes the whole answer unreadable spoils the batch, not the others.
  @Test func anUnreadableBatchIsSplit() throws {
    let bench = try Bench(
      script: [Self.token] + Array(repeating: .answer(200, #"{"rt_cd":"0","output":[{"a":"#), count: 3))
    bench.lane.enqueue(.multi([Instrument("900000", .krx), Instrument("005930", .krx)]))
    bench.run()
    #expect(bench.gaveUp.map(\.kind) == [.batch] && bench.stopped == nil)
    // What is left of it has two more tries each.
    bench.transport.script = Array(repeating: .answer(200, "x"), count: 3)
    bench.lane.enqueue(.multi([Instrument("900000", .krx)]), isPart: true)
    bench.run()
    #expect(bench.stopped?.status == .unavailable && bench.transport.requests.count == 1 + 3 + 3)
  }

  /// One symbol of thirty for which the server answers 500: it is found in halves, and the others are served.
  @Test(arguments: ["EGW00001", "EGW77777"]) func oneOddSymbolOfABatch(_ code: String) throws {
    let bench = try Bench(script: [Self.token])
    bench.transport.route = { request in
      guard request.path.contains("multprice") else { return nil }
      if request.path.contains("=900017") { return .answer(500, Answers.error(code)) }
      return .answer(200, #"{"rt_cd":"0","output":[{"inter_shrn_iscd":"1"}]}"#)
    }
    let list = (0..<30).map { Instrument("\(900000 + $0)", .krx) }
    bench.lane.enqueue(.multi(list))
    var given = 0
    var refused: [RestWork] = []
    while true {
      bench.run(seconds: 3600)
      let fresh = bench.events.dropFirst(given)
      given = bench.events.count
      let lost = fresh.compactMap {
        if case .gaveUp(let work, let trouble) = $0 { (work, trouble) } else { nil }
      }
      if lost.isEmpty { break }
      for (work, trouble) in lost {
        guard case .multi(let part) = work, trouble.kind == .batch, part.count > 1 else {
          #expect(trouble.kind == .symbol)
          refused.append(work)
          continue
        }
        bench.lane.enqueue(.multi(Array(part[..<(part.count / 2)])), isPart: true)
        bench.lane.enqueue(.multi(Array(part[(part.count / 2)...])), isPart: true)
      }
    }
    #expect(refused == [.multi([list[17]])] && bench.stopped == nil)
    let served = bench.events.reduce(into: Set<Instrument>()) { all, event in
      if case .answered(.multi(let part), _, _, _) = event { all.formUnion(part) }
    }
    #expect(served == Set(list).subtracting([list[17]]))
    #expect(bench.transport.requests.count < 30, "\(bench.transport.requests.count)")
  }

  /// A service that gives nothing to anybody is not asked in ever smaller parts.
  @Test func anOutageIsNotSplitWithoutEnd() {
    var record = ServiceRecord()
    var allowed = (0..<2 * ServiceRecord.splitsInVain).count { _ in record.countSplit() }
    #expect(allowed == ServiceRecord.splitsInVain)
    record.noteServed(at: 1)
    allowed += record.countSplit() ? 1 : 0
    #expect(allowed == ServiceRecord.splitsInVain + 1)
  }

  /// A price of another symbol is none of the one that was asked for. (asked, named, taken)
  @Test(arguments: [
    ("005930", "005930", true), ("005930", "A005930", true), ("Q500001", "500001", true),
    ("005930", "005930   ", true), ("005930", "", true), ("005930", "000660", false),
    ("005930", "5930", false), ("005930", "0", false),
  ])
  func aPriceIsOfTheSymbolThatWasAskedFor(_ asked: String, _ named: String, _ isTaken: Bool) {
    let body =
      #"{"rt_cd":"0","msg_cd":"MCA00000","msg1":"ok","output":{"stck_prpr":"1","stck_shrn_iscd":"\#(named)"}}"#
    let answer = RestAnswer(.price(Instrument(asked, .krx)), status: 200, body: Array(body.utf8))
    #expect(answer.reaction == (isTaken ? .accept : .doubtSymbol))
    #expect(answer.summary.contains("the price is that of \(named), another symbol") != isTaken)
  }

  /// A call that fails while others are served is given up, and the run goes on.
  @Test(arguments: [
    ScriptedTransport.Reply.answer(500, Answers.error("EGW77777")), .answer(400, "{}"), .answer(200, "x"),
    .fault(RestFault(.timeout, "no answer")), .fault(RestFault(.tooLarge, "too large")),
  ])
  func whatServesOthersIsNotOutOfReach(_ reply: ScriptedTransport.Reply) throws {
    let bench = try Bench(script: [Self.token])
    bench.transport.route = { $0.path.contains("900000") ? reply : nil }
    bench.lane.enqueue(odd)
    bench.lane.enqueue(samsung)
    bench.run(seconds: 3600)
    #expect(bench.answered == 1 && bench.stopped == nil)
    #expect(bench.gaveUp.map(\.kind) == [.exhausted] && bench.gaveUp.first?.reason == .apiError)
  }

  /// The service went away: the first call that gets nothing may be an odd one, the second says that it is an outage.
  @Test func anOutageAfterAnswersStillEndsTheRun() throws {
    let refused = ScriptedTransport.Reply.fault(RestFault(.unreachable, "connection refused"))
    let bench = try Bench(script: [Self.token, .answer(200, Answers.price)])
    bench.lane.enqueue(samsung)
    bench.run()
    bench.now = bench.now.advanced(by: 1_000_000_000)
    bench.transport.script = Array(repeating: refused, count: 30)
    bench.lane.enqueue(hynix)
    bench.lane.enqueue(odd)
    bench.run(seconds: 3600)
    #expect(bench.answered == 1 && bench.stopped?.status == .unavailable)
    #expect(bench.gaveUp.map(\.kind) == [.exhausted])
  }

  /// One symbol whose call gets what looks like an outage, first or last of the list, takes nothing with it.
  @Test(
    arguments: [
      ScriptedTransport.Reply.answer(302, "<html>"), .answer(200, String(repeating: "[", count: 2000)),
      .fault(RestFault(.unreachable, "connection refused")),
    ], [true, false])
  func oneOddCallIsNoOutage(_ reply: ScriptedTransport.Reply, isFirst: Bool) throws {
    let bench = try Bench(script: [Self.token])
    bench.transport.route = { $0.path.contains("900000") ? reply : nil }
    for work in isFirst ? [odd, samsung] : [samsung, odd] {
      bench.lane.enqueue(work)
      if !isFirst { bench.run(seconds: 10) }
    }
    bench.run(seconds: 3600)
    #expect(bench.answered == 1 && bench.stopped == nil && bench.gaveUp.map(\.kind) == [.exhausted])
  }

  /// Codes that end a run when they come first concern one request when others have been served.
  @Test(arguments: ["OPSQ0002", "EGW00213", "EGW00101", "OPSQ9999"])
  func aCallRefusedAmongOthersIsThatSymbols(_ code: String) throws {
    let bench = try Bench(script: [Self.token, .answer(200, Answers.price)])
    bench.lane.enqueue(samsung)
    bench.run()
    bench.transport.script = Array(repeating: .answer(404, Answers.error(code)), count: 3)
    bench.lane.enqueue(odd)
    bench.run()
    #expect(bench.stopped == nil && bench.gaveUp.map(\.reason) == [.noData])
  }

  /// A service that gives nothing to anybody is not asked without end at the full rate.
  @Test func manyDoubtsInARowSlowTheCallsDown() throws {
    let bench = try Bench(
      script: [Self.token] + Array(repeating: .answer(200, "{\"rt_cd\":\"9\"}"), count: 400))
    for _ in 0..<60 { bench.lane.enqueue(odd) }
    bench.run(seconds: 36_000)
    #expect(bench.gaveUp.count == 60 && bench.transport.requests.count == 181)
    #expect(bench.between(0, 180) > 600)
  }

  @Test func serviceRecordKnowsWhomItServed() {
    var record = ServiceRecord()
    #expect(!record.hasServed && !record.hasServed(since: .min))
    for _ in 0..<ServiceRecord.doubtsOfOneList { #expect(record.noteDoubt() == nil) }
    #expect(record.noteDoubt() == 1 && record.noteDoubt() == 2)
    record.noteServed(at: 100)
    #expect(record.hasServed && record.hasServed(since: 100) && !record.hasServed(since: 101))
    #expect(record.noteDoubt() == nil)
  }

  // MARK: - What else ended a run

  /// A maintenance page at KIS's own address is waited for; at another, the address is wrong.
  @Test(arguments: [301, 302, 404, 405]) func aPageAtKISsOwnAddressIsAnOutage(_ status: Int) throws {
    for isPatient in [true, false] {
      var policy = RestPolicy()
      policy.isPatient = isPatient
      policy.isKISAddress = true
      let page = ScriptedTransport.Reply.answer(status, "<html>점검 중입니다</html>")
      let bench = try Bench(policy, script: Array(repeating: page, count: isPatient ? 40 : 5) + [Self.token])
      bench.lane.enqueue(samsung)
      bench.run(seconds: 36_000)
      #expect(bench.answered == 1 && bench.stopped == nil)
      let pauses = (0..<5).map { bench.between($0, $0 + 1) }
      #expect(pauses.allSatisfy { $0 <= 60.5 }, "\(pauses)")
    }
    var policy = RestPolicy()
    policy.isKISAddress = true
    let bench = try Bench(policy, script: Array(repeating: .answer(status, "<html>"), count: 9))
    bench.lane.enqueue(samsung)
    bench.run(seconds: 3600)
    #expect(bench.stopped?.status == .unavailable && bench.transport.requests.count == 6)
  }

  /// The code of a wrong environment is the user's mistake at any address.
  @Test func aTokenOfTheOtherServiceIsStillAMistake() throws {
    var policy = RestPolicy()
    policy.isKISAddress = true
    let bench = try Bench(policy, script: [.answer(403, Answers.error("EGW02004"))])
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.stopped?.status == .configuration)
  }

  @Test(arguments: [
    ("https://openapi.koreainvestment.com:9443", true),
    ("https://OpenAPIvts.KoreaInvestment.com:29443", true),
    ("https://koreainvestment.com.evil.example", false), ("https://xkoreainvestment.com", false),
    ("http://127.0.0.1:1", false), ("", false),
  ])
  func addressesOfKIS(_ text: String, _ isKIS: Bool) { #expect(RestAddress.isKIS(text) == isKIS) }

  /// A patient lane waits for its token whatever the server says instead of it.
  @Test(arguments: [
    ScriptedTransport.Reply.answer(500, Answers.error("EGW00001")), .answer(401, "<html>"),
    .answer(200, "<html>점검"),
  ])
  func aPatientLaneWaitsForItsToken(_ reply: ScriptedTransport.Reply) throws {
    var policy = RestPolicy()
    policy.isPatient = true
    let bench = try Bench(policy, script: Array(repeating: reply, count: 30) + [Self.token])
    bench.lane.enqueue(samsung)
    bench.run(seconds: 36_000)
    #expect(bench.answered == 1 && bench.stopped == nil)
  }

  /// Answers that are there when the run ends are handed over.
  @Test func answersThatAreHereAreTakenAtTheEnd() throws {
    let bench = try Bench(script: [Self.token, .silence, .silence])
    bench.lane.enqueue(samsung)
    bench.lane.enqueue(hynix)
    bench.run(seconds: 1)
    bench.transport.answer(1, 200, Answers.price)
    let last = bench.lane.finish(bench.now)
    #expect(last.count { if case .answered(samsung, _, _, _) = $0 { true } else { false } } == 1)
    #expect(bench.lane.backlog == 0 && bench.transport.cancelled.count == 1)
  }

  /// CP949, and a character cut in two: as the socket does, the bytes are replaced and the rest is kept.
  @Test(arguments: [[0xBB, 0xEF, 0xBC, 0xBA], [0xEC, 0x82, 0xBC, 0xEC, 0x84]] as [[UInt8]])
  func bytesThatAreNoTextAreReplaced(_ name: [UInt8]) throws {
    let body =
      Array(#"{"rt_cd":"0","output":[{"inter_shrn_iscd":"005930","inter_kor_isnm":""#.utf8) + name
      + Array(#""},{"inter_shrn_iscd":"000660","inter_kor_isnm":"하이닉스"}]}"#.utf8)
    let answer = RestAnswer(.multi([Instrument("005930", .krx)]), status: 200, body: body)
    #expect(answer.reaction == .accept && answer.isRepaired)
    let rows = try #require(answer.json?["output"]?.elements)
    #expect(rows.map { $0["inter_shrn_iscd"]?.string } == ["005930", "000660"])
    #expect(rows[0]["inter_kor_isnm"]?.string?.contains("\u{FFFD}") == true)
    #expect(rows[1]["inter_kor_isnm"]?.string == "하이닉스")
    #expect(String(validating: answer.body, as: UTF8.self) != nil)
    #expect(!RestAnswer(.approval, status: 200, body: Array(Answers.approval.utf8)).isRepaired)
  }
}
