import Plumbing

/// When the archive goes on in another file, and what that file is called. A pure function of time.
///
/// Windows are counted from KST midnight: a day holds whole windows, and where the length does not divide the
/// day the last window is cut short at midnight, so that a file never holds two trading days.
public struct Rotation: Equatable, Sendable {
  /// Length of a window, in `lengths`.
  public let length: Milliseconds

  /// Lengths that make sense: names tell seconds apart, and no file outlives its day.
  public static let lengths: ClosedRange<Milliseconds> = .seconds(1)...(.day)

  /// Makes a policy; nil when `length` is out of range.
  public init?(length: Milliseconds) {
    guard Self.lengths.contains(length) else { return nil }
    self.length = length
  }

  /// Reads `60s`, `5m`, `1h`, `1d`, `1500ms`; a bare number is milliseconds. Nil for anything else.
  public init?(text: String) {
    let units: [(suffix: String, milliseconds: Int64)] = [
      ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("", 1),
    ]
    guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
    let digits = text.dropLast(unit.suffix.count)
    guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int64(digits) else { return nil }
    let (length, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
    guard !overflow else { return nil }
    self.init(length: Milliseconds(length))
  }

  /// A window, the end excluded.
  public typealias Window = Range<Milliseconds>

  /// The window that holds `instant`.
  public func window(containing instant: Milliseconds) -> Window {
    let midnight = KST.midnight(before: instant)
    let start = midnight + (instant - midnight) / length * length
    return start..<min(start + length, midnight + .day)
  }

  /// The part of the file name that says which window: `20260730_0900`, with seconds for windows under a minute.
  public func stamp(of window: Window) -> String {
    Self.stamp(window.lowerBound, seconds: length < .minutes(1))
  }

  /// `YYYYMMDD_HHMM` or `YYYYMMDD_HHMMSS` in KST.
  static func stamp(_ instant: Milliseconds, seconds: Bool) -> String {
    let time = KST(instant)
    let date = digits(time.year, 4) + digits(time.month, 2) + digits(time.day, 2)
    return date + "_" + digits(time.hour, 2) + digits(time.minute, 2)
      + (seconds ? digits(time.second, 2) : "")
  }

  private static func digits(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}
