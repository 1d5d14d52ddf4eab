import Foundation
import Plumbing
import TestSupport
import Testing

@testable import KIS

@Suite struct FrameRejectsTests {
  private let folder: String
  private var path: String { folder + "/kis-fetch.wire" }

  init() throws { folder = try Tool.temporaryFolder("rejects") }

  private func content() -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

  private func add(_ frame: String, _ rejects: FrameRejects, at time: Milliseconds = 7) {
    Array(frame.utf8).withUnsafeBufferPointer { rejects.add($0, at: time) }
  }

  @Test func whatIsKeptCanBePlayedAgain() throws {
    let rejects = FrameRejects(path: path)
    #expect(!FileManager.default.fileExists(atPath: path), "no file before the first frame")
    _ = try rejects.flush()
    add("0|H0STASP0|001|a\"b", rejects)
    add("0|H0STASP0|001|\u{7F}", rejects, at: 8)
    _ = try rejects.flush()
    _ = try rejects.flush()
    #expect(
      content() == #"{"t":7,"kind":"ws","tr":"H0STASP0","text":"0|H0STASP0|001|a\"b"}"# + "\n"
        + #"{"t":8,"kind":"ws","tr":"H0STASP0","text":"0|H0STASP0|001|"# + "\u{7F}\"}\n")
    #expect(rejects.kept == 2 && rejects.dropped == 0)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func theFileHasABoundAndTheCountGoesOn() throws {
    let rejects = FrameRejects(path: path, limit: 1000)
    let frame = "0|H0STCNT0|001|" + String(repeating: "x", count: 300)
    let filled = try (0..<10).map { _ in
      add(frame, rejects)
      return try rejects.flush()
    }
    #expect(filled == [false, false, true] + Array(repeating: false, count: 7), "told once")
    #expect(content().utf8.count <= 1000 && rejects.kept == 2 && rejects.dropped == 8)
    #expect(rejects.isFull)
    // Whoever moves the file away makes room.
    try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
    add(frame, rejects)
    _ = try rejects.flush()
    #expect(rejects.kept == 3 && !rejects.isFull && content().hasSuffix("\"}\n"))
  }

  /// What comes at once is written as it comes: only the file's bound drops anything.
  @Test func aFloodBetweenTwoWritesIsKept() throws {
    let rejects = FrameRejects(path: path)
    let frame = "0|" + String(repeating: "x", count: 250)
    for _ in 0..<20_000 { add(frame, rejects) }
    #expect(content().utf8.count > 4 << 20, "written before the turn ends")
    let isFilled = try rejects.flush()
    #expect(rejects.kept == 20_000 && rejects.dropped == 0 && !rejects.isFull && !isFilled)
    for _ in 0..<40 { add("0|" + String(repeating: "x", count: 700_000), rejects) }
    let isFull = try rejects.flush()
    #expect(isFull && rejects.isFull && rejects.kept + rejects.dropped == 20_040)
    #expect(content().utf8.count <= FrameRejects.limit && rejects.dropped > 0)
  }

  @Test func aTornLineIsEndedFirst() throws {
    try "{\"t\":1,\"ki".write(toFile: path, atomically: false, encoding: .utf8)
    let rejects = FrameRejects(path: path)
    add("0|A", rejects)
    _ = try rejects.flush()
    #expect(content().hasPrefix("{\"t\":1,\"ki\n{\"t\":7,"))
  }

  @Test func noLinkIsFollowedAndTheLossIsCounted() throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder + "/elsewhere")
    let rejects = FrameRejects(path: path)
    add("0|A", rejects)
    #expect(throws: (any Error).self) { try rejects.flush() }
    #expect(rejects.kept == 0 && rejects.dropped == 1)
    #expect(!FileManager.default.fileExists(atPath: folder + "/elsewhere"))
  }
}
