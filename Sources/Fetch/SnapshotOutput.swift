import Glibc
import JSONBytes
import Plumbing

/// Standard output, written at the end of a turn. A pipe is never waited for while other work is due, and in a long turn
/// it gets a portion at a time.
///
/// When the reader is slow, up to `bound` bytes are kept, so that PINGPONG is still answered; beyond that the
/// loop takes nothing more from the network, and the kernel's buffers hold the exchange back. A reader that is
/// stuck for longer than the exchange waits for an answer to PINGPONG (about 100 s) costs the connection: that
/// shows as a gap.
struct SnapshotOutput: ~Copyable {
  /// Bytes that may wait for a slow reader.
  static let bound = 8 << 20
  /// Bytes that a turn gathers before it writes: so the next stage works on them while the turn goes on.
  private static let portion = 1 << 15

  /// What is being built; complete lines only, between two records.
  var buffer = ByteBuffer(capacity: 1 << 16)
  private var written = 0
  /// Bytes of the buffer when they were last offered to the reader.
  private var offered = 0
  /// Bytes that the reader took, in all.
  private(set) var bytesWritten = 0
  private let descriptor: Int32
  private let isOwn: Bool

  init() {
    let own = System.ownPipe(1)
    System.enlargePipe(1)
    isOwn = own != nil
    descriptor = own ?? 1
  }

  deinit { if isOwn { close(descriptor) } }

  /// The descriptor to poll for room, or for the reader's end.
  var pollDescriptor: Int32 { descriptor }
  /// What to poll for.
  var pollEvents: Int16 { isWaiting ? Int16(POLLOUT) : 0 }
  /// Whether bytes wait for the reader.
  var isWaiting: Bool { written < buffer.count }
  /// Whether it is full.
  var isFull: Bool { buffer.count - written >= Self.bound }
  /// Bytes that wait.
  var pending: Int { buffer.count - written }

  /// Writes what the reader takes now.
  ///
  /// - Throws: `ToolFailure`: silent 141 when the reader is gone, else 74.
  mutating func flush() throws(ToolFailure) {
    offered = buffer.count
    while written < buffer.count {
      let put = Glibc.write(descriptor, buffer.start + written, buffer.count - written)
      if put >= 0 {
        written += put
        bytesWritten += put
        continue
      }
      switch errno {
      case EAGAIN where isOwn: return compact()
      case EINTR, EAGAIN:
        let isBusy = errno == EAGAIN
        guard !Signals.isPastLimit else {
          throw ToolFailure(.ioError, StandardOutput.unread)
        }
        if isBusy { System.wait(for: descriptor, events: Int16(POLLOUT)) }
      case EPIPE: throw ToolFailure(.signalled(SIGPIPE), "")
      default: throw ToolFailure(.ioError, "\(SystemError("write standard output"))")
      }
    }
    buffer.removeAll()
    (written, offered) = (0, 0)
  }

  /// Writes, if a portion has come together since the last time. To wait in the middle of a turn would make what comes
  /// after it older than it is: what is no pipe of our own is left to the end.
  @inline(__always)
  mutating func flushPortion() throws(ToolFailure) {
    if isOwn && buffer.count - offered >= Self.portion { try flush() }
  }

  /// Whether the output is closed for good.
  private(set) var isGone = false

  /// Drops bytes that can no longer be written.
  mutating func discard() {
    isGone = true
    buffer.removeAll()
    (written, offered) = (0, 0)
  }

  private mutating func compact() {
    guard written > 1 << 20 else { return }
    var rest = ByteBuffer(capacity: buffer.count - written)
    rest.append(buffer.start + written, count: buffer.count - written)
    swap(&buffer, &rest)
    (written, offered) = (0, buffer.count)
  }
}
