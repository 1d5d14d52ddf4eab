/// The hours that a picture of a trading day shows: 07:50 to 20:05 in Korean time, one column a minute.
///
/// NXT's first session begins at 08:00 and its last one ends at 20:00; KRX's lie in between.
public enum DayAxis {
  /// The first minute shown, minutes since midnight.
  public static let first = 7 * 60 + 50
  /// Columns: minutes shown.
  public static let columns = 735

  /// The column of a minute of the day (0 to 1439); nil outside of the hours shown.
  public static func column(minute: Int) -> Int? {
    let column = minute - first
    return column >= 0 && column < columns ? column : nil
  }

  /// The columns between two minutes of the day, cut to the hours shown; nil when nothing of them is shown.
  public static func columns(from start: Int, to end: Int) -> Range<Int>? {
    let low = max(0, min(columns, start - first))
    let high = max(low, min(columns, end - first))
    return low < high ? low..<high : nil
  }

  /// `09:30` for a column.
  public static func time(column: Int) -> String {
    let minute = first + column
    return "\(twoDigits(minute / 60)):\(twoDigits(minute % 60))"
  }

  /// Every second full hour with its column, for the axis: 08, 10, … 20.
  public static let hours: [(column: Int, label: String)] = stride(from: 8, through: 20, by: 2).map {
    ($0 * 60 - first, twoDigits($0))
  }

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
