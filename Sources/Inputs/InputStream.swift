import Glibc
import Plumbing

/// An open input: read `descriptor` (a LineReader does) to its end, then ask `finish` whether that was all.
public struct InputStream: ~Copyable {
  /// The name that messages have.
  public let name: String
  /// What to read; it belongs to this value, unless it is standard input.
  public let descriptor: Int32
  private var child: Decompressor.Child?

  /// Whether a program takes the compression away.
  public private(set) var isDecompressed: Bool

  init(name: String, descriptor: Int32, child: Decompressor.Child?) {
    self.name = name
    self.descriptor = descriptor
    self.child = child
    isDecompressed = child != nil
  }

  /// Descriptor 0, whatever is in it.
  public static var standardInput: InputStream {
    InputStream(name: Input.standardInput.name, descriptor: 0, child: nil)
  }

  deinit {
    if descriptor != 0 { close(descriptor) }
    child?.abandon()
  }

  /// To be called at the end of input, before the last line is taken when that has no line feed: whether what was
  /// read is all there is. For a compressed file it waits for the program's verdict.
  public mutating func finish() throws(InputFailure) {
    guard let child else { return }
    self.child = nil
    try child.verdict(on: name)
  }
}

extension LineReader {
  /// `fill` for a reader of an input's descriptor: false at its end, which `finish` then judges.
  public mutating func fill(from stream: borrowing InputStream) throws(InputFailure) -> Bool {
    let name = stream.name
    let isFirst = bytesRead == 0
    let isMore: Bool
    do throws(SystemError) { isMore = try fill(name: name) } catch { throw .system(error) }
    if isFirst, !stream.isDecompressed, let program = Decompressor.of(beginning: pending) {
      throw .packed(program: program.rawValue, path: name)
    }
    return isMore
  }
}
