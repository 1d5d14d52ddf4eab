import Plumbing
import Testing

@testable import KIS

@Suite struct RestTests {
  private let samsung = RestWork.price(Instrument("005930", .krx))

  private func patient() -> RestPolicy {
    var policy = RestPolicy()
    policy.isPatient = true
    return policy
  }

  @Test func tokenFirstThenTheCallWithIt() throws {
    let bench = try Bench(script: [.answer(200, Answers.token("tok"))])
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.answered == 1 && bench.lane.backlog == 0)
    #expect(
      bench.transport.requests.map(\.request.description) == [
        "POST /oauth2/tokenP", "GET /uapi/domestic-stock/v1/quotations/inquire-price",
      ])
    let call = bench.transport.requests[1].request
    #expect(call.path.hasSuffix("?FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930"))
    let headers = Dictionary(uniqueKeysWithValues: call.headers.map { ($0.name, $0.value.reveal()) })
    #expect(headers["authorization"] == "Bearer tok" && headers["tr_id"] == "FHKST01010100")
    #expect(headers["appkey"] == "app" && headers["appsecret"] == "shh" && headers["custtype"] == "P")
  }

  @Test func bodiesNameTheSecretAsKISWantsIt() {
    let own = Credentials(appKey: Secret("a\"b"), appSecret: Secret("s"))
    let token = RestWork.token.request(id: 1, credentials: own, token: nil)
    #expect(token.body?.reveal() == #"{"grant_type":"client_credentials","appkey":"a\"b","appsecret":"s"}"#)
    let approval = RestWork.approval.request(id: 2, credentials: own, token: nil)
    #expect(approval.path == "/oauth2/Approval")
    #expect(
      approval.body?.reveal() == #"{"grant_type":"client_credentials","appkey":"a\"b","secretkey":"s"}"#)
  }

  @Test func multiCountsFromOne() {
    let all = (0..<30).map { Instrument(String(String($0 + 1_000_000).dropFirst()), .unified) }
    let request = RestWork.multi(all).request(
      id: 1, credentials: Credentials(appKey: Secret("a"), appSecret: Secret("b")), token: Secret("t"))
    let query = request.path.split(separator: "?")[1].split(separator: "&")
    #expect(
      query.count == 60 && query.first == "FID_COND_MRKT_DIV_CODE_1=UN"
        && query.last == "FID_INPUT_ISCD_30=000029")
  }

  @Test func expiredTokenIsRenewedOnceAndTheCallReplayed() throws {
    let bench = try Bench(script: [
      .answer(200, Answers.token("t1")), .answer(500, Answers.error("EGW00123")),
      .answer(200, Answers.token("t2")),
    ])
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.answered == 1 && bench.retried == [.apiError])
    #expect(bench.transport.requests.count == 4)
    #expect((60...66).contains(bench.between(0, 2)))
  }

  /// A refusal that arrives while the new token waits for its turn must not get in its way.
  @Test func refusalsInTheAirDoNotBlockTheNewToken() throws {
    var policy = RestPolicy()
    policy.whole = 1_000_000_000_000
    let bench = try Bench(
      policy, rate: 0.02, script: [.answer(200, Answers.token("t1")), .silence, .silence])
    bench.lane.enqueue(samsung)
    bench.lane.enqueue(.price(Instrument("000660", .krx)))
    bench.run(seconds: 110)
    #expect(bench.transport.requests.count == 3)
    bench.now = bench.now.advanced(by: 10_000_000_000)
    bench.transport.script = [.answer(200, Answers.token("t2"))]
    for index in [1, 2] {
      bench.transport.answer(index, 500, Answers.error("EGW00123"))
      bench.events += bench.lane.advance(bench.now)
    }
    bench.run()
    #expect(
      bench.transport.requests.map { $0.request.method } == ["POST", "GET", "GET", "POST", "GET", "GET"])
    #expect(bench.answered == 2)
  }

  /// A maintenance page or a balancer's own 404 is an outage, once the service has answered; before, a wrong address.
  @Test(arguments: [301, 302, 404, 405])
  func anotherServersAnswerEndsOnlyARunThatNeverHadAny(_ status: Int) throws {
    let first = try Bench(script: [.answer(200, Answers.token("t1")), .answer(status, "<html>")])
    first.lane.enqueue(samsung)
    first.run()
    #expect(first.answered == 1 && first.stopped == nil && first.retried == [.apiError])
    let never = try Bench(script: [.answer(status, "<html>")])
    never.lane.enqueue(samsung)
    never.run()
    #expect(never.stopped?.status == .configuration)
  }

  @Test func secondExpiredTokenEnds77() throws {
    let bench = try Bench(script: [
      .answer(200, Answers.token("t1")), .answer(500, Answers.error("EGW00123")),
      .answer(200, Answers.token("t2")),
      .answer(500, Answers.error("EGW00121")),
    ])
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.stopped?.status == .refused && bench.answered == 0)
  }

  /// KIS issues one token a minute, and an answer that we cannot use was an issue all the same.
  @Test(arguments: [
    #"{"access_token":null}"#, #"{"access_token":7}"#, #"{"access_token":["x"]}"#, #"{"access_token":""}"#,
    "{}", "null", "",
  ])
  func unusableTokenWaitsAMinute(_ body: String) throws {
    let bench = try Bench(script: [.answer(200, body), .answer(200, Answers.token("t1"))])
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.answered == 1)
    #expect((60...67).contains(bench.between(0, 1)))
  }

  @Test(arguments: [RestFault.Kind.interrupted, .timeout, .tooLarge])
  func lostTokenWaitsAMinute(_ kind: RestFault.Kind) throws {
    let bench = try Bench(script: [.fault(RestFault(kind, "lost")), .answer(200, Answers.token("t1"))])
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.answered == 1)
    #expect((60...67).contains(bench.between(0, 1)))
  }

  @Test func refusedConnectionIsNoIssue() throws {
    let bench = try Bench(script: [
      .fault(RestFault(.unreachable, "refused")), .answer(200, Answers.token("t1")),
    ])
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.answered == 1 && bench.between(0, 1) < 10)
  }

  @Test func tooEarlyTokenWaitsAMinute() throws {
    let bench = try Bench(script: [
      .answer(403, #"{"error_code":"EGW00133","error_description":"1분당 1회"}"#),
      .answer(200, Answers.token("t1")),
    ])
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.answered == 1)
    #expect((60...67).contains(bench.between(0, 1)))
  }

  @Test func limitRefusalWaitsASecondAndHalvesTheRate() throws {
    let bench = try Bench(script: [.answer(200, Answers.token("t")), .answer(500, Answers.error("EGW00201"))])
    for _ in 0..<20 { bench.lane.enqueue(samsung) }
    bench.run()
    #expect(bench.answered == 20 && bench.retried == [.rateLimit])
    // From the next free slot on, calls are twice as far apart as usual.
    #expect(bench.between(3, 4) >= 0.11)
    let seconds = bench.between(3, 13)
    #expect((1.1...1.3).contains(seconds), "\(seconds)")
  }

  @Test func serverErrorsAreRetriedThenEndTheRun() throws {
    let bench = try Bench(
      script: [.answer(200, Answers.token("t"))]
        + Array(repeating: .answer(500, Answers.error("EGW00001")), count: 9))
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.stopped?.status == .unavailable)
    #expect(bench.transport.requests.count == 1 + 6)
    #expect(bench.stopped?.message.contains("EGW00001") == true)
  }

  @Test func patientLaneGivesTheIntervalUpAndGoesOn() throws {
    let bench = try Bench(
      patient(),
      script: [.answer(200, Answers.token("t"))]
        + Array(repeating: .answer(500, Answers.error("EGW00001")), count: 6))
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(
      bench.stopped == nil && bench.gaveUp.map(\.kind) == [.exhausted]
        && bench.gaveUp.first?.reason == .apiError)
  }

  @Test func outageIsWaitedForWithGrowingPauses() throws {
    let refused = ScriptedTransport.Reply.fault(RestFault(.unreachable, "connection refused"))
    let bench = try Bench(
      patient(), script: Array(repeating: refused, count: 12) + [.answer(200, Answers.token("t"))])
    bench.lane.enqueue(samsung)
    bench.run(seconds: 3600)
    #expect(bench.answered == 1 && bench.stopped == nil)
    let pauses = (0..<11).map { bench.between($0, $0 + 1) }
    #expect(pauses.allSatisfy { $0 <= 60.5 } && pauses.reduce(0, +) > 60, "\(pauses)")
  }

  @Test func maxWaitEndsAnOutage() throws {
    var policy = patient()
    policy.maxWait = 30_000_000_000
    let refused = ScriptedTransport.Reply.fault(RestFault(.unreachable, "connection refused"))
    let bench = try Bench(policy, script: Array(repeating: refused, count: 100))
    bench.lane.enqueue(samsung)
    bench.run(seconds: 3600)
    #expect(bench.stopped?.status == .unavailable)
    #expect((30...100).contains(bench.between(0, bench.transport.requests.count - 1)))
  }

  @Test func noServerEndsAfterItsRetries() throws {
    let refused = ScriptedTransport.Reply.fault(RestFault(.unreachable, "connection refused"))
    let bench = try Bench(script: Array(repeating: refused, count: 100))
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.stopped?.status == .unavailable && bench.transport.requests.count == 6)
  }

  @Test func silentServerIsGivenUpAfterTwentySeconds() throws {
    let bench = try Bench(script: [.answer(200, Answers.token("t")), .silence])
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.transport.cancelled.count == 1 && bench.answered == 1)
    #expect(bench.between(1, 2) >= 20)
  }

  @Test(arguments: [
    ("EGW00105", Plumbing.ExitStatus.refused), ("EGW00103", .refused), ("EGW00207", .refused),
    ("EGW02004", .configuration),
    ("EGW00101", .unavailable),
  ])
  func fatalCodes(_ code: String, _ status: Plumbing.ExitStatus) throws {
    let bench = try Bench(script: [.answer(200, Answers.token("t")), .answer(500, Answers.error(code))])
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.stopped?.status == status)
    #expect(bench.stopped?.message.contains(code) == true)
    #expect(bench.stopped?.message.contains("shh") == false)
  }

  @Test(arguments: [("OPSQ2001", RestTrouble.Kind.symbol), ("EGW00213", .endpoint), ("OPSQ0002", .endpoint)])
  func troubleOfOneCallLeavesTheOthers(_ code: String, _ kind: RestTrouble.Kind) throws {
    let bench = try Bench(script: [.answer(200, Answers.token("t")), .answer(200, Answers.error(code))])
    bench.lane.enqueue(samsung)
    bench.lane.enqueue(.price(Instrument("000660", .krx)))
    bench.run()
    #expect(bench.gaveUp.map(\.kind) == [kind] && bench.answered == 1)
  }

  @Test func untrustedServerIsNotTriedAgain() throws {
    let bench = try Bench(script: [.fault(RestFault(.security, "certificate"))])
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.stopped?.status == .configuration && bench.transport.requests.count == 1)
  }

  @Test func approvalNeedsNoTokenAndGoesFirst() throws {
    let bench = try Bench(script: [.answer(200, Answers.approval), .answer(200, Answers.token("t"))])
    bench.lane.enqueue(samsung)
    bench.lane.enqueue(.approval)
    bench.run()
    #expect(bench.transport.requests[0].request.path == "/oauth2/Approval" && bench.answered == 2)
  }

  /// Nothing works without a token or a key: a run that is to go on waits for them, with pauses, and says so.
  @Test(arguments: ["EGW00201", "OPSQ2001", "OPSQ2002"], [RestWork.approval, .token])
  func patientRunWaitsForTokenAndKey(_ code: String, _ work: RestWork) throws {
    let bench = try Bench(
      patient(),
      script: Array(repeating: .answer(500, Answers.error(code)), count: 30)
        + [.answer(200, Answers.approval)])
    bench.transport.route = {
      $0.path == "/oauth2/tokenP" && bench.transport.requests.count > 31
        ? .answer(200, Answers.token("t")) : nil
    }
    bench.lane.enqueue(work == .token ? samsung : work)
    bench.run(seconds: 7200)
    #expect(bench.stopped == nil && bench.gaveUp.isEmpty && bench.answered == 1)
    #expect(bench.retried.count == 30 && bench.transport.requests.count >= 31)
    #expect(bench.between(10, 30) > 20, "\(bench.between(10, 30)) s for 20 requests")
  }

  /// What stands between us and KIS for a while (a portal, a broken balancer) ends no run that KIS has answered, and its
  /// 401 says nothing about our token.
  @Test(arguments: [
    ScriptedTransport.Reply.fault(RestFault(.security, "certificate")), .answer(401, "<html>"),
    .answer(401, ""),
  ])
  func whatStandsBetweenIsWaitedFor(_ reply: ScriptedTransport.Reply) throws {
    let bench = try Bench(
      patient(), script: [.answer(200, Answers.token("t")), .answer(200, Answers.price), reply, reply, reply])
    bench.lane.enqueue(samsung)
    bench.run()
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.stopped == nil && bench.answered == 2 && bench.retried.count == 3)
    #expect(bench.transport.requests.count { $0.request.method == "POST" } == 1)
  }

  /// A page in the place of one symbol's answer holds up nobody else, and its own calls come ever more rarely.
  @Test(arguments: [502, 404, 301])
  func onePageHoldsUpNobodyElse(_ status: Int) throws {
    let bench = try Bench(patient(), script: [.answer(200, Answers.token("t"))])
    bench.transport.route = { $0.path.hasSuffix("000660") ? .answer(status, "<html>") : nil }
    bench.lane.enqueue(samsung)
    bench.run()
    let begin = bench.now.monotonic
    for _ in 0..<20 {
      bench.lane.enqueue(.price(Instrument("000660", .krx)))
      bench.lane.enqueue(samsung)
      bench.run(seconds: 1)
      bench.now = bench.now.advanced(by: .seconds(1))
    }
    #expect(bench.answered == 21 && bench.stopped == nil, "\(bench.answered)")
    let others = bench.transport.requests.filter { $0.request.path.hasSuffix("005930") && $0.at > begin }
    #expect(zip(others, others.dropFirst()).allSatisfy { ($1.at - $0.at).inSeconds < 3 })
  }

  @Test func approvalWithoutAKeyIsAskedForAgain() throws {
    let bench = try Bench(
      patient(),
      script: [.answer(200, #"{"approval_key":""}"#), .answer(200, #"{"approval_key":7}"#)]
        + [.answer(200, Answers.approval)])
    bench.lane.enqueue(.approval)
    bench.run()
    #expect(bench.answered == 1 && bench.stopped == nil && bench.retried.count == 2)
  }

  /// A life that is none is no reason to ask for a token every minute.
  @Test(arguments: [0, -1])
  func tokenWithoutALifeIsUsedAllTheSame(_ seconds: Int) throws {
    let bench = try Bench(
      patient(), script: [.answer(200, #"{"access_token":"t","expires_in":\#(seconds)}"#)])
    for _ in 0..<3 {
      bench.lane.enqueue(samsung)
      bench.run()
      bench.now = bench.now.advanced(by: .minutes(30))
    }
    #expect(bench.answered == 3)
    #expect(bench.transport.requests.count { $0.request.method == "POST" } == 1)
    #expect(bench.events.contains { if case .note(.warning, _) = $0 { true } else { false } })
  }

  @Test func successIsANumberToo() {
    let body = Answers.price.replacing(#""rt_cd":"0""#, with: #""rt_cd":0"#)
    #expect(RestAnswer(samsung, status: 200, body: Array(body.utf8)).reaction == .accept)
  }

  @Test func idleLaneHasNoDeadline() throws {
    let bench = try Bench(script: [.answer(200, Answers.token("t"))])
    #expect(bench.lane.deadline == nil)
    bench.lane.enqueue(samsung)
    bench.run()
    #expect(bench.lane.deadline == nil && bench.lane.backlog == 0)
  }

  @Test(arguments: [
    ("https://openapi.koreainvestment.com:9443", true), ("https://h/", true), ("http://127.0.0.1:80", true),
    ("http://localhost:1", true), ("http://127.1.2.3:1", true), ("http://[::1]:5", true), ("http://h", false),
    ("http://127.0.0.1.evil.com", false), ("http://localhost.evil.com", false), ("ftp://h", false),
    ("h:80", false),
    ("https://u:p@h", false), ("https://h?x=1", false), ("", false), ("http://128.0.0.1", false),
  ])
  func addressesThatMayHaveTheSecret(_ text: String, _ isGood: Bool) {
    #expect((RestAddress.checked(text) != nil) == isGood)
  }
}
