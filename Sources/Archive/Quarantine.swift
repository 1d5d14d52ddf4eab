import Glibc
import Plumbing

/// One file under `rejects/`: what was refused, a line each. Made when the first line comes.
public final class Quarantine {
  /// The file's path.
  public let path: String
  private let archive: String
  private let folder: String
  private let name: String
  private var file: ArchiveFile?

  /// Names the file; nothing is opened yet.
  public init(layout: ArchiveLayout, name: String) {
    archive = layout.directory
    folder = layout.rejects
    self.name = name
    path = layout.rejects + "/" + name
  }

  /// Whether there are lines that a power cut would take.
  public var isDirty: Bool { file?.isDirty ?? false }

  /// Appends whole lines ending in LF: all of them, or part of them and the reason.
  public func append(_ bytes: UnsafeBufferPointer<UInt8>) -> Appended {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return Appended(stored: 0) }
    do {
      let file = try opened()
      return file.append(start, count: bytes.count)
    } catch {
      return Appended(stored: 0, error: error)
    }
  }

  /// Syncs what was appended.
  public func sync() -> SystemError? { file?.sync() }

  private func opened() throws(SystemError) -> ArchiveFile {
    if let file { return file }
    let isNewFolder = !Files.isDirectory(folder)
    try Files.makeDirectory(folder)
    if isNewFolder { try Files.syncDirectory(archive) }
    do {
      let file = try ArchiveFile(path: path, name: name, window: nil, create: true)
      if file.isNew {
        try Files.syncDirectory(folder)
      } else {
        try endLastLine(file)
      }
      self.file = file
      return file
    } catch let failure as ArchiveFile.OpenFailure {
      throw failure.asError(path)
    } catch let error as SystemError {
      throw error
    } catch {
      throw SystemError("open \(path)", code: EIO)
    }
  }

  private func endLastLine(_ file: ArchiveFile) throws(SystemError) {
    guard file.end > 0 else { return }
    var last: UInt8 = 0
    _ = try Files.read(file.descriptor, into: &last, count: 1, at: file.end - 1, path: path)
    if last != 0x0A { try file.completeTail() }
  }
}

extension ArchiveFile.OpenFailure {
  /// The failure as an error of a call, for a sink that is already running.
  func asError(_ path: String) -> SystemError {
    switch self {
    case .missing: SystemError("open \(path)", code: ENOENT)
    case .locked: SystemError("lock \(path) (another program holds it)", code: EWOULDBLOCK)
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
    case .refused(let error):
      ToolFailure(.cannotCreate, "\(error)\(ArchiveFolder.wayOut(error.code, path))")
    }
  }
}
