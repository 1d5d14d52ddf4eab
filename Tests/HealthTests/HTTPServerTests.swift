import Foundation
import TestSupport
import Testing

/// The server under a thousand connections that mean no good.
struct HTTPServerTests {
  /// A quarter each: silent, one header byte now and then, garbage, a huge head.
  private static let siege = """
    import resource, socket, sys, time
    port = int(sys.argv[1])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    def connect():
        return socket.create_connection(("127.0.0.1", port), timeout=5)
    def health():
        start = time.monotonic()
        with connect() as peer:
            peer.sendall(b"GET /health HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
            answer = b""
            while part := peer.recv(65536): answer += part
        assert answer.startswith(b"HTTP/1.1 503 ") and b'"first":' in answer, answer[:80]
        return time.monotonic() - start
    begins = [b"", b"GET / HTTP/1.1\\r\\nX", b"\\x16\\x03\\x01\\xff", b"GET / HTTP/1.1\\r\\nX: " + b"a" * 20000]
    peers, times = [], []
    for number in range(1000):
        peers.append(connect())
        try: peers[-1].sendall(begins[number % 4])
        except OSError: pass
        if number % 25 == 24: times.append(health())
    for round in range(20):
        for peer in peers[1::4]:
            try: peer.send(b"x")
            except OSError: pass
        times.append(health())
    times.sort()
    print(len(times), int(times[len(times) // 2] * 1e6), int(times[-1] * 1e6))
    """

  @Test func answersThroughASiege() throws {
    let folder = try Tool.temporaryFolder("observer-siege")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let server = try Tool.start(
      "observer-health", ["serve", "--listen", "127.0.0.1:0", "--dir", folder],
      env: ["QTS_OBSERVER_STANDALONE": "1"])
    defer {
      server.signal(SIGTERM)
      #expect(server.wait(timeout: 10).status == 0)
    }
    try #require(Tool.waitUntil(10) { server.errText.hasSuffix("/\n") }, "\(server.errText)")
    let port = try #require(server.errText.split(separator: ":").last?.prefix { $0.isNumber })
    let siege = try Tool.run("python3", ["-c", Self.siege, String(port)], env: [:])
    let numbers = siege.outText.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    try #require(siege.status == 0 && numbers.count == 3, "\(siege.errText)")
    print("siege | \(numbers[0]) answers | median \(numbers[1]) us | worst \(numbers[2]) us")
    // Most answers tell about the server, the worst one about whoever shares the processors.
    #expect(numbers[1] < 50_000)
    #expect(numbers[2] < 500_000)
  }
}
