import Contract
import Foundation
import TestSupport
import Testing

/// The contract's names are spelled in `Contract` and nowhere else: a name that changes, changes in one place.
struct MemberNameTests {
  /// Names that mean nothing but the contract's members, wherever they stand.
  private static let own: Set<Substring> = [
    "meta", "context", "observation", "snapshot", "metadata", "timestamp", "timestamp_ms", "session_id",
    "run_id", "observer_version", "iteration_id", "loop_interval_ms", "latency_ms", "tick_source",
    "buffer_depth", "flush_reason", "inputs", "computed", "schema_version", "dataset_version",
    "quality_flags", "_schema", "_quality", "_interpretation",
    "missed_volume", "gap_id",
  ]
  /// Names that are also a label's, an option's or a watchlist's. They count in files that speak of snapshots.
  private static let shared: Set<Substring> = [
    "mode", "source", "symbol", "market", "product", "feed", "state", "price", "volume",
    "event", "final", "cause", "detail", "missed_trades", "missed_value",
  ]

  /// What a line of source spells of the contract, as a Swift string or as a key inside one.
  private static func names(in line: Substring, speaksOfSnapshots: Bool) -> [Substring] {
    if line.drop(while: { $0 == " " }).hasPrefix("//") { return [] }
    let pieces = line.split(separator: "\"", omittingEmptySubsequences: false)
    guard pieces.count > 2 else { return [] }
    return (1..<pieces.count - 1).compactMap { place in
      let (before, piece, after) = (pieces[place - 1], pieces[place], pieces[place + 1])
      let isEscaped = before.hasSuffix("\\") && piece.hasSuffix("\\")
      let name = isEscaped ? piece.dropLast() : piece
      let isKey = after.hasPrefix(":")
      if own.contains(name) { return isEscaped && !isKey ? nil : name }
      let isAsked = before.hasSuffix("member(") || before.hasSuffix("[")
      return speaksOfSnapshots && shared.contains(name) && (isKey || isAsked) ? name : nil
    }
  }

  @Test func namesStandInContractOnly() throws {
    let folder = Tool.repository.path + "/Sources"
    var offenders: [String] = []
    var files = 0
    for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init()
    where name.hasSuffix(".swift") && !name.hasPrefix("Contract/") {
      // Manuals and configuration name things to people.
      if name.hasSuffix("Options.swift") || name.hasSuffix("Manual.swift") { continue }
      files += 1
      let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
      let speaks = text.contains("import Contract\n")
      for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      where line.contains("\"") {
        for found in Self.names(in: line, speaksOfSnapshots: speaks) {
          offenders.append("\(name):\(number + 1) spells \(found)")
        }
      }
    }
    #expect(files > 200)
    #expect(offenders.isEmpty, "\(offenders.joined(separator: "\n"))")
  }

  /// The search above sees a name however it is quoted, and leaves other words alone.
  @Test(arguments: [
    (#"let x = line["run_id"]"#, false, 1), (##"buffer.append(#","run_id":""#)"##, false, 1),
    (#"let head: StaticString = "{\"snapshot\":{\"meta\":{\"timestamp\":\""#, false, 3),
    (#"  // {"snapshot":{"meta":"#, false, 0), (#"case gauge("Records, by feed.", by: "feed")"#, true, 0),
    (#".member("symbol", Member.symbol)"#, true, 1), (##"buffer.append(#","symbol":"#)"##, true, 1),
    (##"buffer.append(#","symbol":"#)"##, false, 0),
  ])
  func nameIsSeen(_ line: String, speaksOfSnapshots: Bool, count: Int) {
    #expect(Self.names(in: line[...], speaksOfSnapshots: speaksOfSnapshots).count == count, "\(line)")
  }

  /// A writer's pieces hold the readers' names, and make one JSON text: the sink finds the time by the same pieces.
  @Test func piecesHoldTheNames() throws {
    #expect("\(SnapshotText.recordHead)" == "{\"\(MemberName.snapshot.text)\":\(SnapshotText.head)")
    let line =
      "\(SnapshotText.head)T\(SnapshotText.timestampMS)1\(SnapshotText.sessionID)\"s\"\(SnapshotText.runID)r"
      + "\(SnapshotText.mode)\"m\"\(SnapshotText.observerVersion)\(SnapshotText.tickSource)t\(SnapshotText.context)"
      + "\(SnapshotText.marketSource)\(SnapshotText.symbol)\"y\"\(SnapshotText.market)\"k\"\(SnapshotText.product)\"p\""
      + "\(SnapshotText.feed)\"f\"\(SnapshotText.observation)\(SnapshotText.price)1\(SnapshotText.volume)2"
      + "\(SnapshotText.end)"
    let whole = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    func members(_ names: MemberName...) throws -> Set<String> {
      var object = whole
      for name in names { object = try #require(object["\(name.text)"] as? [String: Any]) }
      return Set(object.keys)
    }
    func texts(_ names: MemberName...) -> Set<String> { Set(names.map { "\($0.text)" }) }
    #expect(try members() == texts(.meta, .context, .observation))
    #expect(try members(.context) == texts(.source, .stage, .symbol, .market, .product, .feed))
    #expect(try members(.observation) == texts(.inputs, .computed, .state))
    #expect(try members(.observation, .inputs) == texts(.price, .volume))
    #expect(
      try members(.meta).subtracting(["tick_source"])
        == texts(.timestamp, .timestampMS, .sessionID, .runID, .mode, .observerVersion))
  }
}
