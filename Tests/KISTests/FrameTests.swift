import JSONBytes
import Testing

@testable import KIS

@Suite struct FrameTests {
  static let trades = Channel(.trades, .krx)
  static let book = Channel(.book, .krx)

  static let good: [(String, String, Int, Int)] = [
    (FrameSamples.bundle, "H0STCNT0", 3, 46),
    (FrameSamples.midpoint, "H0STCNT0", 1, 47),
    (FrameSamples.falling, "H0STCNT0", 1, 46),
    (FrameSamples.book63, "H0STASP0", 1, 63),
    (FrameSamples.book59, "H0STASP0", 1, 59),
    (FrameSamples.trades(count: 20, stride: 47), "H0STCNT0", 20, 47),
    (FrameSamples.trades(count: 7, stride: 48), "H0STCNT0", 7, 48),
    (FrameSamples.trades("H0NXCNT0", count: 2, stride: 46), "H0NXCNT0", 2, 46),
    (FrameSamples.trades("H0UNCNT0", count: 999, stride: 47), "H0UNCNT0", 999, 47),
    (FrameSamples.books(stride: 62), "H0STASP0", 1, 62),
    (FrameSamples.books("H0NXASP0", count: 3, stride: 65), "H0NXASP0", 3, 65),
    (FrameSamples.books("H0UNASP0", count: 2, stride: 66), "H0UNASP0", 2, 66),
    (FrameSamples.books(stride: 117), "H0STASP0", 1, 117),
  ]

  @Test(arguments: good)
  func cuts(_ text: String, _ channel: String, _ count: Int, _ stride: Int) {
    let symbols = Array(repeating: "005930", count: count)
    #expect(ParsedFrame.parse(text) == .records(channel, count: count, stride: stride, symbols: symbols))
  }

  static let bad: [(String, FrameFault)] = [
    ("", FrameFault.noFrame),
    ("0", .noFrame),
    ("0|", .noFrame),
    ("2|H0STCNT0|001|005930", .noFrame),
    ("x", .noFrame),
    ("0^H0STCNT0|001|", .noFrame),
    ("0|H0STOUP0|001|005930^165020^77700", .unknownChannel("H0STOUP0")),
    ("0|H0STCNI0|019|a^b", .unknownChannel("H0STCNI0")),
    ("0|H0STCNT0|000|" + FrameSamples.fallingFields, .badCount(trades)),
    ("0|H0STCNT0|-01|" + FrameSamples.fallingFields, .badCount(trades)),
    ("0|H0STCNT0|abc|" + FrameSamples.fallingFields, .badCount(trades)),
    ("0|H0STCNT0||" + FrameSamples.fallingFields, .badCount(trades)),
    ("0|H0STCNT0|1000|" + FrameSamples.fallingFields, .badCount(trades)),
    ("0|H0STCNT0|001", .badCount(trades)),
    ("0|H0STCNT0|002|" + FrameSamples.fallingFields + "^x", .uneven(trades, fields: 47, count: 2)),
    ("0|H0STCNT0|001|", .tooShort(trades, stride: 1)),
    (FrameSamples.trades(count: 1, stride: 45), .tooShort(trades, stride: 45)),
    (FrameSamples.books(stride: 58), .tooShort(book, stride: 58)),
    (FrameSamples.books(stride: 118), .tooLong(book, stride: 118)),
    ("0|H0STCNT0|001|0059301" + FrameSamples.fallingFields, .implausibleSymbol(trades, record: 0)),
    ("0|H0STCNT0|001| " + FrameSamples.fallingFields, .implausibleSymbol(trades, record: 0)),
  ]

  @Test(arguments: bad)
  func refuses(_ text: String, _ fault: FrameFault) {
    #expect(ParsedFrame.parse(text) == .fault(fault))
    #expect(!fault.description.isEmpty)
  }

  @Test func everyWrongCountIsRefused() {
    let body = FrameSamples.bundle.dropFirst("0|H0STCNT0|003|".count)
    for count in 1...200 where count != 3 {
      guard case .fault = ParsedFrame.parse("0|H0STCNT0|\(count)|\(body)") else {
        Issue.record("a bundle of 3 was taken as \(count)")
        continue
      }
    }
  }

  @Test func encryptedFramesArePassedOver() {
    #expect(ParsedFrame.parse("1|H0STCNI0|001|bm90IGZvciB1cw==") == .encrypted)
  }

