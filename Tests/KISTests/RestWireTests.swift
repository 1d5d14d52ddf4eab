import TestSupport
import Testing

@testable import KIS

/// What goes between kis-fetch and its HTTP client, in pieces as a socket gives them.
@Suite struct RestWireTests {
  private static let request = RestRequest(
    id: 7, method: "POST", path: "/oauth2/tokenP?x=한",
    headers: [("content-type", Secret("application/json")), ("empty", Secret(""))],
    body: Secret("{\"a\":\"\n\"}"))

  @Test func ordersArriveWhole() {
    var buffer: [UInt8] = []
    var seen: [RestWire.Order] = []
    for byte in RestWire.encode(.start(Self.request)) + RestWire.encode(.cancel(7)) {
      buffer.append(byte)
      while var message = RestWire.takeFirst(of: &buffer) { seen += [message.order()].compactMap { $0 } }
    }
    guard seen.count == 2, case .start(let request) = seen[0], case .cancel(7) = seen[1] else {
      Issue.record("\(seen.count) orders")
      return
    }
    #expect(
      buffer.isEmpty && request.id == 7 && request.method == "POST" && request.path == Self.request.path)
    #expect(request.headers.map(\.name) == ["content-type", "empty"])
    #expect(request.headers.map { $0.value.reveal() } == ["application/json", ""])
    #expect(request.body?.reveal() == Self.request.body?.reveal())
  }

  @Test func completionsArriveWhole() {
    let sent = [
      RestCompletion(id: 1, .answered(status: 500, body: [0, 255, 10]), serverTime: -5),
      RestCompletion(id: 2, .answered(status: 200, body: [])),
      RestCompletion(id: 3, .failed(RestFault(.security, "TLS: 인증서")), serverTime: 9),
    ]
    var buffer = sent.flatMap { RestWire.encode($0) }
    for expected in sent {
      var message = RestWire.takeFirst(of: &buffer)
      let found = message?.completion()
      #expect(found?.id == expected.id && found?.serverTime == expected.serverTime)
      switch (found?.outcome, expected.outcome) {
      case (.answered(let status, let body), .answered(let status2, let body2)):
        #expect(status == status2 && body == body2)
      case (.failed(let fault), .failed(let fault2)): #expect(fault == fault2)
      default: Issue.record("another outcome")
      }
    }
    #expect(buffer.isEmpty)
  }

  @Test func damagedMessagesAreNone() {
    let whole = RestWire.encode(.start(Self.request))
    for length in 0..<(whole.count - 4) {
      var buffer: [UInt8] = [0, 0, UInt8(length >> 8), UInt8(length & 255)] + whole[4..<4 + length]
      var message = RestWire.takeFirst(of: &buffer)
      #expect(message != nil && message?.order() == nil)
    }
  }
}
