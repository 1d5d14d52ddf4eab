import Plumbing

/// Which proxy stands between this host and another one, by variables of the environment.
///
/// REST and socket choose by the same rules, which are curl's: the variable of the scheme, else `all_proxy`; lower case
/// before upper case, and never `HTTP_PROXY`, which a client of a CGI program can set. `no_proxy` names hosts that are
/// asked directly. This host itself is never asked through a proxy: what is sent to it would leave it.
public enum ProxyChoice {
  /// What is spoken with the host.
  public enum Scheme: Sendable {
    /// HTTPS, in a tunnel.
    case https
    /// A plain WebSocket, in a tunnel too. `http_proxy` comes first, as for curl; a proxy of `https_proxy` is one for
    /// tunnels, so it stands in.
    case webSocket

    var variables: [String] {
      switch self {
      case .https: ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
      case .webSocket:
        [
          "ws_proxy", "WS_PROXY", "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
          "ALL_PROXY",
        ]
      }
    }
  }

  /// The proxy for `host` (a name, or an address without brackets) at `port`; nil: the host is asked directly.
  ///
  /// - Throws: `ToolFailure` with status configuration when the variable holds no proxy's address.
  public static func proxy(
    for scheme: Scheme, host: String, port: UInt16, in environment: Environment
  ) throws(ToolFailure) -> Proxy? {
    guard !Loopback.holds(host),
      let name = scheme.variables.first(where: { environment[$0] != nil }),
      let text = environment[name]
    else { return nil }
    let exceptions = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
    if NoProxyList(exceptions).holds(host: host, port: port) { return nil }
    return try Proxy(text, variable: name)
  }
}
