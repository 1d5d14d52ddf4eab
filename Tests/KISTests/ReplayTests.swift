import Foundation
import Glibc
import JSONBytes
import Plumbing
import TestSupport
import Testing

@testable import KIS

/// A file that is gone after the test.
final class ScratchFile {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

  deinit { unlink(path) }

  func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }

  func text() throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }
}

/// Plays recordings and keeps what they gave.
struct ReplayProbe {
  var output = ""
  var warnings: [String] = []
  var pauses: [Nanoseconds] = []
  var summary = ReplaySummary()

  init(
    _ path: String, speed: ReplayOptions.Speed = .maximum, seed: UInt64? = 1, stopAfter: Int = .max
  ) throws {
    let descriptor = open(path, O_RDONLY)
    defer { Glibc.close(descriptor) }
    var replay = Replay(
      descriptor: descriptor, name: path,
      options: ReplayOptions(speed: speed, sessionID: "s", mode: "TEST", seed: seed))
    var (output, warnings, pauses) = ("", [String](), [Nanoseconds]())
    summary = try replay.run(
      write: { output += $0.text }, warn: { warnings.append($0) },
      pause: { time in
        if time > .zero { pauses.append(time) }
        return pauses.count < stopAfter
      })
    (self.output, self.warnings, self.pauses) = (output, warnings, pauses)
  }

  var lines: [Substring] { output.split(separator: "\n") }
}

@Suite struct ReplayTests {
  static let frames = [FrameSamples.bundle, FrameSamples.midpoint, FrameSamples.book63, FrameSamples.falling]

  @Test func aRecordingGivesTheSameSnapshots() throws {
    let file = ScratchFile()
    let recorder = try WireRecorder(path: file.path)
    var builder = SnapshotBuilder(sessionID: "s", mode: "TEST", seed: 1)
    var parser = FrameParser()
    var live = ByteBuffer()
    for (index, frame) in Self.frames.enumerated() {
      let time = Milliseconds(1_790_000_000_000) + .milliseconds(index * 7)
      Array(frame.utf8).withUnsafeBufferPointer { bytes in
        recorder.webSocket(bytes, at: time)
        guard case .records(let frame) = parser.parse(bytes) else { return }
        for record in 0..<frame.count {
          let moment = SnapshotMoment(time: time, source: .replay)
          #expect(builder.append(frame[record], at: moment, to: &live))
        }
      }
    }
    try recorder.flush()
    let replayed = try ReplayProbe(file.path)
    #expect(replayed.output == live.text)
    #expect(replayed.summary.snapshots == 6)
    #expect(replayed.summary.messages == 4)
    #expect(try ReplayProbe(file.path).output == replayed.output)
    #expect(try ReplayProbe(file.path, seed: nil).output != replayed.output)
  }

  @Test func bareFramesCarryTheirOwnTime() throws {
    let file = ScratchFile()
    try file.write("# saved frames\n\n" + Self.frames[1...2].joined(separator: "\r\n"))
    let replayed = try ReplayProbe(file.path)
    #expect(replayed.summary.snapshots == 2)
    #expect(replayed.summary.lines == 4)
    #expect(replayed.lines.allSatisfy { $0.contains(#"{"timestamp":"2026-09-22T14:06:10.000+09:00""#) })
    #expect(replayed.lines[1].contains(#""quote_time":"2026-09-22T14:06:10+09:00""#))
  }

