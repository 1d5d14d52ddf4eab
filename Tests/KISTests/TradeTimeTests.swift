import Foundation
import JSONBytes
import Plumbing
import TestSupport
import Testing

@testable import Completeness
@testable import KIS

/// The time to capture on the live page begins where that of an archive does: at the trade time of the snapshot.
@Suite struct TradeTimeTests {
  /// Frames of every channel, real ones where there are any.
  private static let frames: [[UInt8]] =
    RealFrames.all.map { Array($0.utf8) }
    + ["real-frames.txt", "simulated-frames.txt", "stock-frames.txt"].flatMap { name in
      let text = try? String(contentsOfFile: Tool.repository.path + "/Tests/Golden/" + name, encoding: .utf8)
      return (text ?? "").split(separator: "\n").filter { $0.first == "0" }.map { Array($0.utf8) }
    }

  /// 2026-11-26 10:00 in Korea.
  private static let received: Milliseconds = 1_795_654_800_000

  @Test func theRecordSaysWhatItsSnapshotSays() throws {
    var parser = FrameParser()
    var builder = SnapshotBuilder(sessionID: "s", mode: "TEST", raw: false)
    var times = 0
    var silent: Set<String> = []
    for frame in Self.frames {
      try frame.withUnsafeBufferPointer { bytes in
        guard case .records(let frame) = parser.parse(bytes) else { return }
        for index in 0..<frame.count {
          var line = ByteBuffer()
          let moment = SnapshotMoment(time: Self.received, source: .websocket)
          guard builder.append(frame[index], at: moment, to: &line) else { continue }
          let value = try JSONValue.parse(Array(line.bytes))
          let time = frame[index].tradeTime(received: Self.received)
          let isTrade = value["context"]?["feed"]?.string == "trades"
          guard isTrade, let text = value["observation"]?["inputs"]?["trade_time"]?.string else {
            #expect(time == nil, "\(frame[index].channel)")
            silent.insert("\(frame[index].channel)")
            continue
          }
          let said = Array(text.utf8).withUnsafeBufferPointer { ISOTime.read($0)?.count }
          if time != nil { times += 1 }
          #expect(time?.count == (frame[index].channel.row.layouts[0].trade == nil ? nil : said), "\(text)")
        }
      }
    }
    #expect(times > 40 && silent.count > 10, "\(times) \(silent.count)")
  }
}
