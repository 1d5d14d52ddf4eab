/// The records of one frame, as places in its bytes.
///
/// Valid until the parser's next call and while the frame's bytes live: nothing is copied.
public struct Frame {
  /// The channel.
  public let channel: Channel
  /// Records in the frame.
  public let count: Int
  /// Fields of each record.
  public let stride: Int
  /// Which layout they have (`FrameLayouts`).
  let layout: Int
  /// Where its records say their date and time in KST; -1: they do not.
  let clock: (date: Int, time: Int)
  let base: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>
  let offsets: UnsafePointer<UInt32>
  let isPlain: Bool

  /// Record `index`, from 0.
  @inline(__always)
  public subscript(index: Int) -> FrameRecord {
    precondition(index >= 0 && index < count)
    return FrameRecord(
      channel: channel, stride: stride, layout: layout, base: base, end: end,
      offsets: offsets + index * stride,
      isPlain: isPlain)
  }

  /// Whether a field is long enough for a secret and is no number. In Korea almost none is, so that most frames need no
  /// closer look; a name of eight letters and more, as `DNASAAPL` abroad, asks for one in each.
  public var hasLongText: Bool {
    for index in 0..<count &* stride {
      let start = Int(offsets[index])
      let length = Int(offsets[index &+ 1]) &- start &- 1
      if length >= 8, Self.isText(UnsafeRawPointer(base + start), length) { return true }
    }
    return false
  }

  /// Whether at least eight bytes hold a letter, or a sign that begins an escape. Eight at a time, the last ones twice.
  @inline(__always)
  private static func isText(_ start: UnsafeRawPointer, _ length: Int) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var at = 0
    while true {
      let word = start.loadUnaligned(fromByteOffset: min(at, length &- 8), as: UInt64.self)
      let (percent, ampersand) = (word ^ ones &* 0x25, word ^ ones &* 0x26)
      let escapes = ((percent &- ones) & ~percent) | ((ampersand &- ones) & ~ampersand)
      if word & (ones &* 0x40) | escapes & (ones &* 0x80) != 0 { return true }
      at &+= 8
      if at >= length { return false }
    }
  }
}

/// One record of a frame: fields by position.
public struct FrameRecord {
  /// The channel.
  public let channel: Channel
  /// Fields in the record.
  public let stride: Int
  /// Which layout it has (`FrameLayouts`).
  let layout: Int
  let base: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>
  let offsets: UnsafePointer<UInt32>
  /// Whether no byte of the frame needs escaping in a JSON string and all are ASCII.
  let isPlain: Bool

  /// The field at `index` (`0..<stride`), spaces and all.
  @inline(__always)
  public func field(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: start(index), count: length(index))
  }

  /// The symbol's bytes, of the channel's key form.
  public var symbolBytes: UnsafeBufferPointer<UInt8> { field(0) }

  /// The symbol.
  public var symbol: String { String(decoding: field(0), as: UTF8.self) }

  @inline(__always)
  func start(_ index: Int) -> UnsafePointer<UInt8> {
    assert(index >= 0 && index < stride)
    return base + Int(offsets[index])
  }

  /// Offsets name where fields begin; one separator stands before the next.
  @inline(__always)
  func length(_ index: Int) -> Int {
    assert(index >= 0 && index < stride)
    return Int(offsets[index + 1]) &- Int(offsets[index]) &- 1
  }

  @inline(__always)
  func number(_ index: Int) -> SnapshotNumber { SnapshotNumber(start(index), length(index)) }

  /// The only byte of a code field, 0 when it is empty or longer.
  @inline(__always)
  func code(_ index: Int) -> UInt8 { length(index) == 1 ? start(index).pointee : 0 }
}
