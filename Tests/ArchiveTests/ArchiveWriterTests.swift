import Archive
import Foundation
import Plumbing
import TestSupport
import Testing

/// A writer on a fresh folder, with `{…}` for a record.
private struct Fixture {
  let folder: String
  let layout: ArchiveLayout
  let quarantine: Quarantine

  init() throws {
    folder = try Tool.temporaryFolder("archive")
    layout = try ArchiveLayout(directory: folder)
    quarantine = Quarantine(
      layout: layout, name: "test.jsonl", log: Log(stage: "test", level: .error, descriptor: -1))
  }

  func writer(rotation: String? = nil, openLimit: Int = 1, now: Milliseconds = 0) throws -> ArchiveWriter {
    let quarantine = quarantine
    let rules = RecordRules(longestLine: 1000) { bytes in
      bytes.first == 0x7B && bytes.last == 0x7D
    } quarantine: { fragment in
      let line = "\(fragment.file) \(fragment.offset) \(fragment.bytes.count) \(fragment.nulls)\n"
      var copy = line
      let appended = copy.withUTF8 { quarantine.append($0) }
      if let error = appended.error ?? quarantine.sync() { throw error }
    }
    return try ArchiveWriter(
      layout: layout, rotation: rotation.flatMap { Rotation(text: $0) }, openLimit: openLimit, syncs: true,
      rules: rules, log: Log(stage: "test", level: .error, descriptor: -1), now: now)
  }

  func content(_ name: String = "observer.jsonl") -> String? {
    try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)
  }

  func put(_ text: String, _ name: String = "observer.jsonl") throws {
    try text.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
  }

  var dataFiles: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".jsonl") }
      .sorted()
  }
}

extension ArchiveWriter {
  @discardableResult
  fileprivate func put(_ line: String, at time: Milliseconds = 0) -> Int {
    var copy = line
    return copy.withUTF8 { bytes in
      guard let start = bytes.baseAddress else { return 0 }
      let appended = append(start, count: bytes.count, lines: 1, at: time)
      return appended.error == nil ? appended.stored : -1
    }
  }
}

@Test func nothingIsMadeBeforeTheFirstLine() throws {
  let fixture = try Fixture()
  let writer = try fixture.writer()
  #expect(fixture.dataFiles.isEmpty)
  #expect(writer.put("{1}\n") == 4)
  #expect(fixture.content() == "{1}\n")
  #expect(writer.lastEnd == 4)
}

@Test func secondWriterIsTurnedAwayWithThePid() throws {
  let fixture = try Fixture()
  let writer = try fixture.writer()
  do {
    _ = try fixture.writer(rotation: "1h")
    Issue.record("two writers on one folder")
  } catch let failure as ToolFailure {
    #expect(failure.status == .tryLater)
    #expect(failure.message.contains("pid \(getpid())"))
  }
  writer.put("{1}\n")
}

@Test func lockIsFreeAgainAfterTheWriter() throws {
  let fixture = try Fixture()
  var writer: ArchiveWriter? = try fixture.writer()
  writer?.put("{1}\n")
  writer = nil
  let second = try fixture.writer()
  #expect(second.put("{2}\n") == 4)
  #expect(fixture.content() == "{1}\n{2}\n")
}

struct TailCase: Sendable, CustomTestStringConvertible {
  let before: String
  let after: String
  let rejects: String?
  let damaged: Bool
  var testDescription: String { before.debugDescription }
}

@Test(arguments: [
  TailCase(before: "", after: "{9}\n", rejects: nil, damaged: false),
  TailCase(before: "{1}\n", after: "{1}\n{9}\n", rejects: nil, damaged: false),
  TailCase(before: "{1}\n{2", after: "{1}\n{9}\n", rejects: "observer.jsonl 4 2 0\n", damaged: true),
  TailCase(before: "{2", after: "{9}\n", rejects: "observer.jsonl 0 2 0\n", damaged: true),
  TailCase(before: "{1}\n{2}", after: "{1}\n{2}\n{9}\n", rejects: nil, damaged: false),
  TailCase(before: "{1}\n\0\0\0", after: "{1}\n{9}\n", rejects: "observer.jsonl 4 0 3\n", damaged: true),
  TailCase(before: "{1}\n{2\0\0", after: "{1}\n{9}\n", rejects: "observer.jsonl 4 2 2\n", damaged: true),
  TailCase(
    before: "{1}\n{2}\0\0", after: "{1}\n{2}\n{9}\n", rejects: "observer.jsonl 4 0 2\n", damaged: true),
  // What stands before the last line feed is never touched.
  TailCase(before: "junk\n", after: "junk\n{9}\n", rejects: nil, damaged: false),
])
func tornTail(_ item: TailCase) throws {
  let fixture = try Fixture()
  try fixture.put(item.before)
  let writer = try fixture.writer()
  #expect(writer.put("{9}\n") == 4)
  #expect(fixture.content() == item.after)
  #expect(fixture.content("rejects/test.jsonl") == item.rejects)
  #expect(writer.sawDamage == item.damaged)
}

