import Glibc
import Plumbing

/// One file under `rejects/`: what was refused, a line each. Made when the first line comes, and again when somebody
/// removed it, moved it (logrotate does) or took its folder away.
public final class Quarantine {
  /// The file's path.
  public let path: String
  private let archive: String
  private let folder: String
  private let log: Log
  private var file: AppendFile?

  /// Names the file; nothing is opened yet.
  public init(layout: ArchiveLayout, name: String, log: Log) {
    archive = layout.directory
    folder = layout.rejects
    self.log = log
    path = layout.rejects + "/" + name
  }

  /// Finds out before anything is read whether the file can be used, and mends its last line. Nothing is made.
  ///
  /// - Throws: `ToolFailure` 73; 74 when it is a standard stream's file, too.
  public func prepare() throws(ToolFailure) {
    guard file == nil else { return }
    var own: StandardStream?
    do throws(SystemError) {
      guard try Files.identity(at: folder) != nil else { return }
      guard Files.isDirectory(folder) else { throw SystemError("use \(folder) as a folder", code: ENOTDIR) }
      guard let there = try Files.identity(at: path) else { return }
      own = there.standardStream
      if own == nil { file = try AppendFile(path: path, log: log) }
    } catch {
      throw ToolFailure(.cannotCreate, "\(error)\(ArchiveFolder.wayOut(error.code, path))")
    }
    if let own { throw own.refusal(path) }
  }

  /// Appends whole lines ending in LF: all of them, or part of them and the reason.
  public func append(_ bytes: UnsafeBufferPointer<UInt8>) -> Appended {
    do {
      let isNewFolder = !Files.isDirectory(folder)
      try Files.makeDirectory(folder)
      if isNewFolder { try Files.syncDirectory(archive) }
      if file == nil { file = try AppendFile(path: path, log: log) }
    } catch {
      return Appended(stored: 0, error: error)
    }
    guard let appended = file?.append(bytes) else { return Appended(stored: 0) }
    let lines = bytes[..<appended.stored].reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
    return Appended(stored: appended.stored, lines: lines, error: appended.error)
  }

  /// Syncs what was appended. A failure is final.
  public func sync() -> SystemError? {
    do {
      try file?.sync()
      return nil
    } catch {
      return error
    }
  }

  /// Lets the file go; the next line opens it by name. The caller synced before.
  public func close() { file = nil }
}

extension ArchiveFile.OpenFailure {
  /// The failure as an error of a call, for a sink that is already running.
  func asError(_ path: String) -> SystemError {
    switch self {
    case .missing: SystemError("open \(path)", code: ENOENT)
    case .locked: SystemError("lock \(path) (another program holds it)", code: EWOULDBLOCK)
    case .standardStream(let stream):
      // The only failure with this code: see `ArchiveWriter.file(for:)`.
      SystemError("archive into \(path) (it is also \(stream.name))", code: EDEADLK)
    case .refused(let error): error
    }
  }

  /// The failure as a reason not to start.
  func asRefusal(_ path: String) -> ToolFailure {
    switch self {
    case .missing: ToolFailure(.cannotCreate, "\(asError(path))\(ArchiveFolder.wayOut(ENOENT, path))")
    case .locked:
      ToolFailure(
        .tryLater, "\(path) is locked by another program; stop it, or name another folder with --dir")
    case .standardStream(let stream): stream.refusal(path)
    case .refused(let error):
      ToolFailure(.cannotCreate, "\(error)\(ArchiveFolder.wayOut(error.code, path))")
    }
  }
}

extension StandardStream {
  /// Why the sink does not write to a file that it also reads, or that others of its words go to.
  fileprivate func refusal(_ path: String) -> ToolFailure {
    switch self {
    case .input:
      ToolFailure(
        .ioError,
        "\(path) is also the input, which would never end: name another folder with --dir, or read a copy")
    case .output, .errors:
      ToolFailure(
        .ioError, "\(path) is also \(name): write that elsewhere, or name another folder with --dir")
    }
  }
}
