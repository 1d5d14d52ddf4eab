import Foundation
import TestSupport
import Testing

@testable import KIS

/// The snapshots of shares' trades and books are, byte for byte, those that were made before feeds were rows of a table
/// (revision bc37472): `Tests/Golden/stock-*`.
@Suite struct GoldenFramesTests {
  private static func golden(_ name: String) throws -> String {
    try String(contentsOfFile: Tool.repository.path + "/Tests/Golden/" + name, encoding: .utf8)
  }

  private static let frames = (try? golden("stock-frames.txt").split(separator: "\n").map(String.init)) ?? []

  /// What a replay of bare frames writes, without the random identifiers.
  private static func replay(_ frames: [[UInt8]]) throws -> [UInt8] {
    let file = ScratchFile()
    try Data(frames.joined(separator: [0x0A])).write(to: URL(fileURLWithPath: file.path))
    let descriptor = open(file.path, O_RDONLY)
    defer { Glibc.close(descriptor) }
    var replay = Replay(
      descriptor: descriptor, name: file.path,
      options: ReplayOptions(speed: .maximum, sessionID: "golden", mode: "TEST", seed: 1))
    var output: [UInt8] = []
    _ = try replay.run(write: { output += Array($0.bytes) }, warn: { _ in }, pause: { _ in true })
    return withoutIdentifiers(output)
  }

  private static func withoutIdentifiers(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var at = 0
    let names = ["\"run_id\":\"", "\"gap_id\":\""].map { Array($0.utf8) }
    while at < text.count {
      if text[at] == 0x22, names.contains(where: { text[at...].starts(with: $0) }) {
        result += text[at..<at + 10]
        at += 42
      } else {
        result.append(text[at])
        at += 1
      }
    }
    return result
  }

  @Test func theSameSnapshots() throws {
    let expected = try Self.golden("stock-snapshots.jsonl").split(separator: "\n")
    let found = String(decoding: try Self.replay(Self.frames.map { Array($0.utf8) }), as: UTF8.self)
      .split(separator: "\n")
    #expect(found.count == 12 && found == expected)
  }

  /// Each frame with each field in turn replaced by each of these; the file says which of them were taken before, and the
  /// hash of what was written of those. (A price with a point is left out: its previous close and its midpoint were null.)
  @Test func theSameOfOddValues() throws {
    let values: [[UInt8]] =
      ["", "0", "x", "-5", "1.50", "7", "a\"b\\"].map { Array($0.utf8) } + [[0xFF]]
    let (trade, others) = (Array(Self.frames[1].utf8), Self.frames.dropFirst())
    for row in try Self.golden("stock-mutations.txt").split(separator: "\n") {
      let words = row.split(separator: " ")
      let numbers = words[0...1].compactMap { Int($0) }
      let frame = Array(others)[numbers[0]]
      let head = frame.prefix(frame.distance(from: frame.startIndex, to: frame.lastIndex(of: "|")!) + 1)
      let fields = frame.dropFirst(head.count).split(separator: "^", omittingEmptySubsequences: false)
      let taken = Array(words[2]).reversed().flatMap { digit in
        (0..<4).map { Int(String(digit), radix: 16)! >> $0 & 1 == 1 }
      }
      let mutated = fields.indices.enumerated().filter { taken[$0.offset] }.map { place, _ in
        Array(head.utf8)
          + fields.enumerated().map { $0.offset == place ? values[numbers[1]] : Array($0.element.utf8) }
          .joined(separator: [0x5E])
      }
      let output = try Self.replay([trade] + mutated)
      #expect(output.count { $0 == 0x0A } == mutated.count + 1)
      let hash = output.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
      #expect(
        String(hash, radix: 16) == String(UInt64(words[3], radix: 16)!, radix: 16),
        "frame \(numbers[0]), value \(numbers[1])")
    }
  }
}
