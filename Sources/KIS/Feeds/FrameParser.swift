import Glibc

/// Cuts data frames (`0|TR|NNN|f0^f1^…`) into records.
///
/// `NNN` counts records, and the length of a record is `fields / NNN`: it is never assumed, because KIS
/// lengthens records (46 to 47 fields on 2026-09-14). Every record must begin with a key of the channel's form, and have at
/// its anchors what belongs there.
public struct FrameParser: ~Copyable {
  /// What a frame turned out to be.
  public enum Verdict {
    /// Records of a known channel.
    case records(Frame)
    /// An encrypted frame of no channel of ours (order notices are): counted and skipped.
    case encrypted
    /// Not taken, and why.
    case fault(FrameFault)
  }

  private var offsets: UnsafeMutablePointer<UInt32>
  private var capacity: Int
  private let strides: UnsafeMutableBufferPointer<Int>
  private var drift: FrameDrift?
  private let words = ChannelWords()
  private var layouts = FrameLayouts()

  /// Makes a parser; it keeps its table of places between frames.
  public init() {
    capacity = 4096
    offsets = .allocate(capacity: capacity)
    strides = .allocate(capacity: Channel.all.count)
    strides.initialize(repeating: 0)
  }

  deinit {
    offsets.deallocate()
    strides.deallocate()
  }

  /// The change of layout that the last frames showed, once.
  public mutating func takeDrift() -> FrameDrift? {
    defer { drift = nil }
    return drift
  }

  /// Cuts one frame. The records are valid until the next call and while `bytes` live.
  public mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Verdict {
    guard let base = bytes.baseAddress, bytes.count >= 2, base[1] == 0x7C else { return .fault(.noFrame) }
    if base[0] == 0x31 { return encrypted(bytes) }
    guard base[0] == 0x30 else { return .fault(.noFrame) }
    guard bytes.count > 11, base[10] == 0x7C,
      let channel = words[UnsafeRawPointer(base + 2).loadUnaligned(as: UInt64.self).littleEndian]
    else { return .fault(Self.headFault(bytes)) }
    var at = 11
    var count = 0
    while at < bytes.count, at < 14, base[at] &- 0x30 < 10 {
      count = count * 10 + Int(base[at] &- 0x30)
      at += 1
    }
    guard at > 11, at < bytes.count, base[at] == 0x7C, count >= 1 else { return .fault(.badCount(channel)) }
    return cut(channel, count, base + at + 1, bytes.count - at - 1)
  }

