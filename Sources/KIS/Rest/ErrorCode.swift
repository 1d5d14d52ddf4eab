/// What to do about an answer of the REST service.
public enum Reaction: Equatable, Sendable {
  /// It is what was asked for.
  case accept
  /// The service is out of order for a moment: try again, `patience` says how fast.
  case retry(Patience)
  /// Too many calls in a second: not executed; pause, halve the own rate, try again.
  case slowDown
  /// The access token is not valid: issue another one, once.
  case renewToken
  /// A token was issued less than a minute ago: wait, and look into the cache meanwhile.
  case waitForToken
  /// This symbol is refused; others are not.
  case dropSymbol
  /// An answer in KIS's own form that gives neither what was asked for nor a code that is known: it concerns this
  /// request (a wrong or delisted symbol, no data), not the service. Two more tries, then as `dropSymbol`.
  case doubtSymbol
  /// The service does not serve this call at all: choose another.
  case refuseEndpoint
  /// The app key, the secret or the address of this host is refused.
  case refuseCredentials
  /// The app key belongs to the other service, or the address is wrong.
  case misconfigured
  /// The request was malformed: a defect here, or a change of the API.
  case malformed
}

/// How fast a retry may come; KIS publishes no Retry-After.
public enum Patience: Equatable, Sendable {
  /// Routing and time-out inside the gateway: 0.5 to 10 s.
  case brief
  /// Server error: 1 to 30 s.
  case normal
  /// No usable answer at all: 1 to 60 s, for all calls together.
  case outage

  /// The waits. The KIS portal's error table names no times; it asks clients not to retry quickly.
  public var backoff: Backoff {
    switch self {
    case .brief: Backoff(base: .milliseconds(500), cap: .seconds(10))
    case .normal: Backoff(base: .seconds(1), cap: .seconds(30))
    case .outage: Backoff(base: .seconds(1), cap: .seconds(60))
    }
  }

  /// Further tries of a call that the service answers without giving what was asked for.
  public static let doubtTries = 2
}

/// The portal's error codes and what each asks for. The code decides, whatever the HTTP status: gateway errors
/// come with 500, 403, 401 and even 200.
public enum ErrorCode {
  /// The reaction to `code`, or nil for a code that is not known.
  public static func reaction(to code: String) -> Reaction? { table[code] }

  /// The reaction to an answer without a known code, by its HTTP status.
  public static func reaction(toStatus status: Int, hasEnvelope: Bool) -> Reaction {
    switch status {
    case 429: .slowDown
    case 401: hasEnvelope ? .renewToken : .retry(.outage)
    case 404, 405: hasEnvelope ? .refuseEndpoint : .misconfigured
    case 300..<400: .misconfigured
    case 200..<300: .retry(.normal)
    default: .retry(hasEnvelope ? .normal : .outage)
    }
  }

  private static let table: [String: Reaction] = {
    var table: [String: Reaction] = [:]
    func add(_ reaction: Reaction, _ codes: String...) { for code in codes { table[code] = reaction } }
    add(.accept, "MCA00000")
    add(.retry(.normal), "EGW00001", "EGW00002", "OPSQ0003", "OPSQ0010", "OPSQ0011")
    add(.retry(.brief), "EGW00202", "EGW00203", "EGW00300", "EGW00301", "EGW00302", "EGW00316")
    add(.slowDown, "EGW00201", "EGW00215")
    add(.renewToken, "EGW00121", "EGW00122", "EGW00123", "OPSQ1002")
    add(.waitForToken, "EGW00133")
    add(.dropSymbol, "OPSQ2001", "OPSQ2002")
    add(.refuseEndpoint, "EGW00213", "OPSQ0002")
    add(.refuseCredentials, "EGW00003", "EGW00004", "EGW00206", "EGW00207")
    add(.refuseCredentials, "EGW00102", "EGW00103", "EGW00104", "EGW00105")
    add(.misconfigured, "EGW02004")
    add(.malformed, "EGW00101", "EGW00132", "EGW00205", "EGW00208")
    add(.malformed, "OPSQ9995", "OPSQ9996", "OPSQ9997", "OPSQ9998", "OPSQ9999")
    return table
  }()
}
