import Glibc
import Plumbing

/// Something to read: a file, plain or compressed, or standard input.
///
/// What its name ends with says whether it is compressed, and where that says nothing its first bytes: `.zst` is read
/// through zstd(1), `.gz` through gzip(1), as child processes. Lines and offsets of findings count in the uncompressed stream.
public struct Input: Equatable, Sendable {
  enum Place: Equatable, Sendable {
    /// Descriptor 0, as it is.
    case standardInput
    /// The file that the name leads to.
    case file
    /// The same, or where it is gone what it was compressed to: a pipeline does that to windows that have closed, perhaps
    /// between the reading of their names and of them.
    case window
    /// Nothing: why is known already.
    case nowhere(InputFailure)
  }

  /// The name that messages have: the path, or "standard input".
  public let name: String
  let place: Place

  static let standardInput = Input(name: "standard input", place: .standardInput)

  /// Opens it. A compressed file gets a process of its own, which ends with the stream.
  ///
  /// A FIFO is waited for until a signal comes and `isOver` then holds. What standard output or standard error leads to
  /// is refused: it grows while it is read, and its reader's output ends up among its lines.
  public func open(unless isOver: () -> Bool = { false }) throws(InputFailure) -> InputStream {
    switch place {
    case .standardInput:
      try refuseOutput(0)
      guard let program = Decompressor.of(descriptor: 0) else {
        return InputStream(name: name, descriptor: 0, child: nil)
      }
      let child = try program.start(on: 0, of: name)
      return InputStream(name: name, descriptor: child.output, child: child)
    case .nowhere(let failure): throw failure
    case .file, .window: break
    }
    let file: Int32
    do throws(SystemError) { file = try System.open(name, O_RDONLY, unless: isOver) } catch {
      guard place == .window, error.code == ENOENT else { throw .system(error) }
      let packed = Input(name: name + Decompressor.zstd.suffix, place: .file)
      guard faccessat(AT_FDCWD, packed.name, F_OK, 0) == 0 else { throw .system(error) }
      return try packed.open(unless: isOver)
    }
    let program = Decompressor.of(name: name) ?? Decompressor.of(descriptor: file)
    guard let program else {
      let stream = InputStream(name: name, descriptor: file, child: nil)
      try refuseOutput(file)
      return stream
    }
    defer { close(file) }
    try refuseOutput(file)
    let child = try program.start(on: file, of: name)
    return InputStream(name: name, descriptor: child.output, child: child)
  }

  /// Refuses it when it is the file at `path`, which the program is going to write.
  public func refuse(output path: String) throws(InputFailure) {
    if isFile(at: path) { throw .ownOutput(name) }
  }

  /// Whether it is the regular file at `path`, by whatever name.
  public func isFile(at path: String) -> Bool {
    var own = stat()
    var other = stat()
    let isFound = place == .standardInput ? fstat(0, &own) == 0 : stat(name, &own) == 0
    guard isFound, own.st_mode & S_IFMT == S_IFREG, stat(path, &other) == 0 else { return false }
    return own.st_ino == other.st_ino && own.st_dev == other.st_dev
  }

  private func refuseOutput(_ descriptor: Int32) throws(InputFailure) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    let (inode, device) = (UInt64(status.st_ino), UInt64(status.st_dev))
    if StandardStream.leading(toInode: inode, device: device, among: [.output, .errors]) != nil {
      throw .ownOutput(name)
    }
  }
}

/// Why an input cannot be read, or not to its end.
public enum InputFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// A call of the operating system failed.
  case system(SystemError)
  /// A folder holds nothing to read.
  case emptyFolder(String)
  /// A folder holds, under the name of a data file, something else than a regular file.
  case irregular(String)
  /// The name of a file in a folder is not UTF-8.
  case notUTF8(String)
  /// It is what the program writes to: reading it would never end.
  case ownOutput(String)
  /// The program that decompresses is not installed.
  case missing(program: String, path: String)
  /// The program was killed before the end.
  case killed(program: String, signal: Int32, path: String)
  /// A pipe holds compressed data, which is read as text.
  case packed(program: String, path: String)
  /// The program refuses what is in the file, and what it said.
  case corrupt(program: String, said: String, path: String)

  /// The exit status it asks for: 65 when the data is bad, else 74.
  public var status: ExitStatus {
    switch self {
    case .corrupt, .packed: .badData
    default: .ioError
    }
  }

  /// Whether a signal that asks for the end may be all there is to it.
  public var isInterruption: Bool {
    switch self {
    case .killed: true
    case .system(let error): error.code == EINTR
    default: false
    }
  }

  /// One line that names the file and the way out.
  public var description: String {
    switch self {
    case .system(let error): "\(error)"
    case .emptyFolder(let path):
      "no *.jsonl, *.jsonl.zst or *.jsonl.gz file in folder \(path): name the archive's folder or its files"
    case .irregular(let path): "\(path) is not a regular file: name it by itself to read it"
    case .notUTF8(let path): "cannot open \(path): \(GivenText.refusal("its name"))"
    case .ownOutput(let path): "\(path) is also the output: leave it out, or write elsewhere"
    case .missing(let program, let path):
      "cannot read \(path): \(program) is not installed (package \(program))"
    case .killed(let program, let signal, let path):
      "cannot read \(path): \(program) was ended by signal \(signal)"
    case .packed(let program, let path):
      "\(path) holds \(program) data from a pipe: put '\(program) -dc |' before, or name the file"
    case .corrupt(_, let said, let path): "\(path) is corrupt: \(said)"
    }
  }

  /// The same, as the end of a tool.
  public var toolFailure: ToolFailure { ToolFailure(status, description) }
}