  /// Quotes are never encrypted: a channel of ours that is cannot be read.
  @inline(never)
  private func encrypted(_ bytes: UnsafeBufferPointer<UInt8>) -> Verdict {
    guard bytes.count > 10, bytes[10] == 0x7C,
      let channel = words[
        UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: 2, as: UInt64.self).littleEndian]
    else { return .encrypted }
    return .fault(.encrypted(channel))
  }

  private mutating func cut(
    _ channel: Channel, _ count: Int, _ base: UnsafePointer<UInt8>, _ length: Int
  ) -> Verdict {
    reserve(length + 2)
    let fields = split(base, length)
    guard fields % count == 0 else { return .fault(.uneven(channel, fields: fields, count: count)) }
    let stride = fields / count
    guard let layout = layouts.find(channel, stride) else {
      return .fault(.tooShort(channel, stride: stride))
    }
    let facts = layouts[layout]
    guard stride < facts.limit else { return .fault(.tooLong(channel, stride: stride)) }
    let frame = Frame(
      channel: channel, count: count, stride: stride, layout: layout, clock: facts.clock, base: base,
      end: base + length,
      offsets: UnsafePointer(offsets), isPlain: Self.isPlain(base, length))
    let isKnown = facts.isKnown(stride)
    // Of a length that nobody has described only the oldest part is known.
    let end = isKnown ? stride : facts.minimum
    let anchors = layouts.anchorCount(layout, before: end)
    for index in 0..<count {
      let record = frame[index]
      guard facts.key.holds(record.field(0)),
        index == 0 || facts.time < 0 || Self.isTime(record.field(facts.time))
      else { return .fault(.implausibleSymbol(channel, record: index)) }
      if !layouts.hold(record, anchors) {
        let moved = movedField(record, layouts.columns(layout), before: end) ?? ""
        return .fault(.layoutMoved(channel, stride: stride, field: moved))
      }
    }
    if !isKnown, let moved = movedField(frame, before: end) {
      return .fault(.layoutMoved(channel, stride: stride, field: moved))
    }
    note(channel, stride, facts.newest)
    return .records(frame)
  }

  /// Fills `offsets` with where fields begin, and one more entry after the last. Eight bytes at a time: the
  /// exact form of the zero-byte test, because the short one also marks a 0x5F after a hit.
  @inline(__always)
  private mutating func split(_ base: UnsafePointer<UInt8>, _ length: Int) -> Int {
    var count = 1
    offsets[0] = 0
    var at = 0
    while at &+ 8 <= length {
      let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self).littleEndian
      let marked = word ^ 0x5E5E_5E5E_5E5E_5E5E
      let low = marked & 0x7F7F_7F7F_7F7F_7F7F
      var hits = ~((low &+ 0x7F7F_7F7F_7F7F_7F7F) | marked | 0x7F7F_7F7F_7F7F_7F7F)
      while hits != 0 {
        offsets[count] = UInt32(truncatingIfNeeded: at &+ hits.trailingZeroBitCount >> 3 &+ 1)
        count &+= 1
        hits &= hits &- 1
      }
      at &+= 8
    }
    while at < length {
      if base[at] == 0x5E {
        offsets[count] = UInt32(truncatingIfNeeded: at &+ 1)
        count &+= 1
      }
      at &+= 1
    }
    offsets[count] = UInt32(truncatingIfNeeded: length &+ 1)
    return count
  }

  private mutating func reserve(_ wanted: Int) {
    guard wanted > capacity else { return }
    offsets.deallocate()
    capacity = wanted * 2
    offsets = .allocate(capacity: capacity)
  }

  @inline(__always)
  private mutating func note(_ channel: Channel, _ stride: Int, _ newest: Int) {
    let previous = strides[channel.index]
    if previous == stride { return }
    strides[channel.index] = stride
    if previous == 0 && stride == newest { return }
    drift = FrameDrift(
      channel: channel, stride: stride, newest: newest, previous: previous == 0 ? nil : previous)
  }

  /// The first of the records of a length that is not known that cannot be what its columns say.
  private func movedField(_ frame: Frame, before end: Int) -> String? {
    let (columns, order) = (layouts.columns(frame.layout), layouts.order(frame.layout))
    for index in 0..<frame.count {
      let record = frame[index]
      if let moved = movedField(record, columns, before: end) ?? order?.broken(record) { return moved }
    }
    return nil
  }

  /// The first known field whose value cannot be what its name says: a field was put in or taken out before it.
  private func movedField(_ record: FrameRecord, _ columns: FeedColumns, before end: Int) -> String? {
    for index in 0..<min(end, columns.names.count) {
      if !columns.kind(index).fits(record.start(index), record.length(index)) { return columns.names[index] }
    }
    return nil
  }

  private static func headFault(_ bytes: UnsafeBufferPointer<UInt8>) -> FrameFault {
    let name = bytes.dropFirst(2).prefix { $0 >= 0x30 && $0 <= 0x5A && $0 != 0x7C }
    guard name.count >= 4, name.count <= 16, name.endIndex < bytes.count, bytes[name.endIndex] == 0x7C else {
      return .noFrame
    }
    return .unknownChannel(String(decoding: name, as: UTF8.self))
  }
}

// MARK: - Plausibility
extension FrameParser {
  /// `HHMMSS`.
  @inline(__always)
  static func isTime(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    guard field.count == 6 else { return false }
    for byte in field where byte &- 0x30 >= 10 { return false }
    return field[0] <= 0x32 && field[2] <= 0x35 && field[4] <= 0x35
  }

  /// Whether every byte is ASCII and can stand in a JSON string as it is.
  ///
  /// Eight bytes at a time; the short forms of the tests are exact about whether there is a hit, not where.
  @inline(__always)
  static func isPlain(_ base: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var odd: UInt64 = 0
    var at = 0
    while at &+ 8 <= length {
      let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
      let quote = word ^ ones &* 0x22
      let backslash = word ^ ones &* 0x5C
      odd |= word | ((word &- ones &* 0x20) & ~word) | ((quote &- ones) & ~quote)
      odd |= (backslash &- ones) & ~backslash
      at &+= 8
    }
    if odd & (ones &* 0x80) != 0 { return false }
    while at < length {
      let byte = base[at]
      if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return false }
      at &+= 1
    }
    return true
  }
}
