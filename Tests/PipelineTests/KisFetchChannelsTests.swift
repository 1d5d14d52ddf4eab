import Foundation
import TestSupport
import Testing

/// Every channel of KIS, from the socket to the archive: what the simulator sends by its own table arrives under the names
/// of that table, complete, and a recording of it gives the same again.
@Suite struct KisFetchChannelsTests {
  private struct Row {
    let transactionID: String, product: String, feed: String, venue: String, key: String
    let columns: [String]

    /// What `context` says of its records.
    var place: String {
      "\(product) \(feed) \(product == "overseas-stock" ? String(key.dropFirst().prefix(3)) : venue) \(key)"
    }
  }

  private static func rows() throws -> [Row] {
    let path = Tool.repository.path + "/scripts/kissim/channels.jsonl"
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
      let row = try Line(String(line))
      func text(_ name: String) throws -> String { try #require(row[name] as? String) }
      let columns = try text("columns").split(separator: " ").flatMap { word -> [String] in
        let name = String(word.prefix { $0 != ":" })
        guard let match = name.wholeMatch(of: /(\w+)\[(\d+)-(\d+)\]/), let first = Int(match.2),
          let last = Int(match.3)
        else { return [name] }
        return (first...last).map { "\(match.1)\($0)" }
      }
      return Row(
        transactionID: try text("tr"), product: try text("product"), feed: try text("feed"),
        venue: try text("venue"), key: try #require((row["keys"] as? [String])?.first), columns: columns)
    }
  }

  private static func place(_ line: Line) -> String {
    ["product", "feed", "market", "symbol"].compactMap { line["context", $0] as? String }.joined(
      separator: " ")
  }

  @Test func eachChannelReachesTheArchive() throws {
    let rows = try Self.rows()
    let simulator = try Simulator([
      "--max-registrations", "100", "--subscribed", "--others-per-second", "4", "--ticks-per-second", "60",
      "--clock-at", "20261126T100000",
    ])
    let folder = try Tool.temporaryFolder("channels")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pipeline = """
      exec 3<&0; fetch=$1 validate=$2 guard=$3 enrich=$4 sink=$5 folder=$6; shift 6
      { "$fetch" "$@" <&3 2>"$folder/fetch.err" & echo $! >"$folder/pid"; wait $!; echo $? >"$folder/fetch.status"; } |
        { "$validate" --strict; echo $? >"$folder/validate.status"; } | "$guard" | "$enrich" | "$sink" --dir "$folder" --quiet
      """
    let tools = ["kis-fetch", "snap-validate", "snap-guard", "snap-enrich", "jsonl-sink"].map {
      Tool.path($0)
    }
    let feeds = Set(rows.map(\.feed)).sorted().flatMap { ["--feed", $0] }
    let running = try Tool.start(
      "bash",
      ["-c", pipeline, "bash"]
        + tools + [folder] + simulator.arguments + feeds + [
          "--max-registrations", "100", "--record", folder + "/sent.wire",
        ],
      env: simulator.environment())
    for row in rows {
      let market = row.venue == "overseas" ? "" : ",\"market\":\"\(row.venue)\""
      running.write(
        "{\"symbol\":\"\(row.key)\",\"product\":\"\(row.product)\"\(market),\"feeds\":[\"\(row.feed)\"]}\n")
    }
    running.closeInput()
    func archive() -> String {
      (try? String(contentsOfFile: folder + "/observer.jsonl", encoding: .utf8)) ?? ""
    }
    func missing() -> Set<String> {
      let found = archive().split(separator: "\n").compactMap { try? Self.inner(String($0)) }
        .filter { $0["context", "source"] as? String == "market" }.map(Self.place)
      return Set(rows.map(\.place)).subtracting(found)
    }
    let quiet = Set(rows.filter { $0.feed == "status" }.map(\.place))
    #expect(Tool.waitUntil(40) { missing().isSubset(of: quiet) }, "\(missing())")
    for row in rows where row.feed == "status" {
      try simulator.fault("{\"name\":\"halt\",\"symbol\":\"\(row.key)\"}")
    }
    #expect(Tool.waitUntil(20) { missing().isEmpty }, "\(missing())")
    let pid = try #require(
      Int32(
        try String(contentsOfFile: folder + "/pid", encoding: .utf8).trimmingCharacters(
          in: .whitespacesAndNewlines)))
    kill(pid, SIGTERM)
    _ = running.wait(timeout: 20)
    for name in ["fetch", "validate"] {
      let status = try String(contentsOfFile: "\(folder)/\(name).status", encoding: .utf8)
      #expect(status == "0\n", "\(name) ended with \(status)")
    }
    try Self.compare(rows, archive(), folder + "/sent.wire")
  }

  /// The snapshot of a record of the archive.
  private static func inner(_ line: String) throws -> Line {
    let snapshot = try #require(try Line(line)["snapshot"])
    return try Line(String(decoding: try JSONSerialization.data(withJSONObject: snapshot), as: UTF8.self))
  }

