import Foundation
import TestSupport
import Testing

/// The receipt that ends every run of the sink.
struct SinkReceipt: Decodable, Equatable {
  let read: Int, durable: Int, rejected: Int, unwritten: Int, blank: Int
  let notPassed: Int, repairedBytes: Int, bytes: Int
  let file: String
  let endOffset: Int
  let rc: Int32?

  enum CodingKeys: String, CodingKey {
    case read = "in"
    case notPassed = "not_passed"
    case repairedBytes = "repaired_bytes"
    case endOffset = "end_offset"
    case durable, rejected, unwritten, blank, bytes, file, rc
  }

  /// in = durable + rejected + unwritten + blank, and nothing below zero.
  var isLawful: Bool {
    read == durable + rejected + unwritten + blank
      && [read, durable, rejected, unwritten, blank].allSatisfy { $0 >= 0 }
  }
}

extension Outcome {
  /// The last receipt on stderr.
  var receipt: SinkReceipt? { SinkReceipt.last(in: errText) }
}

extension SinkReceipt {
  static func last(in text: String) -> SinkReceipt? {
    text.split(separator: "\n").last { $0.hasPrefix("{\"in\":") }.flatMap {
      try? JSONDecoder().decode(SinkReceipt.self, from: Data($0.utf8))
    }
  }
}

/// A fresh archive folder and the sink on it.
struct SinkFixture {
  let folder: String

  init() throws { folder = try Tool.temporaryFolder("sink") + "/archive" }

  func run(_ options: [String] = [], _ text: String, timeout: Double = 20) throws -> Outcome {
    try Tool.run("jsonl-sink", ["--dir", folder] + options, text: text, timeout: timeout)
  }

  func start(_ options: [String] = []) throws -> RunningTool {
    try Tool.start("jsonl-sink", ["--dir", folder] + options)
  }

  func path(_ name: String) -> String { folder + "/" + name }

  /// A file's bytes as text; nil when it is not there.
  func content(_ name: String = "observer.jsonl") -> String? {
    FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) }
  }

  func put(_ text: String, _ name: String = "observer.jsonl") throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try text.write(toFile: path(name), atomically: false, encoding: .utf8)
  }

  var files: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  /// The rejects, decoded.
  func rejects() throws -> [[String: Any]] {
    try (content("rejects/jsonl-sink.jsonl") ?? "").split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }
}

/// Whether every line is one JSON object and the text ends in LF.
func isWholeNDJSON(_ text: String) -> Bool {
  (text.isEmpty || text.hasSuffix("\n"))
    && text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().allSatisfy {
      (try? JSONSerialization.jsonObject(with: Data($0.utf8))) is [String: Any]
    }
}
