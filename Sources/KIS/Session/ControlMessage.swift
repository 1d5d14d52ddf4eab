import JSONBytes
import Plumbing

/// A text message of the server that is no data frame: it begins with `{`.
public enum ControlMessage: Equatable, Sendable {
  /// The server asks whether we are there: answer with a Pong frame that carries the same bytes.
  case pingpong
  /// The answer to a registration, or a refusal of the session.
  case reply(ControlReply)
  /// Not understood, and why; no part of the text is repeated, it may hold keys.
  case malformed(String)

  /// Reads one message. The iv and the key of an acknowledgement are masked from then on, wherever they stand.
  public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> ControlMessage {
    let root: JSONValue
    do {
      root = try JSONValue.parse(bytes, maxDepth: 16)
    } catch {
      return .malformed("control message: \(error.what) at byte \(error.offset)")
    }
    let header = root["header"]
    let name = present(header?["tr_id"])
    if name == "PINGPONG" { return .pingpong }
    guard let body = root["body"], body.members != nil else {
      return .malformed("control message without a body")
    }
    for name in ["iv", "key"] {
      if let secret = body["output"]?[name]?.string { SecretMask.register(passing: secret) }
    }
    guard let rtCode = present(body["rt_cd"]) ?? body["rt_cd"]?.numberText,
      let messageCode = present(body["msg_cd"])
    else { return .malformed("control message without rt_cd and msg_cd") }
    return .reply(
      ControlReply(
        transactionID: name.map { ForeignText.brief($0, 20) },
        key: present(header?["tr_key"]).map { ForeignText.brief($0, 40) }, rtCode: rtCode,
        messageCode: ForeignText.brief(messageCode, 20),
        message: ForeignText.brief(body["msg1"]?.string ?? "", 200)))
  }

  /// The string, without the spaces that fill a field of fixed width, if it says anything: rejects carry `"(null)"`, an
  /// empty text or nothing where the TR id and the key should be.
  private static func present(_ value: JSONValue?) -> String? {
    guard let text = value?.string?.trimmed({ $0 == " " }), !text.isEmpty, text != "(null)" else {
      return nil
    }
    return String(text)
  }
}

/// The body of a control message, without its keys.
public struct ControlReply: Equatable, Sendable {
  /// The channel it is about, if it says so.
  public let transactionID: String?
  /// The symbol it is about, if it says so.
  public let key: String?
  /// `0` success, `1` refused, `9` refused and serious.
  public let rtCode: String
  /// `OPSP0000` and so on; shortened.
  public let messageCode: String
  /// Free text of the server; shortened, without secrets.
  public let message: String

  /// What to do about it.
  public var reaction: ControlReaction { ControlReaction(messageCode: messageCode) }
}

/// What a reply of the server asks of us. The message code decides, never the text.
public enum ControlReaction: Equatable, Sendable {
  /// The registration stands.
  case subscribed
  /// The registration is gone.
  case unsubscribed
  /// Try this item again, not before 30 s, a few times.
  case retryItem
  /// No further registration fits: learn the limit, the rest goes over REST.
  case overLimit
  /// The app key is refused.
  case fatalCredentials
  /// The approval key is unknown: get a new one and reconnect, once.
  case newApprovalKey
  /// The server does not know this channel.
  case dropChannel
  /// The server does not know this symbol.
  case dropSymbol
  /// We sent something malformed.
  case ourBug
  /// Another session uses the app key: wait at least a minute, growing, a few tries.
  case keyInUse
  /// A failure of the server: reconnect with backoff.
  case reconnect
  /// A code that no document names: log it, go on.
  case unknown

  /// The reaction to a code.
  public init(messageCode: String) {
    self =
      switch messageCode {
      case "OPSP0000", "OPSP0002": .subscribed
      case "OPSP0001", "OPSP0003": .unsubscribed
      case "OPSP0007", "OPSP0009": .retryItem
      case "OPSP0008": .overLimit
      case "OPSP0010", "OPSP9994": .fatalCredentials
      case "OPSP0011": .newApprovalKey
      case "OPSP8991": .dropChannel
      case "OPSP8992": .dropSymbol
      case "OPSP0017", "OPSP8993", "OPSP8994", "OPSP8995", "OPSP8997", "OPSP8998", "OPSP9990", "OPSP9991",
        "OPSP9992", "OPSP9996", "OPSP9997", "OPSP9998", "OPSP9999":
        .ourBug
      case "OPSP8996": .keyInUse
      case "OPSP8999", "OPSP9993", "OPSP9995": .reconnect
      default: .unknown
      }
  }
}

extension ControlMessage {
  /// The message that registers `symbol` (`005930`; an ETN with its Q) on `channel`.
  ///
  /// It contains the approval key: never log it.
  public static func subscribe(
    approvalKey: String, channel: Channel, symbol: String
  ) -> [UInt8] {
    registration("1", approvalKey, channel, symbol)
  }

  /// The message that ends a registration: `tr_type` 2 (KIS portal: 1 register, 2 release).
  public static func unsubscribe(
    approvalKey: String, channel: Channel, symbol: String
  ) -> [UInt8] {
    registration("2", approvalKey, channel, symbol)
  }

  private static func registration(
    _ type: String, _ approvalKey: String, _ channel: Channel, _ symbol: String
  ) -> [UInt8] {
    var text = ByteBuffer(capacity: 256)
    text.append(#"{"header":{"approval_key":"#)
    text.append(jsonString: approvalKey)
    text.append(#","custtype":"P","tr_type":"#)
    text.append(jsonString: type)
    text.append(#","content-type":"utf-8"},"body":{"input":{"tr_id":"#)
    text.append(jsonString: channel.transactionID)
    text.append(#","tr_key":"#)
    text.append(jsonString: symbol)
    text.append("}}}")
    return Array(text.bytes)
  }
}
