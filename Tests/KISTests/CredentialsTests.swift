import Foundation
import Glibc
import Plumbing
import TestSupport
import Testing

@testable import KIS

@Suite struct CredentialsTests {
  private static let key = String(repeating: "k", count: 36)
  private static let secret = String(repeating: "s/+=", count: 45)

  private func environment(_ variables: [String: String]) -> Environment { Environment { variables[$0] } }

  private func read(_ path: String) throws -> Credentials {
    try Credentials.find(file: try CredentialsFile(path: path), environment: environment([:]))
  }

  private func file(_ text: String, mode: mode_t = 0o600) throws -> String {
    let path = try Tool.temporaryFolder("credentials") + "/keys"
    let descriptor = open(path, O_WRONLY | O_CREAT, mode)
    defer { close(descriptor) }
    _ = text.withCString { write(descriptor, $0, strlen($0)) }
    chmod(path, mode)
    return path
  }

  @Test(arguments: [
    ("KIS_APP_KEY", "KIS_APP_SECRET"), ("REAL_APP_KEY", "REAL_APP_SECRET"),
    ("KIS_APP_KEY", "REAL_APP_SECRET"),
  ])
  func environmentNames(_ names: (String, String)) throws {
    let found = try Credentials.find(
      file: nil, environment: environment([names.0: Self.key, names.1: Self.secret]))
    #expect(found.appKey.reveal() == Self.key && found.appSecret.reveal() == Self.secret)
  }

  @Test(arguments: [
    [:], ["KIS_APP_KEY": "x"], ["KIS_APP_SECRET": "x"], ["KIS_APP_KEY": "x", "KIS_APP_SECRET": ""],
  ])
  func missingNamesTheWayOut(_ variables: [String: String]) {
    let failure = #expect(throws: ToolFailure.self) {
      try Credentials.find(file: nil, environment: environment(variables))
    }
    #expect(failure?.status == .refused)
    for word in ["KIS_APP_KEY", "KIS_APP_SECRET", "--credentials FILE"] {
      #expect(failure?.message.contains(word) == true)
    }
  }

  @Test(arguments: [
    "KIS_APP_KEY=\(key)\nKIS_APP_SECRET=\(secret)\n",
    "# comment\r\nexport KIS_APP_KEY=\"\(key)\"\r\n KIS_APP_SECRET = '\(secret)' \r\n",
    "REAL_APP_KEY=\(key)\nREAL_APP_SECRET=\(secret)",
    " {\"KIS_APP_KEY\":\"\(key)\",\n\"KIS_APP_SECRET\":\"\(secret)\"}",
  ])
  func fileForms(_ text: String) throws {
    let found = try read(try file(text))
    #expect(found.appKey.reveal() == Self.key && found.appSecret.reveal() == Self.secret)
  }

  @Test(arguments: [mode_t(0o640), 0o604, 0o660, 0o644, 0o620])
  func fileThatOthersReachIsRefused(_ mode: mode_t) throws {
    let path = try file("KIS_APP_KEY=a\nKIS_APP_SECRET=b\n", mode: mode)
    let link = path + ".link"
    #expect(symlink(path, link) == 0)
    for name in [path, link] {
      let failure = #expect(throws: ToolFailure.self) { try read(name) }
      #expect(failure?.status == .refused && failure?.message.contains("chmod 600") == true)
    }
    chmod(path, 0o600)
    #expect(throws: Never.self) { try read(link) }
  }

  @Test(arguments: [
    "KIS_APP_KEY=a b\nKIS_APP_SECRET=c\n", "KIS_APP_KEY=a\u{7}\nKIS_APP_SECRET=c\n",
    "KIS_APP_KEY=é\nKIS_APP_SECRET=c\n", "{\"KIS_APP_KEY\":\"a\\r\\nx: y\",\"KIS_APP_SECRET\":\"c\"}", "{",
    "nothing",
    "KIS_APP_KEY=\(String(repeating: "a", count: 513))\nKIS_APP_SECRET=c\n",
    String(repeating: "#", count: 70_000),
  ])
  func contentThatCannotBeCredentials(_ text: String) throws {
    let path = try file(text)
    let failure = #expect(throws: ToolFailure.self) { try read(path) }
    #expect(failure?.status == .refused)
  }

  /// A named pipe without a writer must not be waited for.
  @Test(.timeLimit(.minutes(1))) func emptyPipe() throws {
    let path = try file("") + ".pipe"
    #expect(mkfifo(path, 0o600) == 0)
    let failure = #expect(throws: ToolFailure.self) { try read(path) }
    #expect(failure?.status == .refused)
  }

  @Test func nothingPrintsThem() {
    let found = Credentials(appKey: Secret("visible-key"), appSecret: Secret("visible-secret"))
    var dumped = ""
    dump(found, to: &dumped)
    for text in ["\(found)", String(describing: found), String(reflecting: found), dumped, "\(found.appKey)"]
    {
      #expect(!text.contains("visible"), "\(text)")
    }
    let request = RestWork.token.request(id: 1, credentials: found, token: nil)
    dumped = ""
    dump(request, to: &dumped)
    #expect(!"\(request)".contains("visible") && !dumped.contains("visible"))
  }

  @Test func fingerprintHidesTheKeyAndTellsServicesApart() {
    let own = Credentials(appKey: Secret(Self.key), appSecret: Secret("x"))
    let names = Set([
      own.fingerprint(environment: .real, restURL: "https://a"),
      own.fingerprint(environment: .virtual, restURL: "https://a"),
      own.fingerprint(environment: .real, restURL: "https://b"),
    ])
    #expect(names.count == 3)
    #expect(names.allSatisfy { !$0.contains("kkk") && $0.utf8.count < 60 })
  }

  /// FIPS 180-4 examples, and the padding edges of 55, 56 and 64 bytes (values from coreutils' sha256sum).
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
    (String(repeating: "a", count: 56), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
    (String(repeating: "a", count: 64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
  ])
  func digest(_ text: String, _ expected: String) {
    #expect(Digest.hexadecimal(text, digits: 64) == expected)
  }
}

