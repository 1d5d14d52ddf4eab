import Glibc
import JSONBytes

/// Korean Standard Time: UTC+9, no daylight saving, whatever the host's TZ says.
///
/// Every time that Observer writes is KST with an explicit `+09:00`, because the exchange speaks KST and an
/// archive outlives the host it was written on.
public struct KST: Equatable, Sendable {
  /// Civil date.
  public let year: Int, month: Int, day: Int
  /// Time of day.
  public let hour: Int, minute: Int, second: Int, millisecond: Int
  /// 0 = Sunday … 6 = Saturday.
  public let weekday: Int

  /// KST's distance from UTC.
  public static let offset: Milliseconds = .hours(9)

  /// The last instant of the year 9999: a year has four digits in what is written, names of files too.
  public static let latest = Milliseconds(253_402_268_399_999)

  private static let dayLength: Int64 = 86_400_000

  /// What a clock can show, epoch milliseconds: a million years each way. Times beyond it are taken for its ends.
  private static let representable: ClosedRange<Int64> = -31_556_952_000_000_000...31_556_952_000_000_000

  private static func local(_ time: Milliseconds) -> Int64 {
    min(max(time.count, representable.lowerBound), representable.upperBound) + offset.count
  }

  /// Breaks down an instant of the wall clock.
  public init(_ instant: Milliseconds) {
    let local = Self.local(instant)
    let days = local.flooredDivision(by: Self.dayLength)
    let time = Int(local - days * Self.dayLength)
    (year, month, day) = Self.civil(fromDays: Int(days))
    hour = time / 3_600_000
    minute = time / 60_000 % 60
    second = time / 1000 % 60
    millisecond = time % 1000
    weekday = Self.weekday(ofDay: Int(days))
  }

  /// The instant of a KST wall-clock time; out-of-range fields are carried, not checked.
  public static func time(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0
  ) -> Milliseconds {
    let time = ((hour * 60 + minute) * 60 + second) * 1000 + millisecond
    return midnight(ofDay: Self.days(year: year, month: month, day: day)) + .milliseconds(time)
  }

  /// The start of a KST day, which is counted from 1970-01-01.
  public static func midnight(ofDay day: Int) -> Milliseconds { .day * day - offset }

  /// Days since 1970-01-01 of `2026-11-26`; nil when there is no such day. The one parser of a date in options and files.
  public static func day(ofDate text: String) -> Int? {
    guard let date = text.numbers(like: "0000-00-00"), isDate(year: date[0], month: date[1], day: date[2])
    else { return nil }
    return days(year: date[0], month: date[1], day: date[2])
  }

  /// As `time(year:…)`, of `[year, month, day]` and `[hour, minute, second]`; nil when there is no such
  /// day or time. A leap second is the one after it.
  public static func time(checking date: [Int], time: [Int]) -> Milliseconds? {
    guard isDate(year: date[0], month: date[1], day: date[2]), (0..<24).contains(time[0]),
      (0..<60).contains(time[1]), (0...60).contains(time[2])
    else { return nil }
    return Self.time(
      year: date[0], month: date[1], day: date[2], hour: time[0], minute: time[1], second: time[2])
  }

  /// Whether the calendar has such a day.
  public static func isDate(year: Int, month: Int, day: Int) -> Bool {
    guard (1...12).contains(month), day >= 1 else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return day <= (month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31)
  }

  /// Minutes from midnight of a time of day, `9:30` or `09:30`; nil when there is no such time. The one parser of all
  /// of `--until`, the pipeline's state and the calendar.
  public static func minutes(clock text: String) -> Int? {
    let patterns: [StaticString] = ["00:00", "0:00", "00:0", "0:0"]
    guard let numbers = patterns.lazy.compactMap({ text.numbers(like: $0) }).first, numbers[0] < 24,
      numbers[1] < 60
    else { return nil }
    return numbers[0] * 60 + numbers[1]
  }

  /// The start of the KST day that holds `instant`.
  public static func midnight(before instant: Milliseconds) -> Milliseconds {
    midnight(ofDay: Int(local(instant).flooredDivision(by: dayLength)))
  }

  /// 0 = Sunday … 6 = Saturday, of a day counted from 1970-01-01, and of days before that.
  public static func weekday(ofDay day: Int) -> Int { Int(Int64(day + 4).flooredModulo(by: 7)) }

  /// Days since 1970-01-01 of a proleptic Gregorian date.
  public static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(fromDays days: Int) -> (Int, Int, Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}

extension KST {
  /// Bytes in an ISO time: `2026-07-30T09:23:41.123+09:00`.
  public static let isoLength = 29

  /// Writes the ISO form, exactly `isoLength` bytes, to `target`.
  public func writeISO(to target: UnsafeMutablePointer<UInt8>) {
    writeDateTime(to: target, separator: 0x54, point: 0x2E)
    let zone: StaticString = "+09:00"
    memcpy(target + 23, zone.utf8Start, 6)
  }

  /// Appends the ISO form.
  public func appendISO(to buffer: inout ByteBuffer) {
    buffer.append(upTo: Self.isoLength) { target in
      writeISO(to: target)
      return Self.isoLength
    }
  }

  /// The ISO form as text.
  public var iso: String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.isoLength) { buffer in
      guard let target = buffer.baseAddress else { return "" }
      writeISO(to: target)
      return String(decoding: buffer, as: UTF8.self)
    }
  }

  /// The log's form: `2026-07-30 09:00:00,123`.
  public var logStamp: String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 23) { buffer in
      guard let target = buffer.baseAddress else { return "" }
      writeDateTime(to: target, separator: 0x20, point: 0x2C)
      return String(decoding: buffer, as: UTF8.self)
    }
  }

  private func writeDateTime(to target: UnsafeMutablePointer<UInt8>, separator: UInt8, point: UInt8) {
    func put(_ value: Int, _ at: Int, _ width: Int) {
      var rest = value
      for place in stride(from: at + width - 1, through: at, by: -1) {
        target[place] = 0x30 + UInt8(rest % 10)
        rest /= 10
      }
    }
    put(min(max(year, 0), 9999), 0, 4)
    put(month, 5, 2)
    put(day, 8, 2)
    put(hour, 11, 2)
    put(minute, 14, 2)
    put(second, 17, 2)
    put(millisecond, 20, 3)
    target[4] = 0x2D
    target[7] = 0x2D
    target[10] = separator
    target[13] = 0x3A
    target[16] = 0x3A
    target[19] = point
  }
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }

  fileprivate func flooredModulo(by divisor: Int64) -> Int64 {
    self - flooredDivision(by: divisor) * divisor
  }
}
