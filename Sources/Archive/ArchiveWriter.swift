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
  public internal(set) var failedSync: SystemError?
  /// Bytes that repairs took out or cut off.
  public internal(set) var repairedBytes: Int64 = 0
  /// Whether the archive was found torn, or was changed by another program.
  public internal(set) var sawDamage = false
  /// Lines of this run that stood in a data file and were taken out of it by another program.
  public internal(set) var lostLines = 0
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
  let syncs: Bool
  let repair: TailRepair
  /// The wall clock when it was last told.
  var wall: Milliseconds
  /// When the lock file was last brought to the disk.
  var settled: Milliseconds = .zero
  /// Start of a window whose file could not be made: its lines go on into the file before it.
  private var postponed: Rotation.Window?

  /// Takes the lock and repairs what the last writer left. Nothing of the input has been read yet.
  ///
  /// - Parameters:
  ///   - openLimit: how many windows stay open at once (lines whose own time picks the window are not quite in
  ///     order around a window's end).
  ///   - syncs: false when the operator wants no sync at all.
  ///   - now: wall clock.
  /// - Throws: `ToolFailure` 73 (cannot be opened) or 75 (locked).
  public init(
    layout: ArchiveLayout, rotation: Rotation?, openLimit: Int, syncs: Bool, rules: RecordRules, log: Log,
    now: Milliseconds
  ) throws(ToolFailure) {
    self.layout = layout
    self.rotation = rotation
    self.openLimit = max(openLimit, 1)
    self.syncs = syncs
    self.log = log
    wall = now
    repair = TailRepair(rules: rules, log: log, directory: layout.directory)
    lock = try ArchiveLock(path: layout.lock)
    let window = rotation?.window(containing: now)
    let current = name(of: window)
    let othersAreClean = try repairLeftOvers(except: current)
    let isRepaired = try openExisting(current, window)
    try beginList(othersAreClean: othersAreClean && isRepaired)
  }

  private func name(of window: Rotation.Window?) -> String {
    guard let rotation, let window else { return layout.plainName }
    return layout.name(of: window, in: rotation)
  }

  func note(_ result: TailRepair.Result) {
    repairedBytes += result.repairedBytes
    if result.foundDamage {
      sawDamage = true
      tornTails += 1
    }
  }

  func use(_ file: ArchiveFile) {
    files.append(file)
    if !lastName.isEmpty && lastName != file.name { rotations += 1 }
    lastName = file.name
    lastWindow = file.window
  }

  var openNames: [String] { files.map(\.name) }

  /// Lists a file that was just opened, before anything is written to it: what stands in it is on disk, or it would
  /// be listed already.
  func list(_ file: ArchiveFile) throws(SystemError) {
    let offset = lock.list.offset(of: file.name) ?? file.end
    try lock.enter(DurableMark(name: file.name, offset: offset), open: openNames, durably: syncs)
  }

  private func updateLock() {
    lock.update(files.map { DurableMark(name: $0.name, offset: $0.durable) })
  }
}

// MARK: - Writing
extension ArchiveWriter {
  /// Appends `lines` whole lines, the last one ending in LF, to the file of the window that holds `time`.
  public func append(_ source: UnsafePointer<UInt8>, count: Int, lines: Int, at time: Milliseconds)
    -> Appended
  {
    if let failedSync { return Appended(stored: 0, error: failedSync) }
    do {
      let file = try file(for: time)
      // A file that was removed is saved by the next sync, and all that is written to it until then.
      let change = try file.look()
      if change != .removed { try note(change, of: file) }
      let appended = file.append(source, count: count, lines: lines)
      if file.surprise != .none {
        try note(file.surprise, of: file)
        file.surprise = .none
      }
      if syncs { file.beginWriting() }
      if appended.leftFragment { sawDamage = true }
      return appended
    } catch {
      return Appended(stored: 0, error: error)
    }
  }

  /// Whether lines of `time` go where the last ones went.
  public func isCurrent(_ time: Milliseconds) -> Bool {
    guard let current = files.last else { return false }
    return current.window.map { $0.contains(time) } ?? true
  }

  private func file(for time: Milliseconds) throws(SystemError) -> ArchiveFile {
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
      // A file that must not be written to is not one that cannot be opened for now: nothing goes elsewhere.
      guard failedSync == nil, error.code != EDEADLK, let stay = files.last ?? lastFile() else { throw error }
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
    guard (try? list(file)) != nil, let result = try? repair.run(file, durable: file.end) else { return nil }
    note(result)
    use(file)
    return file
  }

  private func open(_ name: String, _ window: Rotation.Window?) throws(SystemError) -> ArchiveFile {
    let path = layout.path(name)
    do {
      let file = try ArchiveFile(path: path, name: name, window: window, create: true)
      try file.refuseStandardStream()
      if file.isNew {
        if syncs { try Files.syncDirectory(layout.directory) }
      }
      try list(file)
      if !file.isNew { note(try repair.run(file, durable: lock.list.offset(of: name))) }
      return file
    } catch let failure as ArchiveFile.OpenFailure {
      throw failure.asError(path)
    } catch let error as SystemError {
      throw error
    } catch {
      throw SystemError("open \(path) (\(error))", code: EIO)
    }
  }

  /// One that was removed stays open until its content is saved, by the next sync.
  private func closeOldest() throws(SystemError) {
    while files.count > openLimit {
      let oldest = files[0]
      if syncs, let error = sync(oldest) { throw error }
      let change = try oldest.look()
      if change == .removed { return }
      try note(change, of: oldest)
      files.removeAll { $0 === oldest }
    }
  }

  /// Syncs every file that needs it, and checks what was synced: lines that are gone are in `lostLines`, and
  /// the content of a removed file is saved.
  ///
  /// - Returns: why the files are not on disk. When `failedSync` is set it is final; else the next call tries again.
  public func sync() -> SystemError? {
    if let failedSync { return failedSync }
    do {
      let wasDirty = syncs && files.contains(where: \.isDirty)
      if syncs { for file in files { if let error = sync(file) { return error } } }
      for file in files { try note(file.look(), of: file) }
      if wasDirty { updateLock() }
      return nil
    } catch {
      return error
    }
  }

  private func sync(_ file: ArchiveFile) -> SystemError? {
    failedSync = file.sync()
    return failedSync
  }

  /// When the file in use is due to be closed though no line comes.
  public var nextClose: Milliseconds? {
    guard postponed == nil else { return nil }
    return files.compactMap { $0.isRemoved ? nil : $0.window?.upperBound }.min()
  }

  /// Closes files whose window is over. The caller synced before.
  public func closeExpired(now: Milliseconds) {
    drop { file in file.window.map { $0.upperBound <= now } ?? false }
  }

  /// Closes everything; the next line opens by name again.
  public func closeAll() {
    let wasClean = failedSync == nil && files.allSatisfy(\.isClean)
    let last = files.last.map { DurableMark(name: $0.name, offset: $0.durable) }
    drop { _ in true }
    // With nothing open that could be torn, the next start has no file to look for.
    if wasClean { lock.clear(last: last ?? lock.list.marks.last { $0.name == lastName }) }
  }

  /// Lets files go. The caller synced before; one without a name stays until its content is saved.
  func drop(_ condition: (ArchiveFile) -> Bool) {
    if let last = files.last { closedEnd = last.end }
    files.removeAll { condition($0) && !$0.isRemoved }
    updateLock()
  }
}