/// `--credentials FILE`: how people write it, what counts in it, and what is said about the rest.
@Suite struct CredentialsFileTests {
  private func file(_ text: String) throws -> CredentialsFile {
    let path = try Tool.temporaryFolder("credentials") + "/keys"
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
    defer { close(descriptor) }
    _ = text.withCString { write(descriptor, $0, strlen($0)) }
    return try CredentialsFile(path: path)
  }

  @Test(arguments: [
    ("A_B=c", "c"), ("A_B=\"c\"", "c"), ("A_B='c'", "c"), ("\u{FEFF}A_B=c", "c"), ("A_B=c\r\n", "c"),
    ("A_B=\"c\"\r\n", "c"), ("A_B=c # why", "c"), ("A_B='c#d' # why", "c#d"), ("A_B=c#d", "c#d"),
    ("A_B=x\nA_B=c", "c"), ("export  A_B = \"c d\"", "c d"), ("A_B=\"c\"d", "\"c\"d"), ("A_B=\"c", "\"c"),
    ("A_B=", ""),
    ("\u{FEFF}{\"A_B\":\"c\"}", "c"), ("{\"A_B\":7}", "7"), ("{\"A_B\":null}", ""), ("X_Y=1\rA_B=c\r", "c"),
    ("A_B=ab==", "ab=="), ("A_B==", "="), ("A_B=#c", "#c"),
  ])
  func forms(_ text: String, _ expected: String) throws {
    let content = try VariableText(Array(text.utf8))
    #expect(content.values["A_B"] == expected && content.oddLines.isEmpty)
  }

