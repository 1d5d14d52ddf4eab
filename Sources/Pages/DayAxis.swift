/// The hours that a picture of a day shows, one column a minute.
public struct DayAxis: Equatable, Sendable {
  /// The first minute shown, minutes since midnight in Korean time.
  public let first: Int
  /// Columns: minutes shown.
  public let columns: Int
  private let hourStep: Int

  /// 07:50 to 20:05: NXT's first session begins at 08:00, its last one ends at 20:00, and KRX's lie in between.
  public static let trading = DayAxis(first: 7 * 60 + 50, columns: 735, hourStep: 2)
  /// From midnight to midnight, for venues with other hours, and for trials at night.
  public static let whole = DayAxis(first: 0, columns: 1440, hourStep: 4)

  /// The column of a minute of the day (0 to 1439); nil outside of the hours shown.
  public func column(minute: Int) -> Int? {
    let column = minute - first
    return column >= 0 && column < columns ? column : nil
  }

  /// The columns between two minutes of the day, cut to the hours shown; nil when nothing of them is shown.
  public func columns(from start: Int, to end: Int) -> Range<Int>? {
    let low = max(0, min(columns, start - first))
    let high = max(low, min(columns, end - first))
    return low < high ? low..<high : nil
  }

  /// `09:30` for a column.
  public func time(column: Int) -> String {
    let minute = first + column
    return "\(Self.twoDigits(minute / 60)):\(Self.twoDigits(minute % 60))"
  }

  /// Full hours with their columns: 08, 10, … 20, or 00, 04, … 24.
  public var hours: [(column: Int, label: String)] {
    stride(from: (first + 59) / 60, through: (first + columns) / 60, by: hourStep)
      .map { ($0 * 60 - first, Self.twoDigits($0)) }
  }

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
