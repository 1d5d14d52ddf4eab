import JSONBytes
import Plumbing

/// One HTTP request to KIS. Its headers carry secrets, so it prints as its method and path only.
public struct RestRequest: Sendable, CustomStringConvertible {
  /// What the completion is matched by.
  public let id: Int
  /// GET or POST.
  public let method: String
  /// Path and query, appended to the base address.
  public let path: String
  /// Headers; values may be secret.
  public let headers: [(name: String, value: Secret)]
  /// Body of a POST; may hold secrets.
  public let body: Secret?

  /// Method and path without the query.
  public var description: String { "\(method) \(path.prefix { $0 != "?" })" }
}

/// Why there is no answer.
public struct RestFault: Equatable, Sendable {
  /// The kinds that matter to the caller.
  public enum Kind: Equatable, Sendable {
    /// No connection: refused, no route, name not found.
    case unreachable
    /// The connection ended before the whole answer was there.
    case interrupted
    /// It took too long.
    case timeout
    /// The answer is larger than the limit.
    case tooLarge
    /// TLS: the server could not be trusted.
    case security

    /// Whether the server may have carried the call out although its answer was lost.
    var mayBeExecuted: Bool {
      switch self {
      case .interrupted, .timeout, .tooLarge: true
      case .unreachable, .security: false
      }
    }
  }

  /// Which kind.
  public let kind: Kind
  /// For the log; no secret in it.
  public let message: String

  /// Makes a fault.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

/// How a request ended.
public struct RestCompletion: Sendable {
  /// An answer or a fault.
  public enum Outcome: Sendable {
    /// The server answered.
    case answered(status: Int, body: [UInt8])
    /// It did not.
    case failed(RestFault)
  }

  /// The request's id.
  public let id: Int
  /// How it ended.
  public let outcome: Outcome
  /// The server's clock as the answer's `Date` tells it.
  public let serverTime: Milliseconds?

  /// Makes a completion.
  public init(id: Int, _ outcome: Outcome, serverTime: Milliseconds? = nil) {
    self.id = id
    self.outcome = outcome
    self.serverTime = serverTime
  }
}

/// What makes HTTP requests: the real one, or a test's.
public protocol RestTransport: AnyObject {
  /// Becomes readable when completions wait.
  var descriptor: Int32 { get }
  /// Starts a request.
  func start(_ request: RestRequest)
  /// Gives a request up; its completion may still come.
  func cancel(_ id: Int)
  /// Requests that ended since the last call.
  func takeCompletions() -> [RestCompletion]
}

/// What is asked of KIS.
public enum RestWork: Hashable, Sendable {
  /// tokenP: an access token.
  case token
  /// Approval: the key that opens a WebSocket session.
  case approval
  /// inquire-price: one symbol.
  case price(Instrument)
  /// intstock-multprice: up to 30 symbols.
  case multi([Instrument])

  /// KIS's name of the call, for messages.
  public var transactionID: String {
    switch self {
    case .token: "tokenP"
    case .approval: "Approval"
    case .price: "FHKST01010100"
    case .multi: "FHKST11300006"
    }
  }

  /// What it asks for.
  public var instruments: [Instrument] {
    switch self {
    case .token, .approval: []
    case .price(let instrument): [instrument]
    case .multi(let instruments): instruments
    }
  }

  /// Whether it carries an access token.
  public var needsToken: Bool {
    switch self {
    case .token, .approval: false
    case .price, .multi: true
    }
  }

  /// Whether it asks for several symbols at once.
  var isBatch: Bool { if case .multi(let instruments) = self { instruments.count > 1 } else { false } }

  /// The request, as KIS documents it.
  func request(id: Int, credentials: Credentials, token: Secret?) -> RestRequest {
    switch self {
    case .token: oauth(id, "/oauth2/tokenP", "appsecret", credentials)
    // This one call names the secret `secretkey`.
    case .approval: oauth(id, "/oauth2/Approval", "secretkey", credentials)
    case .price(let instrument):
      quote(
        id, "inquire-price", credentials, token,
        [("FID_COND_MRKT_DIV_CODE", instrument.venue.divisionCode), ("FID_INPUT_ISCD", instrument.symbol)])
    case .multi(let instruments):
      quote(
        id, "intstock-multprice", credentials, token,
        instruments.enumerated().flatMap { index, instrument in
          [
            ("FID_COND_MRKT_DIV_CODE_\(index + 1)", instrument.venue.divisionCode),
            ("FID_INPUT_ISCD_\(index + 1)", instrument.symbol),
          ]
        })
    }
  }

  private func oauth(_ id: Int, _ path: String, _ secretName: String, _ own: Credentials) -> RestRequest {
    var body = ByteBuffer(capacity: 512)
    body.append("{\"grant_type\":\"client_credentials\",\"appkey\":")
    body.append(jsonString: own.appKey.reveal())
    body.append(text: ",\"\(secretName)\":")
    body.append(jsonString: own.appSecret.reveal())
    body.append("}")
    return RestRequest(
      id: id, method: "POST", path: path,
      headers: [("content-type", Secret("application/json; charset=utf-8"))], body: Secret(body.text))
  }