  @Test func linesThatAreNoneAreNumberedAndNeverShown() throws {
    let secret = "ZmllbGQtdGVzdC1zZWNyZXQ"
    let file = try file(
      "# x\n\nKIS_APP_KEY=k\n\(secret)\n\(secret)==\nlower_case=\(secret)\nPATH=\(secret)\nOBSERVER_FOO=\(secret)\n"
    )
    let warnings = file.warnings(Environment { _ in nil })
    #expect(warnings.count == 2)
    #expect(warnings[0].contains("OBSERVER_FOO is not read from a credentials file"))
    #expect(
      warnings[0].contains(", line 8: ") && warnings[0].contains("these are: KIS_APP_KEY, REAL_APP_KEY, "))
    #expect(warnings[1].contains("line 4, 5, 6, 7") && warnings[1].contains("these are: KIS_APP_KEY, "))
    #expect(!warnings.joined().contains("Zmll"))
  }

  @Test(arguments: [
    ("FOO=bar\n", 1), ("KIS_APP_KEY=k\n\nFOO=bar\n", 3), ("{\"KIS_APP_KEY\":\"k\",\n\"FOO\":\"bar\"}", 2),
  ])
  func anUnknownNameIsTheLineAndTheKnownOnes(_ text: String, _ line: Int) throws {
    let warnings = try file(text).warnings(Environment { _ in nil })
    #expect(warnings.count == 1 && warnings[0].contains(", line \(line): "), "\(warnings)")
    #expect(
      (Credentials.keyNames + Credentials.secretNames + CredentialsFile.served).allSatisfy(
        warnings[0].contains))
  }

  @Test func itStandsInForWhatTheEnvironmentDoesNotSet() throws {
    let file = try file(
      "KIS_REST_URL='http://127.0.0.1:1'\nKIS_WS_URL=ws://file\nOBSERVER_CONFIG_DIR=/x\nKIS_APP_KEY=k\n")
    let process = Environment { ["KIS_WS_URL": "ws://mine"][$0] }
    let both = file.standingIn(for: process)
    #expect(both["KIS_REST_URL"] == "http://127.0.0.1:1" && both["KIS_WS_URL"] == "ws://mine")
    #expect(both["OBSERVER_CONFIG_DIR"] == nil && both["KIS_APP_KEY"] == nil)
    let warnings = file.warnings(process)
    #expect(warnings.count == 2 && warnings[0].contains("OBSERVER_CONFIG_DIR"))
    #expect(warnings[1].contains("KIS_WS_URL does not count: the environment has another"))
    #expect(file.warnings(Environment { ["KIS_WS_URL": "ws://file"][$0] }).count == 1)
  }

  /// The example names what counts here, and what must be set in the environment it says apart.
  @Test func theExampleFileDocumentsWhatCounts() throws {
    let path = Tool.repository.appendingPathComponent("config/observer.env.example").path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let parts = text.components(separatedBy: "not from --credentials")
    #expect(parts.count == 2)
    func names(_ text: String) -> Set<String> {
      Set(
        text.split(separator: "\n").compactMap { line in
          let words = line.drop { $0 == "#" }
          guard let equals = words.firstIndex(of: "=") else { return nil }
          let name = words[..<equals]
          return name.allSatisfy { $0.isUppercase || $0.isNumber || $0 == "_" } && !name.isEmpty
            ? String(name) : nil
        })
    }
    #expect(names(parts[0]) == Set(CredentialsFile.served + ["KIS_APP_KEY", "KIS_APP_SECRET"]))
    #expect(!names(parts[1]).isEmpty && names(parts[1]).isDisjoint(with: CredentialsFile.served))
  }

  @Test(arguments: ["/", "/dev/null"]) func whatIsNoFileIsSaidInOneLine(_ path: String) {
    let failure = #expect(throws: ToolFailure.self) { try CredentialsFile(path: path) }
    #expect(failure?.status == .refused && failure?.message.contains("not a file of variables") == true)
  }

  @Test(arguments: [
    (nil as String?, false, true, "PROD"), (nil, false, false, "SIM"), ("PROD", false, false, "SIM"),
    ("PROD", true, false, "PROD"), ("TEST", false, false, "TEST"), ("PROD", false, true, "PROD"),
  ])
  func madeUpDataIsStampedSo(_ mode: String?, _ isChosen: Bool, _ isKIS: Bool, _ expected: String) {
    #expect(Profile.mode(mode, isChosen: isChosen, isKIS: isKIS) == expected)
  }

  /// The script knows by name what a credentials file may say.
  @Test func everyVariableOfACredentialsFileIsKnown() throws {
    let script = try String(
      contentsOf: Tool.repository.appendingPathComponent("scripts/observer-run"), encoding: .utf8)
    let names = try #require(script.firstMatch(of: /readonly of_credentials=' ([A-Z_ ]+) '/)).1
    #expect(names.split(separator: " ").map(String.init) == CredentialsFile.served)
  }
}
