import Testing

@testable import KIS

@Suite struct ErrorCodeTests {
  /// The portal's table, code by code (KIS.md 1.4).
  @Test(arguments: [
    ("EGW00001", Reaction.retry(.normal)), ("EGW00002", .retry(.normal)), ("EGW00003", .refuseCredentials),
    ("EGW00004", .refuseCredentials), ("EGW00206", .refuseCredentials), ("EGW00101", .malformed),
    ("EGW00132", .malformed), ("EGW00205", .malformed), ("EGW00208", .malformed),
    ("EGW00102", .refuseCredentials),
    ("EGW00103", .refuseCredentials), ("EGW00104", .refuseCredentials), ("EGW00105", .refuseCredentials),
    ("EGW00121", .renewToken), ("EGW00122", .renewToken), ("EGW00123", .renewToken),
    ("EGW00133", .waitForToken),
    ("EGW00201", .slowDown), ("EGW00202", .retry(.brief)), ("EGW00203", .retry(.brief)),
    ("EGW00300", .retry(.brief)), ("EGW00301", .retry(.brief)), ("EGW00302", .retry(.brief)),
    ("EGW00316", .retry(.brief)), ("EGW00207", .refuseCredentials), ("EGW00213", .refuseEndpoint),
    ("EGW00215", .slowDown), ("EGW02004", .misconfigured), ("OPSQ0002", .refuseEndpoint),
    ("OPSQ1002", .renewToken), ("OPSQ2001", .dropSymbol), ("OPSQ2002", .dropSymbol), ("OPSQ9995", .malformed),
    ("OPSQ9999", .malformed),
  ])
  func table(_ code: String, _ reaction: Reaction) { #expect(ErrorCode.reaction(to: code) == reaction) }

  /// The same code means the same at any status, in both envelopes.
  @Test(arguments: [200, 401, 403, 500, 503])
  func codeBeatsStatus(_ status: Int) {
    let quote = #"{"rt_cd":"1","msg_cd":"EGW00201","msg1":"초당 거래건수를 초과하였습니다."}"#
    let oauth = #"{"error_description":"접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)","error_code":"EGW00133"}"#
    let work = RestWork.price(Instrument("005930", .krx))
    #expect(RestAnswer(work, status: status, body: Array(quote.utf8)).reaction == .slowDown)
    let answer = RestAnswer(.token, status: status, body: Array(oauth.utf8))
    #expect(answer.reaction == .waitForToken)
    #expect(answer.summary.hasPrefix("HTTP \(status) EGW00133 접근토큰"))
  }

  @Test(arguments: [
    (500, "", Reaction.retry(.outage)), (502, "<html>", .retry(.outage)), (503, "{}", .retry(.outage)),
    (200, "{\"rt_cd\":\"0\"", .retry(.normal)),
    (200, "{\"rt_cd\":\"0\",\"msg_cd\":\"MCA00000\"}", .doubtSymbol),
    (429, "", .slowDown), (401, "", .retry(.outage)), (404, "", .misconfigured), (302, "", .misconfigured),
    (500, "{\"rt_cd\":\"1\",\"msg_cd\":\"EGW99999\"}", .retry(.normal)),
    (404, "{\"rt_cd\":\"1\",\"msg_cd\":\"EGW99999\"}", .refuseEndpoint),
    (200, "{\"rt_cd\":\"0\",\"msg_cd\":\"MCA00000\",\"output\":[]}", .doubtSymbol),
    (200, "{\"rt_cd\":\"1\",\"msg_cd\":\"EGW99999\"}", .doubtSymbol), (200, "{}", .retry(.normal)),
    (500, "{\"rt_cd\":\"0\",\"msg_cd\":\"MCA00000\",\"output\":{}}", .retry(.normal)),
    (200, "{\"rt_cd\":\"0\",\"msg_cd\":\"MCA00000\",\"output\":{}}", .accept),
  ])
  func withoutAKnownCodeTheStatusDecides(_ status: Int, _ body: String, _ reaction: Reaction) {
    let answer = RestAnswer(.price(Instrument("005930", .krx)), status: status, body: Array(body.utf8))
    #expect(answer.reaction == reaction)
  }

  @Test func freeTextIsShortened() {
    let body = "{\"rt_cd\":\"1\",\"msg_cd\":\"EGW00001\",\"msg1\":\"\(String(repeating: "가", count: 5000))\"}"
    #expect(RestAnswer(.token, status: 500, body: Array(body.utf8)).summary.count < 230)
  }

  @Test(arguments: ["msg1", "msg_cd"])
  func marksWithoutEndAreShortenedToo(name: String) {
    let text = "e" + String(repeating: "\u{301}", count: 100_000)
    let body = "{\"rt_cd\":\"1\",\"\(name)\":\"\(text)\"}"
    #expect(RestAnswer(.token, status: 500, body: Array(body.utf8)).summary.utf8.count < 1000)
  }
}
