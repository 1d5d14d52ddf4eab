import Glibc
import Plumbing

/// The archive of one folder: which file a line belongs to, opening and closing those files, and making them
/// durable. One writer at a time (flock). Knows bytes and files; what a record is, `RecordRules` knows.
public final class ArchiveWriter {
  /// Where the files are.
  public let layout: ArchiveLayout
  /// Nil: one file for ever.
  public let rotation: Rotation?
  /// Set once a sync failed: nothing more may be written or synced.
  public private(set) var failedSync: SystemError?
  /// Bytes that repairs took out or cut off.
  public internal(set) var repairedBytes: Int64 = 0
  /// Whether the archive was found torn, or was changed by somebody else.
  public internal(set) var sawDamage = false
  /// Data files opened after the first one.
  public private(set) var rotations = 0
  /// Unfinished ends that were set aside.
  public private(set) var tornTails = 0
  /// The data file last written to, in the archive's folder; empty before the first line.
  public private(set) var lastName = ""
  /// That file's size.
  public var lastEnd: Int64 { files.last?.end ?? closedEnd }

  /// Whether a data file is open.
  public var isOpen: Bool { !files.isEmpty }

  let log: Log
  var lock: ArchiveLock
  /// Open data files, the one in use last.
  var files: [ArchiveFile] = []
  private var lastWindow: Rotation.Window?
  private var closedEnd: Int64 = 0
  private let openLimit: Int
  private let syncs: Bool
  private let repair: TailRepair
  /// Start of a window whose file could not be made: its lines go on into the file before it.
  private var postponed: Rotation.Window?

  /// Takes the lock and repairs what the last writer left. Nothing of the input has been read yet.
  ///
  /// - Parameters:
  ///   - openLimit: how many windows stay open at once (lines whose own time picks the window are not quite in
  ///     order around a window's end).
  ///   - syncs: false when the operator wants no sync at all.
  ///   - now: wall clock, epoch milliseconds.
  /// - Throws: `ToolFailure` 73 (cannot be opened) or 75 (locked).
  public init(
    layout: ArchiveLayout, rotation: Rotation?, openLimit: Int, syncs: Bool, rules: RecordRules, log: Log,
    now: Int64
  ) throws(ToolFailure) {
    self.layout = layout
    self.rotation = rotation
    self.openLimit = max(openLimit, 1)
    self.syncs = syncs
    self.log = log
    repair = TailRepair(rules: rules, log: log)
    lock = try ArchiveLock(path: layout.lock)
    let window = rotation?.window(containing: now)
    let current = name(of: window)
    for mark in lock.marks where mark.name != current { try repairLeftOver(mark) }
    try openExisting(current, window)
  }

  private func name(of window: Rotation.Window?) -> String {
    guard let rotation, let window else { return layout.plainName }
    return layout.name(of: window, in: rotation)
  }

  /// A file that the last writer had open and this one does not need now.
  private func repairLeftOver(_ mark: DurableMark) throws(ToolFailure) {
    let path = layout.path(mark.name)
    do {
      let file = try ArchiveFile(path: path, name: mark.name, window: nil, create: false)
      note(try repair.run(file, durable: mark.offset))
    } catch ArchiveFile.OpenFailure.missing {
      return
    } catch let failure as ArchiveFile.OpenFailure {
      log.warning("\(failure.asError(path)); its last line was not checked")
    } catch {
      throw ToolFailure(.cannotCreate, "cannot repair \(path): \(error)")
    }
  }

  private func openExisting(_ name: String, _ window: Rotation.Window?) throws(ToolFailure) {
    let path = layout.path(name)
    do {
      let file = try ArchiveFile(path: path, name: name, window: window, create: false)
      note(try repair.run(file, durable: lock.marks.first { $0.name == name }?.offset))
      use(file)
      updateLock()
    } catch ArchiveFile.OpenFailure.missing {
      return
    } catch let failure as ArchiveFile.OpenFailure {
      throw failure.asRefusal(path)
    } catch {
      throw ToolFailure(.cannotCreate, "cannot repair \(path): \(error)")
    }
  }

  private func note(_ result: TailRepair.Result) {
    repairedBytes += result.repairedBytes
    if result.foundDamage {
      sawDamage = true
      tornTails += 1
    }
  }

  private func use(_ file: ArchiveFile) {
    files.append(file)
    if !lastName.isEmpty && lastName != file.name { rotations += 1 }
    lastName = file.name
    lastWindow = file.window
  }

