import Plumbing

/// Which of the two KIS services is spoken to. App keys belong to one of them and are not interchangeable.
public enum ServiceEnvironment: String, CaseIterable, Sendable {
  /// The real market service.
  case real
  /// The mock trading service ("모의투자").
  case virtual
}

/// What one KIS service offers: addresses, the published call limit, and what it does not serve.
public struct Profile: Equatable, Sendable {
  /// Which service.
  public let environment: ServiceEnvironment
  /// REST base address, no trailing slash.
  public let restURL: String
  /// WebSocket address (plain: KIS offers no TLS there).
  public let webSocketURL: String
  /// Allowed REST calls in any second, all calls of one app key together.
  public let callsPerSecond: Double
  /// Whether intstock-multprice (30 symbols a call) is served.
  public let servesMulti: Bool
  /// Whether NXT and the unified venue are served.
  public let servesOtherVenues: Bool
  /// The least wait after EGW00201 (limit exceeded): a second in real, two in virtual.
  public let limitPause: Nanoseconds

  /// Registrations (channel and symbol) that one WebSocket session takes: KIS documents 41 for both services.
  public static let registrations = 41
  /// Symbols that one intstock-multprice call takes.
  public static let multiSymbols = 30

  /// The mode that records are stamped with: the chosen one, else `configured`; but `SIM` and not `PROD` when what
  /// answers is not KIS, so that made-up data never looks real.
  public static func mode(_ configured: String?, isChosen: Bool, isKIS: Bool) -> String {
    let mode = configured ?? "PROD"
    return isChosen || isKIS || mode != "PROD" ? mode : "SIM"
  }

  /// The profile of `environment`. Limits: KIS notice "API 호출 유량 안내" of 2026-04-20; a new subscriber has
  /// 3 a second for three days, which only the operator can know (`--rate 3`).
  public static func of(_ environment: ServiceEnvironment) -> Profile {
    switch environment {
    case .real:
      Profile(
        environment: .real, restURL: "https://openapi.koreainvestment.com:9443",
        webSocketURL: "ws://ops.koreainvestment.com:21000/tryitout", callsPerSecond: 18,
        servesMulti: true, servesOtherVenues: true,
        limitPause: .seconds(1))
    case .virtual:
      Profile(
        environment: .virtual, restURL: "https://openapivts.koreainvestment.com:29443",
        webSocketURL: "ws://ops.koreainvestment.com:31000/tryitout", callsPerSecond: 1,
        servesMulti: false, servesOtherVenues: false,
        limitPause: .seconds(2))
    }
  }
}
