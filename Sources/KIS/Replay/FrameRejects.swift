import Glibc
import JSONBytes
import Plumbing

/// Keeps frames that could not be read, in the form of a recording, so that a kis-fetch that can read them makes
/// their snapshots later (`--replay`).
///
/// The file is opened for each write: after it is moved away a new one is made. It grows
/// to `limit` and no further; what comes then is counted only.
public final class FrameRejects {
  /// Bytes that the file may have.
  public static let limit = 16 << 20
  /// Bytes that are gathered before they are written, without waiting for the turn's end.
  private static let turn = 1 << 20

  /// Where the frames are kept.
  public let path: String
  /// Frames that were kept, and frames for which there was no room or which could not be written.
  public private(set) var kept = 0, dropped = 0
  private let limit: Int
  private var buffer = ByteBuffer(capacity: 4096)
  private var waiting = 0
  private var failure: SystemError?
  private var wasFull = false

  /// Keeps frames in the file at `path`, which need not be there yet.
  public init(path: String, limit: Int = FrameRejects.limit) {
    self.path = path
    self.limit = limit
  }

  /// Whether frames of the last write found no room: the file has its bound.
  public private(set) var isFull = false

  /// Takes a frame that came at `time`.
  public func add(_ frame: UnsafeBufferPointer<UInt8>, at time: Milliseconds) {
    WireLine.append(webSocket: frame, at: time, to: &buffer)
    waiting += 1
    if buffer.count >= Self.turn { settle() }
  }

  /// Writes what was taken. Costs nothing when there is nothing.
  ///
  /// - Returns: whether the file has come to its bound since this was called last.
  /// - Throws: what the system said; the frames are counted as dropped, and the next are tried anew.
  public func flush() throws(SystemError) -> Bool {
    settle()
    if let failure {
      self.failure = nil
      throw failure
    }
    defer { wasFull = isFull }
    return isFull && !wasFull
  }

  private func settle() {
    guard waiting > 0 else { return }
    do {
      isFull = try !write()
      if isFull { dropped += waiting } else { kept += waiting }
    } catch {
      dropped += waiting
      failure = failure ?? error
    }
    buffer.removeAll()
    waiting = 0
  }

  private func write() throws(SystemError) -> Bool {
    let descriptor = try System.openRegular(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW)
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0, Int(size) + buffer.count <= limit else { return false }
    // What a crash left behind must not become the beginning of our first line.
    var last: UInt8 = 0x0A
    if size > 0, pread(descriptor, &last, 1, size - 1) == 1, last != 0x0A {
      try System.write(descriptor, "\n", count: 1, name: path)
    }
    try System.write(descriptor, buffer.start, count: buffer.count, name: path)
    return true
  }
}
