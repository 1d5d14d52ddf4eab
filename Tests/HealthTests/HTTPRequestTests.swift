import Plumbing
import Testing

@testable import Health

struct HTTPRequestTests {
  struct Case: Sendable {
    let text: String
    /// 200: a request; 0: not whole yet; else the refusal.
    let status: Int

    init(_ text: String, _ status: Int) {
      self.text = text
      self.status = status
    }
  }

  static let cases = [
    Case("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    Case("HEAD /health?x=1 HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n", 200),
    Case("GET / HTTP/1.1\r\nhost: [::1]:8000\r\n\r\n", 200),
    Case("GET / HTTP/1.0\r\n\r\n", 200),
    Case("GET / HTTP/1.1\r\nHost: localhost\r\n", 0),
    Case("", 0),
    Case("GET / HTTP/1.1\r\n\r\n", 400),
    Case("GET / HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n\r\n", 400),
    Case("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    Case("GET / HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n", 421),
    Case("GET / HTTP/1.1\r\nHost: \r\n\r\n", 421),
    Case("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    Case("DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    Case("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n", 413),
    Case("GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", 413),
    // Of two lengths the last must not hide the first: the body would be taken for the next request.
    Case("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\n", 413),
    Case("GET /a\nb HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Case("GET /a\tb HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    // Refused for the first byte, and not otherwise once the head is whole.
    Case("g", 400),
    Case("get / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Case("GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
    Case("GET /\r\n\r\n", 400),
    Case("GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Case("GET http://x/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    Case("GET / HTTP/1.1\r\nHost: localhost\r\nbad header: x\r\n\r\n", 400),
    Case("GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n", 400),
    Case("GET / HTTP/1.1\r\nHost: localhost\r\nX: a\nb\r\n\r\n", 400),
    Case("\u{16}\u{3}\u{1}", 400),
    Case("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 9000), 431),
    Case("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 8190) + "\r\n\r\n", 431),
  ]

  @Test(arguments: cases)
  func head(example: Case) {
    let outcome = HTTPRequest.parse(Array(example.text.utf8)) {
      $0 == "localhost" || ListenAddress.isNumeric($0)
    }
    let status =
      switch outcome {
      case .incomplete: 0
      case .request: 200
      case .refused(let status): status
      }
    #expect(status == example.status, "\(example.text.prefix(60))")
  }

  @Test func aRequestIsCutFromWhatFollows() {
    let first = "HEAD /ready?a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    let outcome = HTTPRequest.parse(Array((first + "GET /").utf8)) { $0 == "localhost" }
    guard case .request(let request) = outcome else {
      Issue.record("no request: \(outcome)")
      return
    }
    #expect(request.isHead && request.path == "/ready" && !request.keepsAlive)
    #expect(request.length == first.utf8.count)
  }

  @Test(arguments: [
    ("127.0.0.1:8000", true), ("[::1]:80", true), ("0.0.0.0:0", true), ("localhost:80", false),
    ("8000", false),
    ("127.0.0.1", false), ("127.0.0.1:70000", false), ("", false),
  ])
  func address(text: String, isOne: Bool) { #expect((ListenAddress(text) != nil) == isOne) }
}

struct ExpositionTests {
  @Test func stagesAreMergedUnderOneHead() {
    var merged = Exposition()
    merged.add(
      "# HELP a A.\n# TYPE a counter\na{stage=\"x\"} 1\n# HELP b B.\n# TYPE b gauge\nb{stage=\"x\"} 2\n")
    merged.add("# HELP a Other.\n# TYPE a counter\na{stage=\"y\"} 3\ngarbage 1\n")
    #expect(
      merged.text
        == "# HELP a A.\n# TYPE a counter\na{stage=\"x\"} 1\na{stage=\"y\"} 3\n# HELP b B.\n# TYPE b gauge\nb{stage=\"x\"} 2\n"
    )
  }

  @Test func aCarriageReturnHidesNoLineEnd() {
    var merged = Exposition()
    merged.add("# HELP a A.\r\na 1\r\n# HELP b B.\nb 2\r")
    #expect(merged.families.count == 2)
    #expect(merged.text.utf8.count { $0 == 0x0A } == 4)
  }

  @Test func samplesAreNamedWithoutTheirStage() {
    var text = MetricsText(stage: "kis-fetch")
    text.put(.rejects, [("r", 4), ("s", 5)])
    text.put(.clockOffset, 0.5)
    text.put(.channelLastRefusal, [("H0STCNT0", "17 a,column=b", 6), ("H0STASP0", "3", 7)])
    let sample = Sample(text: String(decoding: text.bytes, as: UTF8.self) + "noise\n")
    #expect(sample[.rejects, "r"] == 4 && sample.sum(.rejects) == 9 && sample[.rejects, "t"] == nil)
    #expect(sample[.clockOffset] == 0.5 && sample[.exitStatus] == nil && sample.values.count == 5)
    #expect(sample.each(.rejects).map(\.labels) == [["r"], ["s"]] && sample.each(.gaps).isEmpty)
    #expect(sample[.channelLastRefusal, "H0STASP0", "3"] == 7)
    #expect(
      sample.each(.channelLastRefusal).map(\.labels) == [["H0STASP0", "3"], ["H0STCNT0", "17 a,column=b"]])
  }

  /// Another program may write any labels.
  @Test func otherLabelsThanTheMetricsAreNoNumbersOfIt() {
    let sample = Sample([
      "observer_gaps_total{why=x}": 1, "observer_gaps_total{}": 1, "observer_gaps_total": 1,
      "observer_session_records{feed=trades}": 1, "observer_session_records{venue=KRX,feed=trades}": 1,
    ])
    #expect(sample.each(.gaps).isEmpty && sample.each(.sessionRecords).isEmpty)
  }

  @Test func minutesSurviveANewSink() {
    var history = HealthHistory()
    func sample(_ start: Double, _ total: Double) -> Sample {
      Sample(["observer_start_time_seconds": start, "observer_archive_records_total": total])
    }
    history.note(sample(1, 500), at: 60_000)
    history.note(sample(1, 510), at: 90_000)
    history.note(sample(2, 7), at: 120_000)
    history.note(nil, at: 180_000)
    #expect(history.series(at: 180_000).map(\.count) == [10, 7, 0])
  }
}
