import Glibc
import Plumbing

/// Turns the exchange's `HHMMSS` into an absolute time: `2026-09-22T14:06:10+09:00`.
struct SnapshotTime {
  /// Bytes of the text.
  static let length = 25

  private var checkedDate: UInt64 = 0
  private var day: Milliseconds = .min
  private var dayText: UInt64 = 0

  /// Writes the time of a record that has its own date (`YYYYMMDD`), in quotes, or `null`.
  ///
  /// An invalid date is replaced by that of `received`.
  @inline(__always)
  mutating func put(
    date: UnsafeBufferPointer<UInt8>, time: UnsafeBufferPointer<UInt8>, received: Milliseconds,
    to writer: inout SnapshotWriter
  ) {
    guard Self.isTime(time), let timeStart = time.baseAddress else { return writer.put("null") }
    if date.count == 8, let start = date.baseAddress {
      let word = UnsafeRawPointer(start).loadUnaligned(as: UInt64.self)
      if word == checkedDate || Self.isDate(start) {
        checkedDate = word
        return Self.put(word, timeStart, to: &writer)
      }
    }
    Self.put(dateText(time: timeStart, received: received), timeStart, to: &writer)
  }

  /// Writes the time of a record without a date: that of its arrival, or the day before when the time lies
  /// more than twelve hours ahead of it (sent before midnight, received after).
  @inline(__always)
  mutating func put(
    time: UnsafeBufferPointer<UInt8>, received: Milliseconds, to writer: inout SnapshotWriter
  ) {
    guard Self.isTime(time), let start = time.baseAddress else { return writer.put("null") }
    Self.put(dateText(time: start, received: received), start, to: &writer)
  }

  /// Writes the time at an exchange abroad, in quotes, with the zone that follows from the same moment in Korea, or `null`.
  static func put(
    date: UnsafeBufferPointer<UInt8>, time: UnsafeBufferPointer<UInt8>,
    koreanDate: UnsafeBufferPointer<UInt8>, koreanTime: UnsafeBufferPointer<UInt8>,
    to writer: inout SnapshotWriter
  ) {
    guard let local = instant(date: date, time: time), let start = time.baseAddress,
      let korean = instant(date: koreanDate, time: koreanTime)
    else { return writer.put("null") }
    // Zones are quarters of an hour; the two clocks of a record may differ by a second.
    let quarter: Milliseconds = .minutes(15)
    let ahead = korean - local
    let quarters = (ahead < .zero ? ahead - quarter / 2 : ahead + quarter / 2) / quarter
    let offset = 9 * 60 - quarters * 15
    guard (ahead - quarter * quarters).magnitude <= .seconds(2), (-12 * 60...14 * 60).contains(offset),
      let day = date.baseAddress
    else { return writer.put("null") }
    put(UnsafeRawPointer(day).loadUnaligned(as: UInt64.self), start, to: &writer)
    let zone = writer.at - 7
    let minutes = offset.magnitude
    zone[0] = offset < 0 ? 0x2D : 0x2B
    zone[1] = 0x30 + UInt8(minutes / 600)
    zone[2] = 0x30 + UInt8(minutes / 60 % 10)
    zone[4] = 0x30 + UInt8(minutes % 60 / 10)
    zone[5] = 0x30 + UInt8(minutes % 10)
  }

  /// The Korean instant of a time (`HHMMSS`) on a date (`YYYYMMDD`), without a valid one on that of its arrival; nil when
  /// it is no time.
  static func instant(
    date: UnsafeBufferPointer<UInt8>, time: UnsafeBufferPointer<UInt8>, received: Milliseconds
  ) -> Milliseconds? {
    guard isTime(time), let start = time.baseAddress else { return nil }
    return (midnight(of: date) ?? midnight(of: start, received: received)) + sinceMidnight(start)
  }

  /// The start of the day on which a record without a date was sent: that of its arrival, or the day before when the
  /// time lies more than twelve hours ahead of it.
  private static func midnight(of time: UnsafePointer<UInt8>, received: Milliseconds) -> Milliseconds {
    let midnight = KST.midnight(before: received)
    return midnight + sinceMidnight(time) - received > Milliseconds.day / 2 ? midnight - .day : midnight
  }

  /// The Korean instant of a date (`YYYYMMDD`) and a time (`HHMMSS`), nil when they are invalid.
  static func instant(
    date: UnsafeBufferPointer<UInt8>, time: UnsafeBufferPointer<UInt8>
  ) -> Milliseconds? {
    guard isTime(time), let midnight = midnight(of: date) else { return nil }
    return time.baseAddress.map { midnight + sinceMidnight($0) }
  }

  /// The start of a date (`YYYYMMDD`), KST; nil when it is none.
  static func midnight(of date: UnsafeBufferPointer<UInt8>) -> Milliseconds? {
    guard date.count == 8, let start = date.baseAddress, isDate(start) else { return nil }
    return KST.time(year: digits(start, 4), month: digits(start + 4, 2), day: digits(start + 6, 2))
  }

  /// The time since midnight of a valid `HHMMSS`.
  static func sinceMidnight(_ time: UnsafePointer<UInt8>) -> Milliseconds {
    .seconds((digits(time, 2) * 60 + digits(time + 2, 2)) * 60 + digits(time + 4, 2))
  }

  @inline(__always)
  static func isTime(_ time: UnsafeBufferPointer<UInt8>) -> Bool {
    guard FrameParser.isTime(time) else { return false }
    return time[0] < 0x32 || time[1] < 0x34
  }

  /// The eight digits of the date, as they lie in memory.
  private mutating func dateText(time: UnsafePointer<UInt8>, received: Milliseconds) -> UInt64 {
    let midnight = Self.midnight(of: time, received: received)
    if midnight != day {
      let date = KST(midnight)
      day = midnight
      dayText = Self.text(min(max(date.year, 0), 9999) * 10_000 + date.month * 100 + date.day)
    }
    return dayText
  }

  private static func text(_ number: Int) -> UInt64 {
    var rest = number
    var word: UInt64 = 0
    for _ in 0..<8 {
      word = word << 8 | UInt64(0x30 + rest % 10)
      rest /= 10
    }
    return word.littleEndian
  }

  @inline(__always)
  private static func put(
    _ date: UInt64, _ time: UnsafePointer<UInt8>, to writer: inout SnapshotWriter
  ) {
    let target = writer.at
    memcpy(target, "\"0000-00-00T00:00:00+09:00\"" as StaticString, 27)
    withUnsafeBytes(of: date) { digits in
      for place in 0..<4 { target[1 + place] = digits[place] }
      target[6] = digits[4]
      target[7] = digits[5]
      target[9] = digits[6]
      target[10] = digits[7]
    }
    for pair in 0..<3 {
      target[12 + pair * 3] = time[pair * 2]
      target[13 + pair * 3] = time[pair * 2 + 1]
    }
    writer.at += length + 2
  }

  private static func isDate(_ date: UnsafePointer<UInt8>) -> Bool {
    for place in 0..<8 where date[place] &- 0x30 >= 10 { return false }
    return KST.isDate(year: digits(date, 4), month: digits(date + 4, 2), day: digits(date + 6, 2))
  }

  private static func digits(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 * 10 + Int(start[$1] &- 0x30) }
  }
}

@inline(__always)
private func memcpy(_ target: UnsafeMutablePointer<UInt8>, _ literal: StaticString, _ count: Int) {
  Glibc.memcpy(target, literal.utf8Start, count)
}