  private func updateLock() {
    lock.update(files.map { DurableMark(name: $0.name, offset: $0.durable) })
  }
}

// MARK: - Writing
extension ArchiveWriter {
  /// Appends whole lines, the last one ending in LF, to the file of the window that holds `time` (epoch
  /// milliseconds).
  public func append(_ source: UnsafePointer<UInt8>, count: Int, at time: Int64) -> Appended {
    if let failedSync { return Appended(stored: 0, error: failedSync) }
    do {
      let file = try file(for: time)
      let appended = file.append(source, count: count)
      if syncs { file.beginWriting() }
      if appended.leftFragment { sawDamage = true }
      return appended
    } catch {
      return Appended(stored: 0, error: error)
    }
  }

  /// Whether lines of `time` go where the last ones went.
  public func isCurrent(_ time: Int64) -> Bool {
    guard let current = files.last else { return false }
    return current.window.map { $0.contains(time) } ?? true
  }

  private func file(for time: Int64) throws(SystemError) -> ArchiveFile {
    if let current = files.last, isCurrent(time) { return current }
    let window = rotation?.window(containing: time)
    if let window, let current = files.last {
      if let index = files.firstIndex(where: { $0.window == window }) {
        let file = files.remove(at: index)
        use(file)
        return file
      }
      if postponed == window { return current }
      if let error = sync() { throw error }
    }
    do {
      let file = try open(name(of: window), window)
      postponed = nil
      use(file)
      try closeOldest()
      updateLock()
      return file
    } catch {
      guard failedSync == nil, let stay = files.last ?? lastFile() else { throw error }
      if postponed == nil { log.error("\(error); staying in \(stay.path), trying again with each window") }
      postponed = window
      return stay
    }
  }

  /// The file used last, opened again: its window ended while no line came.
  private func lastFile() -> ArchiveFile? {
    guard let lastWindow,
      let file = try? ArchiveFile(
        path: layout.path(lastName), name: lastName, window: lastWindow, create: false)
    else { return nil }
    guard let result = try? repair.run(file, durable: file.end) else { return nil }
    note(result)
    use(file)
    return file
  }

  private func open(_ name: String, _ window: Rotation.Window?) throws(SystemError) -> ArchiveFile {
    let path = layout.path(name)
    do {
      let file = try ArchiveFile(path: path, name: name, window: window, create: true)
      if file.isNew {
        if syncs { try Files.syncDirectory(layout.directory) }
      } else {
        note(try repair.run(file, durable: nil))
      }
      return file
    } catch let failure as ArchiveFile.OpenFailure {
      throw failure.asError(path)
    } catch let error as SystemError {
      throw error
    } catch {
      throw SystemError("open \(path) (\(error))", code: EIO)
    }
  }

  private func closeOldest() throws(SystemError) {
    while files.count > openLimit {
      if syncs, let error = sync(files[0]) { throw error }
      files.removeFirst()
    }
  }

  /// Syncs every file that needs it. A failure is final.
  public func sync() -> SystemError? {
    if let failedSync { return failedSync }
    guard syncs else { return nil }
    var wasDirty = false
    for file in files where file.isDirty {
      wasDirty = true
      if let error = sync(file) { return error }
    }
    if wasDirty { updateLock() }
    return nil
  }

  private func sync(_ file: ArchiveFile) -> SystemError? {
    failedSync = file.sync()
    return failedSync
  }

  /// When the file in use is due to be closed though no line comes, epoch milliseconds.
  public var nextClose: Int64? {
    guard postponed == nil else { return nil }
    return files.compactMap { $0.window?.upperBound }.min()
  }

  /// Closes files whose window is over. The caller synced before.
  public func closeExpired(now: Int64) {
    drop { file in file.window.map { $0.upperBound <= now } ?? false }
  }

  /// Closes everything; the next line opens by name again.
  public func closeAll() { drop { _ in true } }

  func drop(_ condition: (ArchiveFile) -> Bool) {
    if let last = files.last { closedEnd = last.end }
    files.removeAll(where: condition)
    updateLock(afterClosing: true)
  }

  /// After the last file is closed its mark stays, so that the next start need not read it again.
  private func updateLock(afterClosing: Bool) {
    guard afterClosing, files.isEmpty else { return updateLock() }
  }
}