  private func quote(
    _ id: Int, _ name: String, _ own: Credentials, _ token: Secret?, _ query: [(String, String)]
  ) -> RestRequest {
    // Values are letters and digits (checked when they were read): nothing to escape.
    let parameters = query.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    return RestRequest(
      id: id, method: "GET", path: "/uapi/domestic-stock/v1/quotations/\(name)?\(parameters)",
      headers: [
        ("content-type", Secret("application/json; charset=utf-8")),
        ("authorization", Secret("Bearer " + (token?.reveal() ?? ""))),
        ("appkey", own.appKey), ("appsecret", own.appSecret), ("tr_id", Secret(transactionID)),
        ("custtype", Secret("P")), ("tr_cont", Secret("")),
      ], body: nil)
  }
}

/// An answer of KIS, read as far as both envelopes allow.
public struct RestAnswer: Sendable {
  /// HTTP status.
  public let status: Int
  /// The whole body; well-formed UTF-8.
  public let body: [UInt8]
  /// Whether bytes that are no UTF-8 (a name in CP949, a character cut in two) were replaced in it by U+FFFD.
  public let isRepaired: Bool
  /// The body as JSON; nil when it is not JSON.
  public let json: JSONValue?
  /// `msg_cd` or `error_code`.
  public let code: String?
  /// `msg1` or `error_description`: Korean free text, shortened, without secrets.
  public let message: String
  /// The symbol that a price is of, where it is not the one that was asked for.
  public let otherSymbol: String?
  /// What to do about it.
  public let reaction: Reaction

  /// Reads a body, whatever the status: the code in it decides, the status only stands in for a missing one.
  public init(_ work: RestWork, status: Int, body: [UInt8]) {
    self.status = status
    isRepaired = body.withUnsafeBufferPointer { UTF8Check.firstInvalid(in: $0) } != nil
    let body = isRepaired ? Array(String(decoding: body, as: UTF8.self).utf8) : body
    self.body = body
    let json = try? JSONValue.parse(body)
    self.json = json
    let code = (json?["msg_cd"] ?? json?["error_code"])?.string
    self.code = code
    message = ForeignText.brief((json?["msg1"] ?? json?["error_description"])?.string ?? "", 200)
    otherSymbol = Self.otherSymbol(work, json)
    if (200..<300).contains(status), otherSymbol == nil, Self.isComplete(work, json) {
      reaction = .accept
    } else if let known = code.flatMap(ErrorCode.reaction(to:)), known != .accept {
      reaction = known
    } else if (200..<300).contains(status), work.needsToken, code != nil || json?["rt_cd"] != nil {
      reaction = .doubtSymbol
    } else {
      reaction = ErrorCode.reaction(toStatus: status, hasEnvelope: code != nil)
    }
  }

  /// Whether KIS gave a code that is known here: what it says is about this call, whatever stands around it.
  var hasKnownCode: Bool { code.flatMap(ErrorCode.reaction(to:)) != nil }

  /// KRX writes one symbol in several ways, `005930` and `A005930`, `500001` and `Q500001`: one ends with the other.
  private static func otherSymbol(_ work: RestWork, _ json: JSONValue?) -> String? {
    guard case .price(let instrument) = work,
      let named = json?["output"]?["stck_shrn_iscd"]?.string?.split(separator: " ").first,
      !(named.count >= 6 && instrument.symbol.hasSuffix(named)), !named.hasSuffix(instrument.symbol)
    else { return nil }
    return ForeignText.brief(String(named), 20)
  }

  private static func isComplete(_ work: RestWork, _ json: JSONValue?) -> Bool {
    switch work {
    case .token: json?["access_token"]?.string != nil
    case .approval: approvalKey(json) != nil
    case .price: isSuccess(json) && json?["output"]?.members != nil
    case .multi: isSuccess(json) && json?["output"]?.elements?.isEmpty == false
    }
  }

  private static func isSuccess(_ json: JSONValue?) -> Bool {
    let word = json?["rt_cd"]
    return (word?.string ?? word?.numberText) == "0"
  }

  /// The key that opens a WebSocket session, in an answer to `approval`.
  public var approvalKey: String? { Self.approvalKey(json) }

  private static func approvalKey(_ json: JSONValue?) -> String? {
    json?["approval_key"]?.string.flatMap { (1...512).contains($0.utf8.count) ? $0 : nil }
  }

  /// One line for the log: status, code and text.
  public var summary: String {
    let words = [
      "HTTP \(status)", code.map { ForeignText.brief($0, 20) } ?? (json == nil ? "no JSON" : "no code"),
      message, otherSymbol.map { "the price is that of \($0), another symbol" } ?? "",
    ]
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
