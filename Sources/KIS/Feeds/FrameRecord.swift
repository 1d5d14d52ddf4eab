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
