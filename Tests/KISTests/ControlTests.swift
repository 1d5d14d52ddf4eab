import Plumbing
import Testing

@testable import KIS

@Suite struct ControlTests {
  static func parse(_ text: String) -> ControlMessage {
    Array(text.utf8).withUnsafeBufferPointer { ControlMessage.parse($0) }
  }

  struct Example: Sendable {
    let text: String
    let name: String?, key: String?
    let rtCode: String, code: String, message: String
    let reaction: ControlReaction
  }

  /// Real messages of the server, and what tolerance makes of poorer ones.
  static let examples = [
    Example(
      text: #"""
        {"header":{"tr_id":"H0STASP0","tr_key":"005930","encrypt":"N"},"body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE SUCCESS","output":{"iv":"4060f9fcb7b4e2ef","key":"tesnaipyhhcpfrnupdybjhvuabognuch"}}}
        """#,
      name: "H0STASP0", key: "005930", rtCode: "0", code: "OPSP0000", message: "SUBSCRIBE SUCCESS",
      reaction: .subscribed),
    Example(
      text: #"""
        {"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"},"body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}}
        """#,
      name: nil, key: nil, rtCode: "9", code: "OPSP8996", message: "ALREADY IN USE appkey",
      reaction: .keyInUse),
    Example(
      text: #"""
        {"header":{"tr_id":"H0STASP0","tr_key":"005930","encrypt":"N"},"body":{"rt_cd":"1","msg_cd":"OPSP0011","msg1":"invalid appkey : NOT FOUND"}}
        """#,
      name: "H0STASP0", key: "005930", rtCode: "1", code: "OPSP0011", message: "invalid appkey : NOT FOUND",
      reaction: .newApprovalKey),
    Example(
      text: #"{"header":{},"body":{"rt_cd":1,"msg_cd":"OPSP8991"}}"#,
      name: nil, key: nil, rtCode: "1", code: "OPSP8991", message: "", reaction: .dropChannel),
    Example(
      text: #"{"body":{"rt_cd":"0","msg_cd":"OPSP7777","msg1":null}}"#,
      name: nil, key: nil, rtCode: "0", code: "OPSP7777", message: "", reaction: .unknown),
  ]

  @Test(arguments: examples)
  func replies(_ example: Example) {
    let reply = ControlReply(
      transactionID: example.name, key: example.key, rtCode: example.rtCode, messageCode: example.code,
      message: example.message)
    #expect(Self.parse(example.text) == .reply(reply))
    #expect(reply.reaction == example.reaction)
  }

  @Test(arguments: [
    #"{"header":{"tr_id":"PINGPONG","datetime":"20260511192459"}}"#,
    #" { "header" : { "datetime":"20260511192459", "tr_id" : "PINGPONG" } } "#,
  ])
  func pingpong(_ text: String) {
    #expect(Self.parse(text) == .pingpong)
  }

  @Test(arguments: [
    "", "{", "PINGPONG", "[]", "{}", #"{"header":{"tr_id":"H0STCNT0"}}"#, #"{"body":[]}"#,
    #"{"body":{"rt_cd":"0"}}"#,
    #"{"body":{"msg_cd":"OPSP0000"}}"#, #"{"header":"PINGPONG"}"#, "{\"header\":{\"tr_id\":\"\u{0}\"}}",
    String(repeating: #"{"a":"#, count: 600),
  ])
  func malformed(_ text: String) {
    guard case .malformed(let why) = Self.parse(text) else {
      Issue.record("taken: \(text)")
      return
    }
    #expect(why.hasPrefix("control message"))
  }

  @Test(arguments: [
    ("OPSP0000", ControlReaction.subscribed), ("OPSP0001", .unsubscribed), ("OPSP0002", .subscribed),
    ("OPSP0003", .unsubscribed), ("OPSP0007", .retryItem), ("OPSP0008", .overLimit), ("OPSP0009", .retryItem),
    ("OPSP0010", .fatalCredentials), ("OPSP9994", .fatalCredentials), ("OPSP0011", .newApprovalKey),
    ("OPSP0017", .ourBug), ("OPSP8991", .dropChannel), ("OPSP8992", .dropSymbol), ("OPSP8993", .ourBug),
    ("OPSP8994", .ourBug), ("OPSP8995", .ourBug), ("OPSP8996", .keyInUse), ("OPSP8997", .ourBug),
    ("OPSP8998", .ourBug), ("OPSP8999", .reconnect), ("OPSP9990", .ourBug), ("OPSP9991", .ourBug),
    ("OPSP9992", .ourBug), ("OPSP9993", .reconnect), ("OPSP9995", .reconnect), ("OPSP9996", .ourBug),
    ("OPSP9997", .ourBug), ("OPSP9998", .ourBug), ("OPSP9999", .ourBug), ("OPSP1234", .unknown),
    ("", .unknown),
  ])
  func reactions(_ code: String, _ reaction: ControlReaction) {
    #expect(ControlReaction(messageCode: code) == reaction)
  }

  /// What an acknowledgement hands out is masked from then on, also where its own text repeats it.
  @Test func theKeysOfAnAcknowledgementAreMasked() {
    let (iv, key) = ("40aa60f9fcb7b4ee", "tesnaipyhhcpfrnupdybqqqqabognuch")
    let parsed = Self.parse(
      #"{"header":{"tr_id":" H0STCNT0","tr_key":"005930  "},"body":{"rt_cd":"0","msg_cd":"OPSP0000","#
        + #""msg1":"iv \#(iv) key \#(key)","output":{"iv":"\#(iv)","key":"\#(key)"}}}"#)
    guard case .reply(let reply) = parsed else { return #expect(Bool(false), "\(parsed)") }
    #expect(reply.message == "iv ******** key ********")
    #expect(reply.transactionID == "H0STCNT0" && reply.key == "005930")
    #expect(SecretMask.mask("\(key.prefix(20))") == SecretMask.replacement)
  }

  @Test func registrationsAreExact() {
    let begin = ControlMessage.subscribe(
      approvalKey: "k-1", channel: Channel(.trades, .krx), symbol: "005930")
    let expectedBegin = #"""
      {"header":{"approval_key":"k-1","custtype":"P","tr_type":"1","content-type":"utf-8"},"body":{"input":{"tr_id":"H0STCNT0","tr_key":"005930"}}}
      """#
    #expect(String(decoding: begin, as: UTF8.self) == expectedBegin)
    let end = ControlMessage.unsubscribe(
      approvalKey: "k\"", channel: Channel(.book, .unified), symbol: "Q500001")
    let expectedEnd = #"""
      {"header":{"approval_key":"k\"","custtype":"P","tr_type":"2","content-type":"utf-8"},"body":{"input":{"tr_id":"H0UNASP0","tr_key":"Q500001"}}}
      """#
    #expect(String(decoding: end, as: UTF8.self) == expectedEnd)
  }
}
