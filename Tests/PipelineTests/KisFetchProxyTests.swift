import Foundation
import TestSupport
import Testing

/// Proxies between kis-fetch and the exchange. The simulator's own leads every host's port 21000 to its socket.
@Suite(.serialized, .waiting) struct KisFetchProxyTests {
  /// The same calls with another socket and more variables.
  private func fetch(
    _ simulator: Simulator, socket: String, _ variables: [String: String], _ arguments: [String]
  ) throws -> Outcome {
    let environment = simulator.environment().merging(variables) { $1 }
    let outcome = try Tool.run(
      "kis-fetch", simulator.arguments + ["--ws-url", socket] + arguments, text: "005930\n", env: environment)
    Simulator.expectNoSecret(outcome)
    return outcome
  }

  private func connects(_ simulator: Simulator) throws -> [String: Int] {
    let proxy = try #require(try simulator.stats()["proxy"] as? [String: Any])
    return try #require(proxy["connects"] as? [String: Int])
  }

  /// What a proxy answers to each connection; after these it leads to `port`.
  private func proxy(_ answers: [String], then port: Int = 1) throws -> (process: RunningTool, url: String) {
    let program = """
      import socket, sys, threading
      def pump(a, b):
          try:
              while data := a.recv(65536): b.sendall(data)
          except OSError: pass
          b.close()
      def head(link):
          got = b""
          while not got.endswith(b"\\r\\n\\r\\n"): got += link.recv(1) or b"\\r\\n\\r\\n"
          print(got.splitlines()[0].decode(), flush=True)
      listener = socket.create_server(("127.0.0.1", 0))
      print(listener.getsockname()[1], flush=True)
      for answer in sys.argv[2:]:
          link = listener.accept()[0]
          head(link)
          link.sendall(answer.encode())
          link.close()
      while True:
          link = listener.accept()[0]
          head(link)
          far = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
          link.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
          for pair in (link, far), (far, link): threading.Thread(target=pump, args=pair, daemon=True).start()
      """
    let running = try Tool.start("python3", ["-c", program, "\(port)"] + answers)
    #expect(Tool.waitUntil { running.out.contains(0x0A) })
    let line = String(decoding: running.out, as: UTF8.self).prefix { $0 != "\n" }
    return (running, "http://user:hunter2hunter2@127.0.0.1:\(line)")
  }

