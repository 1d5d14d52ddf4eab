import Pages
import Testing

@Suite struct DayPictureTests {
  static let columns: [(time: String, column: Int?)] = [
    ("07:49", nil), ("07:50", 0), ("09:00", 70), ("15:30", 460), ("20:04", 734), ("20:05", nil),
    ("00:00", nil),
    ("23:59", nil),
  ]

  @Test(arguments: columns) func everyMinuteShownHasAColumn(_ example: (time: String, column: Int?)) throws {
    let parts = example.time.split(separator: ":").compactMap { Int($0) }
    #expect(DayAxis.trading.column(minute: parts[0] * 60 + parts[1]) == example.column)
  }

  @Test func rangesAreCutToTheHoursShown() {
    #expect(DayAxis.trading.columns(from: 0, to: 480) == 0..<10)
    #expect(DayAxis.trading.columns(from: 1200, to: 1440) == 730..<735)
    #expect(DayAxis.trading.columns(from: 0, to: 470) == nil)
    #expect(DayAxis.trading.columns(from: 600, to: 600) == nil)
    #expect(DayAxis.trading.time(column: 70) == "09:00")
    #expect(DayAxis.trading.hours.map(\.label) == ["08", "10", "12", "14", "16", "18", "20"])
    #expect(DayAxis.trading.hours.map(\.column) == [10, 130, 250, 370, 490, 610, 730])
    #expect(DayAxis.whole.hours.map(\.label) == ["00", "04", "08", "12", "16", "20", "24"])
  }

  @Test func anEmptyDayHasHoursAndNothingElse() {
    let svg = DayPicture().svg(label: "a <b>")
    #expect(svg.hasPrefix("<svg class=\"day\" viewBox=\"0 0 735 54\""))
    #expect(svg.contains("aria-label=\"a &lt;b&gt;\""))
    #expect(!svg.contains("polyline") && !svg.contains("<rect") && !svg.contains("vol"))
  }

  @Test func minutesOfOneLevelAreOnePiece() {
    var day = DayPicture()
    day.records = [0, 100, 100, 100, 49, 15, 3, 0, 0, 100]
    let svg = day.svg(label: "")
    for piece in [
      "<path class=\"r3\" d=\"M1 2h3v20h-3zM9 2h1v20h-1z\"/>", "<path class=\"r2\" d=\"M4 5h1v14h-1z\"/>",
      "<path class=\"r1\" d=\"M5 8h1v8h-1z\"/>", "<path class=\"r0\" d=\"M6 11h1v2h-1z\"/>",
    ] {
      #expect(svg.contains(piece))
    }
    #expect(svg.split(separator: "<path").count == 5)
  }

  @Test func lossesCoverRecordsAndRecordsCoverClosedHours() throws {
    var day = DayPicture()
    day.records = [1]
    day.bands = [
      DayBand(.loss, 0..<1), DayBand(.gap, 0..<2), DayBand(.auction, 0..<3), DayBand(.closed, 0..<4),
    ]
    let svg = day.svg(label: "")
    let places = try ["\"c\"", "\"a\"", "\"r3\"", "\"g\"", "\"l\""].map { try #require(svg.range(of: $0)) }
    #expect(zip(places, places.dropFirst()).allSatisfy { $0.lowerBound < $1.lowerBound })
  }

  @Test func thePriceLineGoesFromTheLowestToTheHighest() {
    var day = DayPicture()
    day.prices = [(0, 100), (1, 200), (2, 150)]
    #expect(day.svg(label: "").contains("points=\"0,27 1,3 2,15\""))
    day.prices = [(5, 100.5)]
    #expect(day.svg(label: "").contains("points=\"5,15\""))
  }

  @Test func volumeIsDrawnBehindThePrice() {
    var day = DayPicture()
    day.volumes = [0, 10, 5]
    #expect(day.svg(label: "").contains("d=\"M1 30V10h1V30zM2 30V20h1V30z\""))
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567"),
    (Int64.min, "-9,223,372,036,854,775,808"),
  ])
  func numbersAreGrouped(_ example: (Int64, String)) { #expect(example.0.grouped == example.1) }
}

extension String {
  fileprivate func range(of part: String) -> Range<Int>? {
    let bytes = Array(utf8)
    let wanted = Array(part.utf8)
    guard bytes.count >= wanted.count else { return nil }
    return (0...(bytes.count - wanted.count)).first { bytes[$0..<($0 + wanted.count)].elementsEqual(wanted) }
      .map { $0..<($0 + wanted.count) }
  }
}
