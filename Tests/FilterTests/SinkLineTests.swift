import Foundation
import TestSupport
import Testing

@Test func sinkStoresAndPassesOn() throws {
  let sink = try SinkFixture()
  let text = "{\"a\":1e3, \"b\":0.10}\n{\"c\":12345678901234567890}\n"
  let run = try sink.run([], text)
  #expect(run.status == 0)
  #expect(run.outText == text)
  #expect(sink.content() == text)
  let receipt = try #require(run.receipt)
  #expect(receipt.isLawful)
  #expect(receipt.read == 2 && receipt.durable == 2 && receipt.rc == 0)
  #expect(receipt.file == sink.path("observer.jsonl"))
  #expect(receipt.endOffset == text.utf8.count && receipt.bytes == text.utf8.count)
  #expect(
    run.errText.contains("| INFO | jsonl-sink | Record published | file=\(sink.path("observer.jsonl"))"))
}

@Test func sinkAppends() throws {
  let sink = try SinkFixture()
  #expect(try sink.run([], "{\"a\":1}\n").status == 0)
  #expect(try sink.run([], "{\"a\":2}\n").status == 0)
  #expect(sink.content() == "{\"a\":1}\n{\"a\":2}\n")
}

@Test func sinksChain() throws {
  let one = try SinkFixture()
  let two = try SinkFixture()
  let run = try Tool.run(
    "bash",
    [
      "-c", "\"$0\" --dir \"$1\" | \"$0\" --dir \"$2\" --quiet", Tool.path("jsonl-sink"), one.folder,
      two.folder,
    ],
    text: "{\"a\":1}\n")
  #expect(run.status == 0)
  #expect(one.content() == two.content() && two.content() == "{\"a\":1}\n")
}

@Test func emptyInputMakesNoDataFile() throws {
  let sink = try SinkFixture()
  let run = try sink.run([], "")
  #expect(run.status == 0)
  #expect(sink.files == ["observer.lock"])
  #expect(run.receipt?.read == 0)
}

@Test func quietPassesNothing() throws {
  let sink = try SinkFixture()
  let run = try sink.run(["--quiet"], "{\"a\":1}\n")
  #expect(run.out.isEmpty)
  #expect(sink.content() == "{\"a\":1}\n")
}

/// One good line on both sides: neighbours stay intact whatever stands between.
@Test(arguments: [
  ("bad", "invalid JSON: expected a value at byte 0"),
  ("[]", "not a JSON object"), ("1", "not a JSON object"),
  ("{}{}", "invalid JSON: text after the value at byte 2"),
  ("{\"a\":NaN}", "non-finite numbers detected: 1"), ("{\"a\":1e999}", "non-finite numbers detected: 1"),
  ("{\"a\":\"\u{0}\"}", "invalid JSON: control character in a string at byte 6"),
  ("\u{FEFF}{}", "invalid JSON: expected a value at byte 0"),
  ("{\"b\":", "invalid JSON: unexpected end at byte 5"),
  ("{\"a\":\"\\ud800\"}", "invalid JSON: lone surrogate at byte 6"),
])
func sinkSetsAside(line: String, error: String) throws {
  let sink = try SinkFixture()
  let run = try sink.run([], "{\"x\":1}\n\(line)\n{\"x\":2}\n")
  #expect(run.status == 65)
  #expect(sink.content() == "{\"x\":1}\n{\"x\":2}\n")
  #expect(run.outText == "{\"x\":1}\n{\"x\":2}\n")
  let reject = try #require(try sink.rejects().first)
  #expect(reject["stage"] as? String == "jsonl-sink")
  #expect(reject["line"] as? Int == 2)
  // Foundation drops a byte order mark when it decodes.
  #expect(reject["input_text"] as? String == line.replacingOccurrences(of: "\u{FEFF}", with: ""))
  #expect((reject["verdict"] as? [String: Any])?["errors"] as? [String] == [error])
  let receipt = try #require(run.receipt)
  #expect(receipt.isLawful && receipt.rejected == 1 && receipt.durable == 2 && receipt.rc == 65)
}