  /// Quotes come plain: one that does not is a frame of its channel that cannot be read.
  @Test(arguments: ["1|H0STCNT0|001|bm90IGZvciB1cw==", "1|H0STCNT0|", "1|H0STCNT0|001|005930^094751"])
  func encryptedQuotesAreRefused(_ frame: String) {
    let fault = FrameFault.encrypted(Self.trades)
    #expect(ParsedFrame.parse(frame) == .fault(fault))
    #expect(fault.channel == Self.trades && fault.column == "head" && "\(fault)".contains("H0STCNT0"))
    for length in 0..<10 { #expect(ParsedFrame.parse(String(frame.prefix(length))) != .fault(fault)) }
  }

  /// Only a long field that is no number can hold a secret.
  @Test(arguments: [
    ("", false), ("abcdefg", false), ("abcdefgh", true), ("12345678", false),
    ("123456789012345678901234", false),
    ("1234567890123456789a", true), ("a1234567", true), ("12345678.123-456", false), ("%41%42%43", true),
    ("123456&#65;", true), ("1234567\\u0041", true),
  ])
  func longTextIsFound(_ field: String, _ expected: Bool) {
    var parser = FrameParser()
    let text = FrameSamples.midpoint + "^" + field
    Array(text.utf8).withUnsafeBufferPointer {
      guard case .records(let frame) = parser.parse($0) else {
        Issue.record("\(text)")
        return
      }
      #expect(frame.hasLongText == expected)
    }
  }

  @Test(arguments: ["005930", "0001A0", "Q500001", "Q50000"])
  func plausibleSymbols(_ symbol: String) {
    let frame = FrameSamples.falling.replacing("005930", with: symbol)
    #expect(ParsedFrame.parse(frame) == .records("H0STCNT0", count: 1, stride: 46, symbols: [symbol]))
  }

  @Test(arguments: ["00593a", "00593", "A500001", "0059301", "", "0059 0", "00593\u{E9}"])
  func implausibleSymbols(_ symbol: String) {
    let frame = FrameSamples.falling.replacing("005930", with: symbol)
    #expect(ParsedFrame.parse(frame) == .fault(.implausibleSymbol(Self.trades, record: 0)))
  }

  @Test func driftIsToldOncePerChange() {
    var parser = FrameParser()
    func drift(_ text: String, _ parser: inout FrameParser) -> FrameDrift? {
      _ = ParsedFrame.parse(text, with: &parser)
      return parser.takeDrift()
    }
    let new = FrameSamples.midpoint
    let longer = FrameSamples.trades(count: 2, stride: 48)
    #expect(drift(new, &parser) == nil)
    #expect(drift(longer, &parser) == FrameDrift(channel: Self.trades, stride: 48, newest: 47, previous: 47))
    #expect(drift(longer, &parser) == nil)
    #expect(
      drift(FrameSamples.falling, &parser)
        == FrameDrift(channel: Self.trades, stride: 46, newest: 47, previous: 48))
    #expect(
      drift(FrameSamples.book59, &parser)
        == FrameDrift(channel: Self.book, stride: 59, newest: 63, previous: nil))
    #expect(drift(FrameSamples.book59, &parser) == nil)
  }

  @Test func anInsertedFieldIsNotMistakenForData() {
    var fields = FrameSamples.midpointFields.split(separator: "^", omittingEmptySubsequences: false)
    fields.insert("KRX", at: 2)
    let frame = "0|H0STCNT0|001|" + fields.joined(separator: "^")
    #expect(
      ParsedFrame.parse(frame) == .fault(.layoutMoved(Self.trades, stride: 48, field: "STCK_PRPR")))
  }

  @Test(arguments: [
    ("H0STCNT0", 47), ("H0NXCNT0", 47), ("H0UNCNT0", 47), ("H0STASP0", 63), ("H0NXASP0", 62),
    ("H0UNASP0", 66),
  ])
  func tablesHaveTheNewestLayout(_ name: String, _ count: Int) throws {
    let channel = try #require(Channel(transactionID: name))
    let layout = channel.row.layouts[0]
    #expect(layout.columns.names.count == count && layout.newest == count && layout.lengths.contains(count))
    #expect(Set(layout.columns.names).count == count)
  }

  /// Whatever happens to a frame, no record comes out of it whose symbol cannot be one, and every snapshot
  /// made from it is still one line.
  @Test(arguments: [
    FrameSamples.bundle, FrameSamples.midpoint, FrameSamples.book63, FrameSamples.book59,
    FrameSamples.trades(count: 3, stride: 48),
  ])
  func mutationsNeverMislead(_ sample: String) {
    var random = FastRandom(seed: 20_260_914)
    var parser = FrameParser()
    var builder = SnapshotBuilder(sessionID: "s", mode: "TEST", seed: 1)
    var output = ByteBuffer()
    var records = 0
    let moment = SnapshotMoment(time: 1_790_000_000_000, source: .websocket)
    for _ in 0..<4000 {
      let bytes = Self.mutate(Array(sample.utf8), &random)
      bytes.withUnsafeBufferPointer { bytes in
        guard case .records(let frame) = parser.parse(bytes) else { return }
        for index in 0..<frame.count {
          #expect(KeyForm.stock.holds(frame[index].symbolBytes))
          records += 1
          output.removeAll()
          guard builder.append(frame[index], at: moment, to: &output) else { continue }
          #expect(output.bytes.filter { $0 == 0x0A }.count == 1)
          #expect((try? JSONValue.parse(output.bytes)) != nil)
        }
      }
    }
    #expect(records > 100)
  }

  private static func mutate(_ bytes: [UInt8], _ random: inout FastRandom) -> [UInt8] {
    var bytes = bytes
    for _ in 0...Int(random.next() % 4) where !bytes.isEmpty {
      let place = Int(random.next() % UInt64(bytes.count))
      switch random.next() % 5 {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(0x5E, at: place)
      case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int(random.next() % 40)))
      default: bytes.insert(contentsOf: bytes.prefix(Int(random.next() % 60)), at: place)
      }
    }
    return bytes
  }
}