  /// Every record of the recording is in the archive: by the simulator's names, with the bytes that were sent.
  private static func compare(_ rows: [Row], _ archive: String, _ recording: String) throws {
    let byName = Dictionary(uniqueKeysWithValues: rows.map { ($0.transactionID, $0) })
    var sent: [String] = []
    for line in try String(contentsOfFile: recording, encoding: .utf8).split(separator: "\n") {
      let text = try #require(try Line(String(line))["text"] as? String)
      let parts = text.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false)
      guard parts.count == 4, let row = byName[String(parts[1])], let count = Int(parts[2]) else { continue }
      let fields = parts[3].split(separator: "^", omittingEmptySubsequences: false).map(String.init)
      let stride = fields.count / count
      #expect(stride == row.columns.count, "\(row.transactionID)")
      for place in 0..<count {
        let record = zip(row.columns, fields[place * stride..<(place + 1) * stride])
        sent.append(
          row.place + " " + record.map { "\($0.lowercased())=\($1)" }.sorted().joined(separator: "^"))
      }
    }
    var kept: [String] = []
    for line in archive.split(separator: "\n") {
      let snapshot = try inner(String(line))
      guard snapshot["context", "source"] as? String == "market" else { continue }
      let raw = try #require(snapshot["observation", "inputs", "raw"] as? [String: String])
      kept.append(place(snapshot) + " " + raw.map { "\($0)=\($1)" }.sorted().joined(separator: "^"))
      let inputs = try #require(snapshot["observation", "inputs"] as? [String: Any])
      #expect(inputs.values.contains { $0 is NSNumber || $0 is String }, "\(place(snapshot)) has no member")
    }
    #expect(sent.count > rows.count && sent == kept, "\(sent.count) sent, \(kept.count) kept")
    let replay = try Tool.run("kis-fetch", ["--replay", recording, "--speed", "max"], env: [:])
    let replayed = try Line.all(replay).filter { $0["context", "source"] as? String == "market" }
    #expect(replay.status == 0 && replay.errText.contains("refused=0 malformed=0"))
    #expect(replayed.count == kept.count)
    let again = replayed.map { line in
      let raw = line["observation", "inputs", "raw"] as? [String: String] ?? [:]
      return place(line) + " " + raw.map { "\($0)=\($1)" }.sorted().joined(separator: "^")
    }
    #expect(again == kept)
  }

  /// What a channel cannot do is said.
  @Test func aPaidExchangeIsNamed() throws {
    let simulator = try Simulator(["--ticks-per-second", "0"])
    let outcome = try simulator.fetch(
      ["--feed", "trades", "--duration", "1.5"], "overseas-derivative:1OZQ25\n005930\n")
    #expect(outcome.log("WARNING").contains { $0.contains("OPSP0009") && $0.contains("paid subscription") })
    let gaps = try Line.all(outcome).filter { $0.isGap && $0.symbol == "1OZQ25" }
    #expect(
      !gaps.isEmpty
        && gaps.allSatisfy { $0.reason == "no_data" && $0["context", "market"] as? String == "overseas" })
  }

  @Test func whatHasNoRoomAndNoStandInIsAGap() throws {
    let simulator = try Simulator(["--ticks-per-second", "50"])
    let outcome = try simulator.fetch(
      ["--feed", "trades", "--max-registrations", "1", "--duration", "1.5"],
      "005930\nindex:0001\nindex:1001\n")
    let gaps = try Line.all(outcome).filter { $0.isGap && $0.isFinal }
    #expect(
      Set(gaps.compactMap(\.symbol)) == ["0001", "1001"] && gaps.allSatisfy { $0.reason == "rate_limit" })
    #expect(gaps.allSatisfy { $0["context", "product"] as? String == "index" })
    #expect(outcome.log("WARNING").contains { $0.contains("No room | index:") })
  }

  /// The way out stands in the log: each of these lines is ignored, the others are watched.
  @Test(
    arguments: [
      ("index:005930", "not a key of index (four digits"), ("indx:0001", "kis-fetch --list-feeds"),
      (#"{"symbol":"0001","product":"index","feeds":["book"]}"#, "index has no feed book at KRX"),
      ("bond-index:KBPR01", nil), ("index-future:101W09", nil),
    ] as [(String, String?)])
  func aLineThatCannotBeWatchedIsNamed(_ line: String, _ why: String?) throws {
    let simulator = try Simulator(["--ticks-per-second", "100", "--others-per-second", "10"])
    let outcome = try simulator.fetch(["--feed", "trades", "--count", "20"], "005930\n\(line)\n")
    let ignored = outcome.log("WARNING").filter { $0.contains("Watchlist line 2 ignored") }
    #expect(
      ignored.count == (why == nil ? 0 : 1) && ignored.allSatisfy { $0.contains(why ?? "") },
      "\(outcome.errText)")
    #expect(try Line.all(outcome).contains { $0.symbol == "005930" })
  }

  @Test func theMockServesNoFutures() throws {
    let simulator = try Simulator(["--env", "mock", "--ticks-per-second", "100"])
    let outcome = try simulator.fetch(
      ["--env", "virtual", "--feed", "trades", "--count", "5"], "index-future:101W09\n005930\n")
    #expect(
      outcome.log("WARNING").contains {
        $0.contains("Watchlist line 1 ignored | H0IFCNT0 (trades of KRX) is served by --env real only")
      }, "\(outcome.errText)")
  }

  @Test func theTableIsPrinted() throws {
    let outcome = try Tool.run("kis-fetch", ["--list-feeds"], env: [:])
    #expect(outcome.status == 0 && outcome.errText.isEmpty)
    #expect(outcome.lines.allSatisfy { $0.count <= 80 }, "\(outcome.lines.filter { $0.count > 80 })")
    for row in try Self.rows() {
      let line = outcome.lines.first { $0.contains(" \(row.transactionID) ") }
      #expect(line?.hasPrefix(row.product + " ") == true && line?.contains(" \(row.feed) ") == true)
    }
  }
}
