import Glibc
import Inputs
import Plumbing

/// What a filter reads: standard input, or inputs one after the other, each with line numbers of its own. A last line
/// without line feed is a line: it never runs into the next input's first.
struct FilterInputs: ~Copyable {
  /// Cuts the input in hand into lines.
  var reader: LineReader
  private let inputs: [Input]
  private let isNamed: Bool
  private var opened = 0
  private var stream = InputStream.standardInput
  /// Lines and bytes of the inputs before.
  private var earlier = (lines: 0, bytes: 0)
  /// Inputs that were not read to their end, and the worst of the reasons.
  private var failed = 0
  private var worst: InputFailure?

  /// - Parameter operands: files, folders and `-`; none: standard input.
  init(_ operands: [String], maxLine: Int) {
    inputs = InputList.expand(operands)
    isNamed = !operands.isEmpty
    reader = LineReader(descriptor: 0, maxLine: maxLine)
  }

  /// Whether an input has not been opened yet.
  var hasMore: Bool { opened < inputs.count }
  /// The name of the input in hand; nil: it is standard input, and nobody named it.
  var name: String? { isNamed ? stream.name : nil }
  /// Lines read so far, of all inputs.
  var linesRead: Int { earlier.lines + reader.linesRead }
  /// Bytes read so far, of all inputs, uncompressed where a program takes the compression away.
  var bytesRead: Int { earlier.bytes + reader.bytesRead }

  /// Whether somebody may still be writing what is read, as no file and no terminal tells.
  var hasSource: Bool {
    var status = stat()
    let isFile = fstat(reader.descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    return !isFile && !stream.isDecompressed && isatty(reader.descriptor) == 0
  }

  /// Closes the input in hand and opens the next one.
  ///
  /// - Parameter rejects: the path of the rejects file; an input that the filter itself makes longer has no end.
  mutating func openNext(rejects: String?) throws(InputFailure) {
    close()
    let input = inputs[opened]
    opened += 1
    if let rejects { try input.refuse(output: rejects) }
    let next = try input.open(unless: { Signals.stopSignal != 0 })
    reader.begin(next.descriptor)
    stream = next
  }

  /// Reads once; false at the end of the input in hand, all of which was then read.
  mutating func fill() throws(InputFailure) -> Bool {
    do throws(InputFailure) {
      if isNamed {
        if try reader.fill(from: stream) { return true }
      } else if try fillUnnamed() {
        return true
      }
      try stream.finish()
      return false
    } catch {
      // Compressed bytes are no lines; the beginning of a line that was cut is refused as any other.
      if case .packed = error { close() } else { reader.endInput() }
      throw error
    }
  }

  /// Whatever a pipe brings is lines: one odd line must not end a pipeline.
  private mutating func fillUnnamed() throws(InputFailure) -> Bool {
    do throws(SystemError) { return try reader.fill() } catch { throw .system(error) }
  }

  /// Counts an input that was not read to its end; whether others may hide it.
  mutating func note(_ failure: InputFailure) -> Bool {
    failed += 1
    if worst?.status != .ioError { worst = failure }
    return inputs.count > 1
  }

  /// What to end with when an input was not read to its end.
  var failure: ToolFailure? {
    guard let worst else { return nil }
    if inputs.count == 1 { return worst.toolFailure }
    return ToolFailure(
      worst.status, "\(failed) of \(inputs.count) inputs were not read to their end, as said above")
  }

  private mutating func close() {
    earlier.lines += reader.linesRead
    earlier.bytes += reader.bytesRead
    reader.begin(-1)
    stream = .standardInput
  }
}

extension FilterOptions {
  /// Whether the file at `path` is one of those that the filter reads or writes anyway: an input, a file that is a
  /// standard stream, or the rejects.
  public func uses(_ path: String) -> Bool {
    if path == rejects { return true }
    var own = stat()
    guard stat(path, &own) == 0, own.st_mode & S_IFMT == S_IFREG else { return false }
    return StandardStream.leading(toInode: UInt64(own.st_ino), device: UInt64(own.st_dev)) != nil
      || InputList.expand(inputs + [rejects].compactMap(\.self)).contains { $0.isFile(at: path) }
  }
}
