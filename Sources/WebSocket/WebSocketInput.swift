import Glibc

/// Bytes that came and were not used yet. Consumed bytes make room only when room is needed, so frames are
/// read where the kernel put them.
struct WebSocketInput: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var head = 0
  private var tail = 0

  init(capacity: Int = 128 * 1024) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  /// What is there; valid until the next mutation except `consume`.
  @inline(__always)
  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base + head, count: tail - head) }

  /// Takes the first `count` bytes away; their memory stays as it is until `fill`.
  @inline(__always)
  mutating func consume(_ count: Int) {
    assert(count <= tail - head)
    head += count
  }

  /// Lets `body` put up to its argument's size of bytes at the end; there is room for `room` at least.
  mutating func fill<Failure: Error>(
    room: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    if capacity - tail < room { makeRoom(room) }
    let count = try body(UnsafeMutableRawBufferPointer(start: base + tail, count: capacity - tail))
    precondition(count <= capacity - tail)
    tail += max(count, 0)
    return count
  }

  private mutating func makeRoom(_ room: Int) {
    let count = tail - head
    if capacity - count >= room {
      memmove(base, base + head, count)
    } else {
      capacity = max(capacity * 2, count + room)
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
      larger.update(from: base + head, count: count)
      base.deallocate()
      base = larger
    }
    head = 0
    tail = count
  }
}
