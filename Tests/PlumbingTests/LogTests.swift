import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Plumbing

/// A log that nobody reads costs lines, and never the program.
@Suite(.serialized) struct LogTests {
  /// A pipe of one page is ready for a line and has no room for this one.
  @Test func aLineLongerThanThePipeWaitsForNobody() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (reader, writer) = (ends[0], ends[1])
    defer {
      close(reader)
      close(writer)
    }
    System.enlargePipe(writer, to: 4096)
    let returned = Flag()
    Thread.detachNewThread {
      Log(stage: "t", descriptor: writer).warning(String(repeating: "x", count: 10_000))
      returned.isSet.store(true, ordering: .releasing)
    }
    #expect(Tool.waitUntil(20) { returned.isSet.load(ordering: .acquiring) })
    // The next line is one of its own.
    #expect(Self.content(reader).utf8.count == 4096)
    Log(stage: "t", descriptor: writer).warning("after")
    let next = Self.content(reader)
    #expect(next.hasPrefix("\n") && next.hasSuffix(" | WARNING | t | after\n"), "\(next)")
  }

  private final class Flag: Sendable {
    let isSet = Atomic<Bool>(false)
  }

  /// What stands in a pipe now.
  private static func content(_ reader: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let got = read(reader, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, got)), as: UTF8.self)
  }

  /// A call that a signal interrupted decided nothing; any other answer is final.
  @Test func onlyAnInterruptedCallIsMadeAgain() {
    var answers: [Int32] = [EINTR, EINTR, EIO, 0]
    let result = System.retryingInterrupted {
      errno = answers.removeFirst()
      return errno == 0 ? 0 : -1
    }
    #expect(result == -1 && errno == EIO && answers == [0])
    #expect(System.retryingInterrupted { 3 } == 3)
  }
}
