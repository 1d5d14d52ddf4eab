import Plumbing

/// How a REST call ended, in few enough words for a metric's label.
public enum RestResult: String, CaseIterable, Sendable {
  /// What was asked for.
  case ok
  /// The exchange answered with an error of its own.
  case serverError = "server_error"
  /// Too many calls in a second.
  case rateLimited = "rate_limited"
  /// The access token is not valid.
  case tokenRejected = "token_rejected"
  /// A token was issued less than a minute ago.
  case tokenTooSoon = "token_too_soon"
  /// The exchange has nothing for this symbol, or refuses it. That is an answer, and no failure of the service.
  case noData = "no_data"
  /// The call, the credentials or the form of the request is refused.
  case refused
  /// No answer in time.
  case timeout
  /// No connection.
  case unreachable
  /// The server's certificate was not accepted.
  case security
  /// The answer is larger than the limit.
  case tooLarge = "too_large"

  init(_ reaction: Reaction) {
    switch reaction {
    case .accept: self = .ok
    case .retry: self = .serverError
    case .slowDown: self = .rateLimited
    case .renewToken: self = .tokenRejected
    case .waitForToken: self = .tokenTooSoon
    case .dropSymbol, .doubtSymbol: self = .noData
    case .refuseEndpoint, .refuseCredentials, .misconfigured, .malformed: self = .refused
    }
  }

  init(_ fault: RestFault.Kind) {
    switch fault {
    case .unreachable, .interrupted: self = .unreachable
    case .timeout: self = .timeout
    case .tooLarge: self = .tooLarge
    case .security: self = .security
    }
  }
}

/// What the REST lane counts.
public struct RestCounts: Sendable {
  /// Nothing was counted.
  public init() {}

  private var results = [Int](repeating: 0, count: RestResult.allCases.count)
  /// Calls that had to wait for the limiter.
  public internal(set) var limiterWaits = 0
  /// How long they waited.
  public internal(set) var limiterWait: Nanoseconds = .zero
  /// Answers with bytes that were no UTF-8 and were replaced.
  public internal(set) var repairedAnswers = 0
  /// Calls that failed since the last one that succeeded.
  public private(set) var failuresInRow = 0
  /// How the last call that failed did.
  public private(set) var lastFailure: RestResult?
  /// When a call last succeeded.
  public private(set) var lastSuccess: Milliseconds?
  /// This host's clock less the server's, as of the last answer with a `Date`.
  public private(set) var clockOffset: Milliseconds?

  /// Calls by how they ended.
  public var byResult: [(String, Int)] { zip(RestResult.allCases, results).map { ($0.rawValue, $1) } }

  /// Both together: of what can only be one, the later; an outage is one only where both fail.
  public static func + (one: RestCounts, other: RestCounts) -> RestCounts {
    var sum = one
    for index in sum.results.indices { sum.results[index] += other.results[index] }
    sum.limiterWaits += other.limiterWaits
    sum.limiterWait += other.limiterWait
    sum.repairedAnswers += other.repairedAnswers
    sum.failuresInRow = min(one.failuresInRow, other.failuresInRow)
    sum.lastFailure = one.lastFailure ?? other.lastFailure
    sum.lastSuccess = [one.lastSuccess, other.lastSuccess].compactMap { $0 }.max()
    sum.clockOffset = one.clockOffset ?? other.clockOffset
    return sum
  }

  mutating func note(_ result: RestResult, _ now: Moment) {
    if let index = RestResult.allCases.firstIndex(of: result) { results[index] += 1 }
    if result == .noData { return }
    failuresInRow = result == .ok ? 0 : failuresInRow + 1
    if result == .ok { lastSuccess = now.wall } else { lastFailure = result }
  }

  mutating func note(serverTime: Milliseconds?, _ now: Moment) {
    if let serverTime { clockOffset = now.wall - serverTime }
  }
}

/// The `Date` header of an answer.
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Reads `Mon, 23 Nov 2026 08:53:21 GMT` (RFC 9110).
  static func parse(_ text: String) -> Milliseconds? {
    guard let numbers = text.numbers(like: "???, 00 ??? 0000 00:00:00 GMT"),
      let month = months.firstIndex(of: String(decoding: text.utf8.dropFirst(8).prefix(3), as: UTF8.self))
    else { return nil }
    return KST.time(
      checking: [numbers[1], month + 1, numbers[0]], time: Array(numbers[2...])
    ).map { $0 + KST.offset }
  }
}
