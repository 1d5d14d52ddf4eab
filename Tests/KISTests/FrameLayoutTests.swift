import JSONBytes
import Testing

@testable import KIS

/// A field put into a record, or taken out of it, moves all that follow: no such record is read as if it had not.
@Suite struct FrameLayoutTests {
  @Test(arguments: RealFrames.all)
  func everyRealFrameIsRead(_ frame: String) {
    guard case .records = ParsedFrame.parse(frame) else {
      Issue.record("\(ParsedFrame.parse(frame)): \(frame.prefix(60))")
      return
    }
  }

  /// What a reader of `inputs` sees of a frame of one record; nil when it is refused or holds no data.
  private static func inputs(_ frame: String) -> String? {
    var parser = FrameParser()
    var builder = SnapshotBuilder(sessionID: "s", mode: "TEST", raw: false, seed: 1)
    var output = ByteBuffer()
    let moment = SnapshotMoment(timestampMilliseconds: 1_790_000_000_000, source: .websocket)
    return Array(frame.utf8).withUnsafeBufferPointer { bytes in
      guard case .records(let frame) = parser.parse(bytes),
        builder.append(frame[0], at: moment, to: &output)
      else { return nil }
      return output.text
    }
  }

  /// Where no kind tells a shift, because numbers stand beside numbers up to the end of a layout that is known: before
  /// the last field but one of a trade, and behind ACML_VOL of a book, where KIS has put in four fields itself.
  private static func isBlind(_ channel: Substring, _ place: Int, _ name: String) -> Bool {
    channel == "H0STCNT0"
      ? place == 45 && name == "vi_price"
      : place == 53 && name == "volume" || place >= 53 && name == "midpoint_size"
  }

  /// Each real record with every field taken out in turn, and with each of a few values put in at every place: it is
  /// refused, or what is read from it is what was read before, or null.
  @Test(arguments: RealFrames.all)
  func noShiftedRecordGivesAWrongValue(_ frame: String) throws {
    let parts = frame.split(separator: "|", maxSplits: 3)
    let count = try #require(Int(parts[2]))
    let all = parts[3].split(separator: "^", omittingEmptySubsequences: false).map(String.init)
    let fields = Array(all.prefix(all.count / count))
    func join(_ fields: [String]) -> String { "0|\(parts[1])|001|" + fields.joined(separator: "^") }
    let whole = try Self.values(try #require(Self.inputs(join(fields))))
    var shifted: [(String, Int, [String])] = []
    for place in fields.indices {
      var less = fields
      less.remove(at: place)
      shifted.append(("without field \(place)", place, less))
      for value in ["KRX", "7", "12345", "0", "", "1.25"] {
        var more = fields
        more.insert(value, at: place)
        shifted.append(("'\(value)' before field \(place)", place, more))
      }
    }
    var accepted: [String] = []
    for (what, place, fields) in shifted {
      guard let line = Self.inputs(join(fields)) else { continue }
      for (name, value) in try Self.values(line)
      where value != "null" && value != whole[name] && !Self.isBlind(parts[1], place, name) {
        accepted.append("\(what): \(name) is \(value), not \(whole[name] ?? "there")")
      }
    }
    #expect(accepted.isEmpty, "\(accepted.joined(separator: "\n"))")
  }

  /// Members of `inputs`, as text.
  private static func values(_ line: String) throws -> [String: String] {
    let root = try Array(line.utf8).withUnsafeBufferPointer { try JSONValue.parse($0) }
    let members = try #require(root["observation"]?["inputs"]?.members)
    let bytes = Array(line.utf8)
    return Dictionary(
      uniqueKeysWithValues: members.map { ($0.name, String(decoding: bytes[$0.value.range], as: UTF8.self)) })
  }

  @Test func theColumnIsNamed() {
    var fields = FrameSamples.book63.split(separator: "^", omittingEmptySubsequences: false)
    fields.insert("KRX", at: 3)
    let fault = FrameFault.layoutMoved(Channel(.book, .krx), stride: 64, field: "ASKP1")
    #expect(ParsedFrame.parse(fields.joined(separator: "^")) == .fault(fault))
    #expect(fault.channel == Channel(.book, .krx) && fault.column == "ASKP1")
    #expect("\(fault)".contains("H0STASP0") && "\(fault)".contains("ASKP1"))
  }

  @Test func aChannelIsUnreadableWhenOnlyRefusalsCome() {
    var account = FrameAccount()
    let (book, trades) = (Channel(.book, .krx), Channel(.trades, .krx))
    let fault = FrameFault.layoutMoved(book, stride: 64, field: "ASKP1")
    let became = (0..<5).map { account.refused(fault, at: $0) }
    #expect(became == [false, false, true, false, false])
    #expect(account.isUnreadable(book) && !account.isUnreadable(trades))
    #expect(account[book].lastColumn == "ASKP1" && account[book].lastAt == 4 && account[book].refused == 5)
    let others = [account.read(trades), account.read(trades)]
    #expect(others == [false, false] && account.isUnreadable(book))
    let recovered = [account.read(book), account.read(book)]
    #expect(recovered == [true, false] && !account.isUnreadable(book) && account[book].inRow == 0)
    let headless = account.refused(.noFrame, at: 9)
    #expect(!headless && account.refused == 6)
  }

  /// Odd frames between good ones make no feed unreadable.
  @Test func oddFramesBetweenGoodOnesAreNoOutage() {
    var account = FrameAccount()
    let trades = Channel(.trades, .krx)
    for _ in 0..<100 {
      let became = account.refused(.tooShort(trades, stride: 10), at: 0)
      let recovered = account.read(trades)
      #expect(!became && !recovered)
    }
    #expect(account[trades].refused == 100 && account[trades].read == 100)
  }

  @Test(arguments: [
    (FrameSamples.midpoint, ["005930"]),
    (FrameSamples.bundle, ["005930", "005930", "005930"]),
    ("0|H0STCNT0|001|X^" + FrameSamples.midpointFields, ["005930"]),
    ("0|H0STCNT0|-01|" + FrameSamples.midpointFields, ["005930"]),
    ("0|H0STASP0|001|005930^KRX^140610^0", []), ("", []), ("^", []), ("005930^140610", ["005930"]),
    ("0|H0STCNT0|001|Q500001^090000^1", ["Q500001"]),
  ])
  func suspects(_ frame: String, _ expected: [String]) {
    var found: [String] = []
    Array(frame.utf8).withUnsafeBufferPointer { bytes in
      FrameSuspects.visit(bytes, of: Channel(.trades, .krx)) {
        found.append(String(decoding: $0, as: UTF8.self))
      }
    }
    #expect(found == expected)
  }
}
