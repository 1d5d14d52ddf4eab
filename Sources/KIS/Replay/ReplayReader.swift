import Glibc
import Plumbing

/// Lines of a recording, read in blocks. Lines are handed out where they lie.
struct ReplayReader: ~Copyable {
  /// A longer line is skipped: no message of the wire can make one.
  static let maximumLine = 8 << 20

  /// Lines that were too long.
  private(set) var skipped = 0
  /// Whether `wait` ended it before the end.
  private(set) var isStopped = false
  private let descriptor: Int32
  private let name: String
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var head = 0
  private var tail = 0
  private var isAtEnd = false

  init(descriptor: Int32, name: String, block: Int = 512 * 1024) {
    self.descriptor = descriptor
    self.name = name
    capacity = block
    base = .allocate(capacity: block)
  }

  deinit { base.deallocate() }

  /// Whether `next` can answer without reading.
  var hasLine: Bool { memchr(base + head, 0x0A, tail - head) != nil }

  /// The next line without its line end; valid until the next call. nil at the end.
  ///
  /// - Parameter wait: waits until the descriptor can be read; false ends the reading there.
  mutating func next(_ wait: (Int32) -> Bool) throws(SystemError) -> UnsafeBufferPointer<UInt8>? {
    var searched = 0
    var isSkipping = false
    while true {
      if let found = memchr(base + head + searched, 0x0A, tail - head - searched) {
        let start = base + head
        let length = found.assumingMemoryBound(to: UInt8.self) - start
        head += length + 1
        if isSkipping || length > Self.maximumLine {
          skipped += 1
          isSkipping = false
          searched = 0
          continue
        }
        return Self.line(start, length)
      }
      if isAtEnd {
        let rest = tail - head
        head = tail
        if isSkipping || rest > Self.maximumLine { skipped += 1 }
        return rest > 0 && !isSkipping && rest <= Self.maximumLine ? Self.line(base + tail - rest, rest) : nil
      }
      if tail - head > Self.maximumLine {
        isSkipping = true
        head = tail
      }
      searched = tail - head
      guard wait(descriptor) else {
        isStopped = true
        head = tail
        return nil
      }
      try fill()
    }
  }

  private mutating func fill() throws(SystemError) {
    if head > 0 {
      memmove(base, base + head, tail - head)
      tail -= head
      head = 0
    }
    if tail == capacity {
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
      larger.update(from: base, count: tail)
      base.deallocate()
      base = larger
      capacity *= 2
    }
    let got = try System.read(descriptor, into: base + tail, room: capacity - tail, name: name)
    tail += got
    isAtEnd = got == 0
  }

  private static func line(_ start: UnsafeMutablePointer<UInt8>, _ length: Int) -> UnsafeBufferPointer<UInt8>
  {
    let end = length > 0 && start[length - 1] == 0x0D ? length - 1 : length
    return UnsafeBufferPointer(start: start, count: end)
  }
}
