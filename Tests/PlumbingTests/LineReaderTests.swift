import Foundation
import Plumbing
import TestSupport
import Testing

/// The line reader against a simple reference, whatever the cuts between reads.
struct LineReaderTests {
  struct Cut: Equatable, CustomStringConvertible {
    let number: Int
    let bytes: [UInt8]
    let tooLong: Int
    var description: String { "\(number): \(String(decoding: bytes.prefix(60), as: UTF8.self)) (\(tooLong))" }
  }

  /// The contract in a few lines: LF ends a line, CR before it goes, a last line needs no LF.
  private func reference(_ input: [UInt8], maxLine: Int) -> [Cut] {
    var parts = input.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    if parts.last?.isEmpty == true { parts.removeLast() }
    return parts.enumerated().map { index, part in
      let line = part.last == 0x0D ? Array(part.dropLast()) : part
      if line.count <= maxLine { return Cut(number: index + 1, bytes: line, tooLong: 0) }
      return Cut(number: index + 1, bytes: Array(line.prefix(LineReader.keptOfLongLine)), tooLong: line.count)
    }
  }

  /// What the reader makes of `input`, given to it in pieces.
  private func read(_ input: [UInt8], pieces: [Int], maxLine: Int, blockSize: Int) throws -> [Cut] {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    var reader = LineReader(descriptor: ends[0], maxLine: maxLine, blockSize: blockSize)
    var cuts: [Cut] = []
    var at = 0
    var piece = 0
    while true {
      if at < input.count {
        let count = min(pieces[piece % pieces.count], input.count - at)
        let put = input[at..<at + count].withUnsafeBytes { write(ends[1], $0.baseAddress, count) }
        try #require(put == count)
        at += count
        piece += 1
      } else if ends[1] >= 0 {
        close(ends[1])
        ends[1] = -1
      }
      let more = try reader.fill()
      while let line = reader.next() {
        #expect(line.start[line.count] == 0x0A)
        cuts.append(Cut(number: line.number, bytes: Array(line.bytes), tooLong: line.tooLong))
      }
      if !more { break }
    }
    let (bytes, lines, atEnd) = (reader.bytesRead, reader.linesRead, reader.atEnd)
    #expect(bytes == input.count && lines == cuts.count && atEnd)
    return cuts
  }

  @Test(arguments: [
    "", "\n", "a", "a\n", "a\nb", "\n\n", "a\r\n", "a\r", "\r\n", "\r", "a\r\r\n", "a\rb\n", "\na",
    String(repeating: "x", count: 64),
    String(repeating: "x", count: 64) + "\r\n", String(repeating: "x", count: 65),
    String(repeating: "x", count: 65) + "\r\n",
    String(repeating: "x", count: 300) + "\r\nb\n", String(repeating: "x", count: 300) + "\r",
    "a\n" + String(repeating: "y", count: 5000) + "\nb",
  ])
  func byteByByte(text: String) throws {
    for pieces in [[1], [2], [64], [65], [1000], [1, 64, 1]] {
      for blockSize in [1, 7, 64, 1000] {
        let got = try read(Array(text.utf8), pieces: pieces, maxLine: 64, blockSize: blockSize)
        #expect(got == reference(Array(text.utf8), maxLine: 64), "pieces \(pieces), blocks of \(blockSize)")
      }
    }
  }

  @Test func randomCuts() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for round in 0..<300 {
      var input: [UInt8] = []
      for _ in 0..<Int.random(in: 0...30, using: &random) {
        let length =
          Int.random(in: 0...10, using: &random) == 0
          ? Int.random(in: 0...9000, using: &random) : Int.random(in: 0...150, using: &random)
        input += (0..<length).map { _ in [0x61, 0x62, 0x20, 0x0D].randomElement(using: &random) ?? 0 }
        if Bool.random(using: &random) { input.append(0x0D) }
        input.append(0x0A)
      }
      if Bool.random(using: &random) { input += [0x61, 0x62] }
      let pieces = (0..<5).map { _ in Int.random(in: 1...2000, using: &random) }
      let maxLine = Int.random(in: 1...200, using: &random)
      let blockSize = Int.random(in: 1...3000, using: &random)
      let got = try read(input, pieces: pieces, maxLine: maxLine, blockSize: blockSize)
      try #require(
        got == reference(input, maxLine: maxLine),
        "seed \(seed), round \(round), max \(maxLine), blocks of \(blockSize)")
    }
  }

  /// The kept beginning of a long line ends between characters, if it is text.
  @Test(arguments: ["é", "한", "😀"])
  func longTextIsCutBetweenCharacters(character: String) throws {
    for shift in 0..<4 {
      let text = String(repeating: "x", count: shift) + String(repeating: character, count: 6000)
      for pieces in [[100_000], [1000]] {
        let cut = try #require(
          try read(Array((text + "\n").utf8), pieces: pieces, maxLine: 100, blockSize: 512).first)
        #expect(cut.tooLong == text.utf8.count)
        #expect(text.utf8.starts(with: cut.bytes) && String(validating: cut.bytes, as: UTF8.self) != nil)
        #expect(cut.bytes.count > LineReader.keptOfLongLine - character.utf8.count)
      }
    }
  }

  /// ... and is as long as before if it is none.
  @Test func longGarbageIsKept() throws {
    for byte in [UInt8(0x80), 0xC0, 0xFF] {
      let cut = try #require(
        try read(Array(repeating: byte, count: 10_000), pieces: [100_000], maxLine: 100, blockSize: 20_000)
          .first)
      #expect(cut.tooLong == 10_000 && cut.bytes.count >= LineReader.keptOfLongLine - 3)
    }
  }

  @Test func blankLines() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let lines = ["", " ", "\t \r ", "\r", "x", " x", "\u{0}", "\u{0B}", "\u{A0}"]
    let input = Array((lines.joined(separator: "\n") + "\n").utf8)
    _ = input.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
    close(ends[1])
    var reader = LineReader(descriptor: ends[0], maxLine: 100)
    _ = try reader.fill()
    var blanks: [Bool] = []
    while let line = reader.next() { blanks.append(line.isBlank) }
    close(ends[0])
    #expect(blanks == [true, true, true, true, false, false, false, false, false])
  }

  @Test func failureIsNoEnd() throws {
    var reader = LineReader(descriptor: -1, maxLine: 100)
    do {
      _ = try reader.fill(name: "the pipe")
      Issue.record("a read from no descriptor succeeded")
    } catch {
      #expect(error.description == "cannot read the pipe: Bad file descriptor")
    }
  }
}