@Test func invalidUTF8IsKeptInBase64() throws {
  let sink = try SinkFixture()
  let run = try Tool.run(
    "jsonl-sink", ["--dir", sink.folder], input: Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}\n{}\n".utf8))
  #expect(run.status == 65)
  #expect(sink.content() == "{}\n")
  let reject = try #require(try sink.rejects().first)
  let kept = try #require(Data(base64Encoded: reject["input_base64"] as? String ?? ""))
  #expect(Array(kept) == Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8))
}

struct LineEndCase: Sendable, CustomTestStringConvertible {
  let input: String
  let stored: String
  let blank: Int
  let status: Int32
  var testDescription: String { input.debugDescription }
}

@Test(arguments: [
  LineEndCase(input: "{\"a\":1}\n{\"b\":2}", stored: "{\"a\":1}\n{\"b\":2}\n", blank: 0, status: 0),
  LineEndCase(input: "{\"a\":1}\n{\"b\":", stored: "{\"a\":1}\n", blank: 0, status: 65),
  LineEndCase(input: "{\"a\":1}\r\n{\"b\":2}\r\n", stored: "{\"a\":1}\n{\"b\":2}\n", blank: 0, status: 0),
  LineEndCase(
    input: "\n{\"a\":1}\n\n  \n\r\n{\"b\":2}\n\n", stored: "{\"a\":1}\n{\"b\":2}\n", blank: 5, status: 0),
])
func sinkLineEnds(_ item: LineEndCase) throws {
  let sink = try SinkFixture()
  let run = try sink.run([], item.input)
  #expect(run.status == item.status)
  #expect(sink.content() == item.stored)
  #expect(run.outText == item.stored)
  #expect(run.receipt?.blank == item.blank)
  #expect(run.receipt?.isLawful == true)
}

@Test func linesOfEveryLengthArriveWhole() throws {
  let sink = try SinkFixture()
  let lengths = [1, 8192, 8193, 65_535, 65_536, 65_537, 1_048_575, 1_048_576, 1_048_577, 3_000_000]
  let text = lengths.map { "{\"p\":\"" + String(repeating: "x", count: $0) + "\"}\n" }.joined()
  let run = try sink.run([], text)
  #expect(run.status == 0)
  #expect(sink.content() == text)
  #expect(run.outText == text)
}

@Test func lineOverTheLimitIsSkippedAndReported() throws {
  let sink = try SinkFixture()
  let long = "{\"p\":\"" + String(repeating: "x", count: 3_000_000) + "\"}"
  let run = try sink.run(["--max-line", "1000"], "{\"a\":1}\n\(long)\n{\"a\":2}\n")
  #expect(run.status == 65)
  #expect(sink.content() == "{\"a\":1}\n{\"a\":2}\n")
  let reject = try #require(try sink.rejects().first)
  #expect(reject["input_bytes"] as? Int == long.utf8.count)
  #expect(reject["truncated"] as? Bool == true)
}

/// Random good, bad, blank and CRLF lines: what is stored is exactly the good ones, whatever the block borders.
@Test(arguments: [1, 2, 3]) func sinkKeepsExactlyTheGoodLines(_ seed: UInt64) throws {
  let sink = try SinkFixture()
  var state = seed &* 0x9E37_79B9_7F4A_7C15
  func random(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
  var input = ""
  var good = ""
  var counts = (bad: 0, blank: 0)
  for number in 0..<20_000 {
    let line = "{\"n\":\(number),\"p\":\"\(String(repeating: "p", count: random(120)))\"}"
    switch random(20) {
    case 0:
      input += "{\"n\":\(number),}\n"
      counts.bad += 1
    case 1:
      input += "\n"
      counts.blank += 1
    case 2:
      input += line + "\r\n"
      good += line + "\n"
    default:
      input += line + "\n"
      good += line + "\n"
    }
  }
  let run = try sink.run([], input)
  #expect(run.status == 65)
  #expect(sink.content() == good)
  #expect(run.outText == good)
  #expect(run.receipt?.rejected == counts.bad)
  #expect(run.receipt?.blank == counts.blank)
  #expect(run.receipt?.isLawful == true)
  #expect(try sink.rejects().count == counts.bad)
}
