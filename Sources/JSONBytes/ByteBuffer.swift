import Glibc

/// A growable run of bytes that output is built in.
///
/// It owns its memory, never shrinks, and keeps it between uses (`removeAll`), so a stage that has seen its
/// longest line allocates nothing more. Not copyable: there is one writer, and no reference counting on the
/// hot path.
public struct ByteBuffer: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<UInt8>
  @usableFromInline var capacity: Int

  /// Bytes in the buffer.
  @inlinable public var count: Int { storedCount }
  @usableFromInline var storedCount: Int

  /// Makes an empty buffer with room for `capacity` bytes (at least 64).
  public init(capacity: Int = 4096) {
    self.capacity = max(capacity, 64)
    guard let memory = malloc(self.capacity) else { Self.exhausted(self.capacity) }
    base = memory.assumingMemoryBound(to: UInt8.self)
    storedCount = 0
  }

  deinit { free(base) }

  /// Whether the buffer holds no byte.
  @inlinable public var isEmpty: Bool { storedCount == 0 }

  /// The first byte; valid until the next mutation.
  @inlinable public var start: UnsafePointer<UInt8> { UnsafePointer(base) }

  /// The content; valid until the next mutation.
  @inlinable public var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base, count: storedCount)
  }

  /// The content as text, malformed UTF-8 repaired: for messages and tests, never for data.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Forgets the content, keeps the memory.
  @inlinable public mutating func removeAll() { storedCount = 0 }

  /// Forgets everything after the first `length` bytes (`0...count`).
  @inlinable public mutating func truncate(to length: Int) {
    assert(length >= 0 && length <= storedCount)
    storedCount = length
  }

  /// Forgets the first `length` bytes (`0...count`); the rest moves up.
  public mutating func removeFirst(_ length: Int) {
    assert(length >= 0 && length <= storedCount)
    storedCount -= length
    memmove(base, base + length, storedCount)
  }

  /// Makes sure that `extra` more bytes fit without another allocation.
  @inlinable @inline(__always) public mutating func reserve(_ extra: Int) {
    if capacity &- storedCount < extra { grow(extra) }
  }

  @usableFromInline @inline(never) mutating func grow(_ extra: Int) {
    if !hasRoom(extra) { Self.exhausted(storedCount + extra) }
  }

  /// Makes room for `extra` more bytes; false where there is no memory for them.
  public mutating func hasRoom(_ extra: Int) -> Bool {
    capacity - storedCount >= extra || resize(max(capacity * 2, storedCount + extra))
      || resize(storedCount + extra)
  }

  private mutating func resize(_ wanted: Int) -> Bool {
    guard let larger = realloc(base, wanted) else { return false }
    base = larger.assumingMemoryBound(to: UInt8.self)
    capacity = wanted
    return true
  }

  /// The process ends as one that could not read or write: 74.
  private static func exhausted(_ count: Int) -> Never {
    var text = "out of memory: \(count) bytes in one piece; allow the process more, or give --max-line\n"
    text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    _exit(74)
  }

  /// Appends one byte.
  @inlinable @inline(__always) public mutating func append(_ byte: UInt8) {
    reserve(1)
    base[storedCount] = byte
    storedCount &+= 1
  }

  /// Appends `length` bytes from `source`.
  @inlinable @inline(__always) public mutating func append(_ source: UnsafePointer<UInt8>, count length: Int)
  {
    reserve(length)
    memcpy(base + storedCount, source, length)
    storedCount &+= length
  }

  /// Appends a run of bytes.
  @inlinable public mutating func append(_ source: UnsafeBufferPointer<UInt8>) {
    guard let first = source.baseAddress else { return }
    append(first, count: source.count)
  }

  /// Appends a literal: its bytes are copied from the program image.
  @inlinable @inline(__always) public mutating func append(_ literal: StaticString) {
    append(literal.utf8Start, count: literal.utf8CodeUnitCount)
  }

  /// Appends an array's bytes.
  @inlinable public mutating func append(_ array: [UInt8]) {
    array.withUnsafeBufferPointer { append($0) }
  }

  /// Appends a string's UTF-8, without quotes or escapes.
  public mutating func append(text: String) {
    var copy = text
    copy.withUTF8 { append($0) }
  }

  /// Appends a whole number in decimal.
  @inlinable public mutating func append(decimal value: Int) {
    reserve(20)
    var rest = value.magnitude
    if value < 0 { append(0x2D) }
    if rest < 10 {
      append(0x30 &+ UInt8(truncatingIfNeeded: rest))
      return
    }
    var digits = 1
    var bound: UInt = 10
    while digits < 20, rest >= bound {
      digits &+= 1
      if digits < 20 { bound = bound &* 10 }
    }
    var at = storedCount &+ digits
    storedCount = at
    while rest > 0 {
      at &-= 1
      base[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }

  /// Lets `fill` write up to `room` bytes at the end; it returns how many it wrote.
  @inlinable public mutating func append<E: Error>(
    upTo room: Int, _ fill: (UnsafeMutablePointer<UInt8>) throws(E) -> Int
  ) throws(E) {
    reserve(room)
    let written = try fill(base + storedCount)
    assert(written >= 0 && written <= room)
    storedCount &+= written
  }
}
