import Glibc
import KIS
import Plumbing

/// Keys as the options name them.
extension KeyRing {
  /// - Throws: `ToolFailure`: credentials that are missing or wrong, a folder that cannot be used, or no key whose
  ///   session is free.
  static func make(
    _ options: FetchOptions, _ environment: Environment, now: Nanoseconds
  ) throws(ToolFailure) -> KeyRing {
    let places: [CredentialsFile?] = options.credentials.isEmpty ? [nil] : options.credentials
    var names: [String: CredentialsFile?] = [:]
    var keys: [KeyLane] = []
    var folder: String?
    for file in places {
      let credentials = try Credentials.find(file: file, environment: environment)
      let name = credentials.fingerprint(
        environment: options.profile.environment, restURL: options.restURL)
      if let other = names.updateValue(file, forKey: name) {
        throw ToolFailure(
          .usage,
          "--credentials: \(other?.path ?? "") and \(file?.path ?? "") hold the same app key: give it once")
      }
      let place: String
      if let folder { place = folder } else { place = try StateFolder.open(environment) }
      folder = place
      keys.append(try key(keys.count + 1, credentials, place, name, options, environment, now))
    }
    let ring = KeyRing(keys)
    try ring.beginSessions(now)
    return ring
  }

  private static func key(
    _ number: Int, _ credentials: Credentials, _ folder: String, _ name: String, _ options: FetchOptions,
    _ environment: Environment, _ now: Nanoseconds
  ) throws(ToolFailure) -> KeyLane {
    let seed = UInt64(truncatingIfNeeded: now.count) &+ UInt64(getpid()) << 32 &+ UInt64(number) << 56
    let keeper = TokenKeeper(
      store: TokenStore(folder: folder, fingerprint: name),
      timing: TokenKeeper.Timing().scaled(by: options.timeScale), seed: seed)
    let limiter: LimiterFile
    do { limiter = try LimiterFile(path: "\(folder)/\(name).rate") } catch {
      throw ToolFailure(.cannotCreate, "rate limiter: \(error); set KIS_TOKEN_CACHE_DIR")
    }
    let policy = policy(options)
    let rest = RestLane(
      transport: try HTTPTransport(base: options.restURL, environment, connections: policy.inFlight),
      credentials: credentials, keeper: keeper, limiter: limiter, profile: options.profile,
      rate: options.rate,
      policy: policy, seed: seed ^ 0x5DEE_CE66)
    let session: KeyLane.SessionMaker = { () throws(ToolFailure) in
      let lock = try SessionLock(path: "\(folder)/\(name).session")
      return (
        try RealtimeLane.live(options, environment, now: Clocks.monotonic(), seed: seed), lock
      )
    }
    let side: KeyLane.SideMaker = { () throws(ToolFailure) in
      let keeper = TokenKeeper(
        store: TokenStore(folder: folder, fingerprint: name),
        timing: TokenKeeper.Timing().scaled(by: options.timeScale), seed: seed ^ 1, token: rest.keeper.token)
      var policy = policy
      (policy.retries, policy.isPatient, policy.inFlight) = (0, false, 1)
      return RestLane(
        transport: try HTTPTransport(base: options.restURL, environment, connections: 1),
        credentials: credentials, keeper: keeper, limiter: limiter, profile: options.profile,
        rate: options.rate, policy: policy, seed: seed ^ 2, firstID: 1 << 31)
    }
    return KeyLane(number: number, rest: rest, session: options.isRealtime ? session : nil, side: side)
  }

  private static func policy(_ options: FetchOptions) -> RestPolicy {
    var policy = RestPolicy()
    policy.retries = options.retries ?? policy.retries
    policy.isPatient = !options.once && options.retries == nil
    policy.isKISAddress = RestAddress.isKIS(options.restURL)
    policy.maxWait = options.maxWait
    policy.timeScale = options.timeScale
    return policy
  }

  /// A session held by another process is left out; without any the run cannot start.
  private func beginSessions(_ now: Nanoseconds) throws(ToolFailure) {
    var first: ToolFailure?
    for key in keys {
      do { try key.beginSession() } catch {
        first = first ?? error
        key.giveUpSession(error, now)
      }
    }
    if let first, keys.allSatisfy({ $0.failure != nil }) { throw first }
  }
}