  @Test func answersAreReplayed() throws {
    let file = ScratchFile()
    let recorder = try WireRecorder(path: file.path)
    let multi = SnapshotAnswerTests.multi.replacing(#""output":{"#, with: #""output":[{"#)
      .replacing("}}", with: #"},{"inter_shrn_iscd":"999999","inter2_prpr":"0"}],"rt_cd":"0"}"#)
    for (body, name, symbol) in [
      (SnapshotAnswerTests.price, "FHKST01010100", "000660"), (multi, "FHKST11300006", nil),
      (#"{"rt_cd":"1","msg_cd":"EGW00201","msg1":"초당 거래건수를 초과하였습니다."}"#, "FHKST01010100", "000660"),
    ] {
      Array(body.utf8).withUnsafeBufferPointer {
        recorder.rest($0, transactionID: name, symbol: symbol, venue: .nxt, at: 1_790_000_000_000)
      }
    }
    try recorder.flush()
    let replayed = try ReplayProbe(file.path)
    #expect(replayed.lines.count == 3)
    #expect(
      replayed.lines[0].contains(
        #""symbol":"000660","market":"NXT","product":"stock","feed":"price"},"observation":{"inputs":{"price":128500,"#
      ))
    #expect(replayed.lines[1].contains(#""symbol":"005930""#))
    #expect(replayed.lines[2].contains(#""reason":"no_data""#))
    #expect(replayed.summary.withoutData == 1)
    #expect(replayed.summary.refused == 1)
    for line in replayed.lines { _ = try SnapshotProbe.object(line + "\n") }
  }

  @Test func otherLinesAreCountedAndTold() throws {
    let file = ScratchFile()
    let long = String(repeating: "x", count: ReplayReader.maximumLine + 600_000)
    try file.write(
      [
        #"{"header":{"tr_id":"PINGPONG"}}"#, #"{"t":1,"kind":"ws","text":"{\"header\":{}}"}"#,
        "1|H0STCNI0|001|abc", "0|H0STCNT0|001|005930", #"{"t":1,"text":"a"#, #"{"t":1}"#,
        #"{"t":1,"text":"\x"}"#, #"{"t":99999999999999999999,"text":"0|"}"#, long, FrameSamples.midpoint,
        "hello",
      ].joined(separator: "\n"))
    let replayed = try ReplayProbe(file.path)
    #expect(replayed.summary.snapshots == 1)
    #expect(replayed.summary.passedOver == 3)
    #expect(replayed.summary.refused == 1)
    #expect(replayed.summary.malformed == 6)
    #expect(replayed.warnings.count == 6)
    #expect(replayed.warnings.contains("line 5 of the recording is neither a recorded message nor a frame"))
    #expect(replayed.warnings.last?.hasPrefix("line 11 ") == true)
    #expect(replayed.summary.lines == 11)
  }

  @Test func paceFollowsTheRecording() throws {
    let file = ScratchFile()
    let times: [Milliseconds] = [1000, 1000, 61_000, 121_000]
    try file.write(
      times.map { #"{"t":\#($0),"kind":"ws","tr":"H0STCNT0","text":"\#(FrameSamples.midpoint)"}"# }
        .joined(separator: "\n"))
    let paced = try ReplayProbe(file.path, speed: .factor(10))
    #expect(paced.pauses.count == 2)
    #expect(paced.pauses[0] > .seconds(5) && paced.pauses[0] <= .seconds(6))
    #expect(paced.pauses[1] > .seconds(11) && paced.pauses[1] <= .seconds(12))
    #expect(paced.summary.snapshots == 4)
    #expect(try ReplayProbe(file.path).pauses.isEmpty)
    let stopped = try ReplayProbe(file.path, speed: .factor(10), stopAfter: 1)
    #expect(stopped.summary.isStopped)
    #expect(stopped.summary.snapshots == 2)
  }
}

@Suite struct ReplayRecordingTests {
  static func record(_ text: [UInt8]) throws -> String {
    let file = ScratchFile()
    let recorder = try WireRecorder(path: file.path)
    text.withUnsafeBufferPointer { recorder.webSocket($0, at: 5) }
    try recorder.flush()
    return try file.text()
  }

  @Test(arguments: [
    #"{"body":{"output":{"iv":"SECRET","key":"SECRET"},"rt_cd":"0"}}"#, #"{ "approval_key" : "SECRET" }"#,
    #"{"Access_Token":"SECRET","x":1}"#, #"{"appkey":"SEC\"RET","secretkey":"SECRET"}"#, #"{"token":"SECRET"#,
    #"{"k\u0065y":"SECRET"}"#, #"{"iv":SECRET}"#, #"["key",{"key":"SECRET"}]"#, #"{"key":{"iv":"SECRET"}}"#,
    "{\"key\"\n:\t\"SECRET", #"{"header":{"tr_id":"H0STCNT0"},"body":{"msg1":"iv SECRET","#,
    #"{"body":{"output":{"iv":"x"},"SECRET"#,
  ])
  func secretsAreTakenOut(_ text: String) throws {
    let line = try Self.record(Array(text.utf8))
    #expect(!line.contains("SECRET") && !line.contains("RET"))
    #expect(line.contains("REDACTED"))
    _ = try SnapshotProbe.object(line)
  }

  @Test(arguments: [
    #"{"header":{"tr_id":"H0STCNT0","tr_key":"005930"}}"#, #"{"a":"key"}"#,
    #"{"msg1":"invalid appkey : NOT FOUND"}"#,
    FrameSamples.midpoint, #"{"key":[1]}"#,
  ])
  func theRestStays(_ text: String) throws {
    let object = try SnapshotProbe.object(try Self.record(Array(text.utf8)))
    #expect(object["text"] as? String == text)
    #expect(object["t"] as? Int == 5)
    #expect(object["kind"] as? String == "ws")
    #expect(object["tr"] as? String == (text.hasPrefix("0|") ? "H0STCNT0" : nil))
  }

  @Test func brokenTextGivesAWholeLine() throws {
    let object = try SnapshotProbe.object(try Self.record([0x30, 0x7C, 0xFF, 0x0A, 0x22]))
    #expect(object["text"] as? String == "0|\u{FFFD}\n\"")
  }

  @Test func theFileIsPrivateAndOlderContentStays() throws {
    let file = ScratchFile()
    try WireRecorder(path: file.path).flush()
    var status = stat()
    #expect(stat(file.path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    try file.write("torn")
    let recorder = try WireRecorder(path: file.path)
    Array("1|x|".utf8).withUnsafeBufferPointer { recorder.webSocket($0, at: 1) }
    try recorder.flush()
    #expect(try file.text() == "torn\n{\"t\":1,\"kind\":\"ws\",\"tr\":\"x\",\"text\":\"1|x|\"}\n")
    let link = ScratchFile()
    #expect(symlink(file.path, link.path) == 0)
    #expect(throws: (any Error).self) { try WireRecorder(path: link.path) }
  }

  @Test func aFullDiskIsToldOnce() throws {
    let recorder = WireRecorder(descriptor: try System.open("/dev/full", O_RDWR), path: "/dev/full")
    Array("1|x|".utf8).withUnsafeBufferPointer { recorder.webSocket($0, at: 1) }
    #expect(throws: (any Error).self) { try recorder.flush() }
    // Only the line end that the next line needs is tried again.
    #expect(throws: (any Error).self) { try recorder.flush() }
  }

  @Test(arguments: ["FIFO", "folder", "device"]) func aRecordingIsARegularFile(_ kind: String) throws {
    let folder = try Tool.temporaryFolder("recording")
    var path = folder + "/x"
    switch kind {
    case "FIFO": #expect(mkfifo(path, 0o600) == 0)
    case "folder": path = folder
    default: path = "/dev/null"
    }
    let failure = #expect(throws: SystemError.self) { try WireRecorder(path: path) }
    #expect(
      failure?.description.hasSuffix("it is a \(kind), not a regular file") == true,
      "\(String(describing: failure))"
    )
  }
}