@Test func fragmentLongerThanAnyLineIsMovedAsAWhole() throws {
  let fixture = try Fixture()
  try fixture.put("{1}\n{" + String(repeating: "x", count: 200_000))
  let writer = try fixture.writer()
  #expect(fixture.content() == "{1}\n")
  #expect(writer.repairedBytes == 200_001)
  #expect(fixture.content("rejects/test.jsonl") == "observer.jsonl 4 200001 0\n")
}

@Test func linesBehindTheDurableMarkAreReadAgainAndLeft() throws {
  let fixture = try Fixture()
  try fixture.put("{1}\njunk\n{2}\n")
  try fixture.put("pid 1\ndurable 4 observer.jsonl\n", "observer.lock")
  let writer = try fixture.writer()
  #expect(writer.sawDamage)
  #expect(fixture.content() == "{1}\njunk\n{2}\n")
}

@Test func fileOfAnEarlierWindowIsRepairedToo() throws {
  let fixture = try Fixture()
  try fixture.put("{1}\n{2", "observer_19700101_0900.jsonl")
  try fixture.put("pid 1\ndurable 0 observer_19700101_0900.jsonl\n", "observer.lock")
  let writer = try fixture.writer(rotation: "1h", now: 3_600_000)
  #expect(fixture.content("observer_19700101_0900.jsonl") == "{1}\n")
  #expect(writer.sawDamage)
}

@Test func rotationOpensTheNextNameAndNeverTouchesTheOld() throws {
  let fixture = try Fixture()
  let writer = try fixture.writer(rotation: "1h")
  for (line, time) in [("{1}\n", Milliseconds(0)), ("{2}\n", 3_599_999), ("{3}\n", 3_600_000)] {
    #expect(writer.put(line, at: time) == 4)
  }
  #expect(fixture.content("observer_19700101_0900.jsonl") == "{1}\n{2}\n")
  #expect(fixture.content("observer_19700101_1000.jsonl") == "{3}\n")
  // The clock went back: the line goes where its time says, behind what is there.
  #expect(writer.put("{4}\n", at: 5) == 4)
  #expect(fixture.content("observer_19700101_0900.jsonl") == "{1}\n{2}\n{4}\n")
  #expect(writer.sync() == nil)
  writer.closeExpired(now: 3_600_000)
  #expect(!writer.isOpen)
}

@Test(arguments: [false, true]) func windowThatCannotBeMadeIsPostponed(_ wasIdle: Bool) throws {
  let fixture = try Fixture()
  let writer = try fixture.writer(rotation: "1h")
  writer.put("{1}\n", at: 0)
  try FileManager.default.createDirectory(
    atPath: fixture.folder + "/observer_19700101_1000.jsonl", withIntermediateDirectories: false)
  if wasIdle {
    #expect(writer.sync() == nil)
    writer.closeExpired(now: 3_600_000)
    #expect(!writer.isOpen)
  }
  #expect(writer.put("{2}\n", at: 3_600_000) == 4)
  #expect(fixture.content("observer_19700101_0900.jsonl") == "{1}\n{2}\n")
  #expect(writer.put("{3}\n", at: 7_200_000) == 4)
  #expect(fixture.content("observer_19700101_1100.jsonl") == "{3}\n")
}

@Test func removedFileIsSavedUnderAnotherName() throws {
  let fixture = try Fixture()
  let writer = try fixture.writer()
  writer.put("{1}\n")
  try FileManager.default.removeItem(atPath: fixture.folder + "/observer.jsonl")
  try writer.watch(now: 0)
  #expect(writer.sawDamage)
  #expect(fixture.content("observer_recovered_19700101_090000.jsonl") == "{1}\n")
  writer.put("{2}\n")
  #expect(fixture.content() == "{2}\n")
}

@Test func renamedFileIsLetGo() throws {
  let fixture = try Fixture()
  let writer = try fixture.writer()
  writer.put("{1}\n")
  try FileManager.default.moveItem(
    atPath: fixture.folder + "/observer.jsonl", toPath: fixture.folder + "/moved.jsonl")
  try writer.watch(now: 0)
  writer.put("{2}\n")
  #expect(fixture.content("moved.jsonl") == "{1}\n")
  #expect(fixture.content() == "{2}\n")
}

@Test func foreignFragmentIsCutOff() throws {
  let fixture = try Fixture()
  let writer = try fixture.writer()
  writer.put("{1}\n")
  let handle = try #require(FileHandle(forWritingAtPath: fixture.folder + "/observer.jsonl"))
  try handle.seekToEnd()
  try handle.write(contentsOf: Data("half".utf8))
  try writer.watch(now: 0)
  writer.put("{2}\n")
  #expect(fixture.content() == "{1}\nhalf\n{2}\n")
}

@Test func removedFolderIsAnError() throws {
  let fixture = try Fixture()
  let writer = try fixture.writer()
  writer.put("{1}\n")
  try FileManager.default.removeItem(atPath: fixture.folder)
  #expect(throws: SystemError.self) { try writer.watch(now: 0) }
}

@Test func missingParentsAreNotInvented() throws {
  let folder = try Tool.temporaryFolder("archive")
  #expect(throws: ToolFailure.self) { try ArchiveFolder.prepare(folder + "/a/b", levels: 1) }
  try ArchiveFolder.prepare(folder + "/a/b", levels: 2)
  #expect(FileManager.default.fileExists(atPath: folder + "/a/b"))
}