  @Test(arguments: ["http_proxy", "https_proxy", "ALL_PROXY"])
  func tradesComeThroughATunnel(variable: String) throws {
    let simulator = try Simulator(["--proxy", "0", "--ticks-per-second", "400"])
    let outcome = try fetch(
      simulator, socket: "ws://kis.example:21000", [variable: simulator.proxyURL],
      ["--feed", "trades", "--count", "100"])
    #expect(outcome.status == 0 && outcome.lines.count == 100, "\(outcome.errText)")
    #expect(
      outcome.errText.contains(
        "WebSocket connected | ws://kis.example:21000/tryitout through the proxy \(simulator.proxyURL) (\(variable))"
      ))
    #expect(try connects(simulator) == ["kis.example:21000": 1])
  }

  /// `0.0.0.0` is this host too, but not by its name.
  @Test func noProxyLeadsPastIt() throws {
    let simulator = try Simulator(["--proxy", "0", "--ticks-per-second", "400"])
    let port = try #require(URL(string: simulator.webSocketURL)?.port)
    let set = ["http_proxy": simulator.proxyURL, "https_proxy": "http://127.0.0.1:1"]
    for list in ["*", "a.example, 0.0.0.0", "0.0.0.0/8", "0.0.0.0:\(port)"] {
      let direct = try fetch(
        simulator, socket: "ws://0.0.0.0:\(port)", set.merging(["no_proxy": list]) { $1 },
        ["--feed", "trades", "--count", "20"])
      #expect(direct.status == 0 && !direct.errText.contains("proxy"), "\(list): \(direct.errText)")
    }
    #expect(try connects(simulator).isEmpty)
  }

  /// A refusal is waited out, as a lost connection is.
  @Test func aProxyThatRefusesIsTriedAgain() throws {
    let simulator = try Simulator(["--ticks-per-second", "400"])
    let port = try #require(URL(string: simulator.webSocketURL)?.port)
    let proxy = try proxy(
      ["HTTP/1.1 407 No\r\n\r\n", "HTTP/1.1 502 Bad Gateway\r\n\r\n", "", "SSH-2.0\r\n"], then: port)
    defer { proxy.process.signal(SIGKILL) }
    let outcome = try fetch(
      simulator, socket: "ws://kis.example:21000", ["http_proxy": proxy.url],
      ["--feed", "trades", "--count", "20", "--log-level", "debug"])
    #expect(outcome.status == 0, "\(outcome.errText)")
    let shown = proxy.url.replacingOccurrences(of: "user:hunter2hunter2@", with: "")
    let gap = try #require(try Line.all(outcome).first { $0.isGap })
    #expect(gap.reason == "ws_disconnect")
    #expect(
      outcome.errText.contains(
        "WebSocket lost | the proxy \(shown) (http_proxy) answered 407 to CONNECT kis.example:21000: "
          + "it does not take the user and password of http_proxy; connecting again in "))
    for text in [outcome.outText, outcome.errText] {
      #expect(!text.contains("hunter2") && !text.contains("dXNlcjpodW50"), "\(text)")
    }
  }

  @Test func aRefusalIsAnOutageWhenRetriesAreCounted() throws {
    let simulator = try Simulator()
    let proxy = try proxy(Array(repeating: "HTTP/1.1 403 Forbidden\r\n\r\n", count: 3))
    defer { proxy.process.signal(SIGKILL) }
    let outcome = try fetch(
      simulator, socket: "ws://kis.example:21000", ["all_proxy": proxy.url],
      ["--feed", "trades", "--retries", "1"])
    #expect(outcome.status == 69, "\(outcome.errText)")
    #expect(
      outcome.errText.contains("allow it at the proxy, or name the host in no_proxy, 2 connections failed"))
  }

  @Test(arguments: ["socks5h://127.0.0.1:1080", "https://127.0.0.1"])
  func aProxyThatIsNotSpokenToIsRefusedAtOnce(value: String) throws {
    let simulator = try Simulator()
    let outcome = try fetch(
      simulator, socket: "ws://kis.example:21000", ["all_proxy": value], ["--feed", "trades"])
    #expect(outcome.status == 78 && outcome.outText.isEmpty, "\(outcome.errText)")
    #expect(outcome.errText.contains("(all_proxy): the real-time socket goes through http:// proxies only"))
    // Nobody asks for it: REST alone, or a host that is named in no_proxy.
    let rest = try fetch(
      simulator, socket: "ws://kis.example:21000", ["all_proxy": value], ["--feed", "price", "--count", "1"])
    #expect(rest.status == 0, "\(rest.errText)")
  }

  /// REST is asked through the same proxies, over TLS: the proxy sees the tunnel, and its refusal is named.
  @Test func callsGoThroughATunnelToo() throws {
    let simulator = try Simulator()
    func once(_ variables: [String: String]) throws -> Outcome {
      let environment = simulator.environment().merging(variables) { $1 }
      return try Tool.run(
        "kis-fetch", ["--rest-url", "https://kis.example:9443", "--once", "--retries", "0"], text: "005930\n",
        env: environment)
    }
    let tunnel = try proxy(["HTTP/1.1 200 OK\r\n\r\n"])
    defer { tunnel.process.signal(SIGKILL) }
    let plain = try once(["https_proxy": tunnel.url])
    #expect(plain.status == 69 && plain.errText.contains("TLS: "), "\(plain.errText)")
    #expect(String(decoding: tunnel.process.out, as: UTF8.self).contains("CONNECT kis.example:9443 HTTP/1.1"))
    let proxy = try proxy(Array(repeating: "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", count: 20))
    defer { proxy.process.signal(SIGKILL) }
    let refused = try once(["https_proxy": proxy.url])
    #expect(
      refused.status == 69
        && refused.errText.contains(
          "(https_proxy) answered 407 to CONNECT kis.example:9443: it does not take"),
      "\(refused.errText)")
    #expect(!refused.errText.contains("hunter2"))
    let gone = try once(["https_proxy": "http://127.0.0.1:1"])
    #expect(
      gone.status == 69
        && gone.errText.contains("the proxy http://127.0.0.1:1 (https_proxy): connection refused"),
      "\(gone.errText)")
    let broken = try once(["https_proxy": "http://hunter2hunter2@"])
    #expect(broken.status == 78 && broken.errText.contains("https_proxy is not a proxy's address"))
    #expect(!broken.errText.contains("hunter2"))
  }
}
