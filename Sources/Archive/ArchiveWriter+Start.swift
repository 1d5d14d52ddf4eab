import Glibc
import Plumbing

/// What the last writers left: every data file that may be torn is looked at before a line is read.
///
/// Which these are, the lock file lists (see `OpenList`). Where its list cannot be believed, or a listed file is not
/// there (it goes by another name now), every data file of the folder is looked at, whatever its base name. The newest
/// ones are looked at always. To look costs one byte at the end, so an archive of years starts at once, too.
extension ArchiveWriter {
  /// How many files, newest by name and newest by time of change, are looked at whatever the list says.
  private static let newest = 16

  /// Repairs what is torn, except in `current`, which is opened anyway; whether all others are whole and on disk now.
  func repairLeftOvers(except current: String) throws(ToolFailure) -> Bool {
    var isComplete = lock.left.isComplete
    var othersAreClean = true
    for mark in lock.left.marks where mark.name != current {
      switch try repairLeftOver(mark.name, durable: mark.offset) {
      case .clean: break
      case .missing: isComplete = false
      case .unknown: othersAreClean = false
      }
    }
    if lock.left.marks.contains(where: { $0.name == current }), !exists(current) { isComplete = false }
    do {
      var listed = Set(lock.left.marks.map(\.name))
      if let closed = lock.left.closed, closed.name != current, listed.insert(closed.name).inserted {
        // It may have been compressed or moved since.
        if try repairLeftOver(closed.name, durable: closed.offset) == .unknown { othersAreClean = false }
      }
      // Whatever their base name: another sink may have written here before.
      let names = try Files.names(in: layout.directory).filter {
        DataFileName.split($0)?.form == .plain && $0 != current && !listed.contains($0)
      }
      for name in isComplete ? newest(of: names) : names {
        if try lookAt(name, isKnown: isComplete) == .unknown { othersAreClean = false }
      }
      // Whole they are; on the disk, too, before the list says so.
      if !isComplete && syncs { try Files.syncFileSystem(of: layout.directory) }
    } catch let failure as ToolFailure {
      throw failure
    } catch {
      log.warning("\(error); the next start looks at every data file again")
      othersAreClean = false
    }
    return othersAreClean
  }

  /// Puts this run's list in the place of the last one, which says no less: it comes to the disk with the first file
  /// that is opened. Only a run without syncs has to take the word of a former one back at once.
  func beginList(othersAreClean: Bool) throws(ToolFailure) {
    var new = OpenList()
    new.isComplete = syncs && othersAreClean
    new.marks = files.map { DurableMark(name: $0.name, offset: $0.durable) }
    new.closed = lock.left.closed.flatMap { closed in openNames.contains(closed.name) ? nil : closed }
    do {
      try lock.replace(new, durably: !syncs && lock.left.isComplete)
    } catch {
      throw ToolFailure(.cannotCreate, "\(error)\(ArchiveFolder.wayOut(error.code, layout.lock))")
    }
  }

  private enum LeftOver { case clean, missing, unknown }

  private func exists(_ name: String) -> Bool { ((try? Files.identity(at: layout.path(name))) ?? nil) != nil }

  private func newest(of names: [String]) -> [String] {
    var newest = Set(names.sorted().suffix(Self.newest))
    guard names.count > newest.count else { return names }
    let changed = names.map { name in
      (name, ((try? Files.identity(at: layout.path(name))) ?? nil)?.modified ?? .max)
    }
    newest.formUnion(changed.sorted { $0.1 < $1.1 }.suffix(Self.newest).map(\.0))
    return Array(newest)
  }

  /// Looks at the end of a file that is not on the list, and repairs it if that is not a line's.
  ///
  /// - Parameter isKnown: whether it has no business to be torn, as the list says. Otherwise it may have a hole.
  private func lookAt(_ name: String, isKnown: Bool) throws(ToolFailure) -> LeftOver {
    let path = layout.path(name)
    do {
      guard let identity = try Files.identity(at: path) else { return .clean }
      // A link or a folder is no data file: nothing was ever written through it.
      guard identity.isRegular else { return .clean }
      let descriptor = try Files.open(path, O_RDONLY)
      defer { close(descriptor) }
      let size = try Files.identity(descriptor, path: path).size
      var last: UInt8 = 0x0A
      if size > 0 { _ = try Files.read(descriptor, into: &last, count: 1, at: size - 1, path: path) }
      let hasHole = !isKnown && Files.seek(descriptor, data: false, from: 0, size: size) < size
      if last == 0x0A && !hasHole { return .clean }
    } catch {
      log.warning("\(error); its last line was not checked")
      return .unknown
    }
    return try repairLeftOver(name, durable: nil)
  }

  private func repairLeftOver(_ name: String, durable: Int64?) throws(ToolFailure) -> LeftOver {
    let path = layout.path(name)
    do {
      let file = try ArchiveFile(path: path, name: name, window: nil, create: false)
      if durable == nil, try isGrowing(file) {
        log.warning("\(path) is being written by another program; its last line was not checked")
        return .unknown
      }
      note(try repair.run(file, durable: durable))
      return .clean
    } catch ArchiveFile.OpenFailure.missing {
      return .missing
    } catch let failure as ArchiveFile.OpenFailure {
      log.warning("\(failure.asError(path)); its last line was not checked")
      return .unknown
    } catch {
      throw ToolFailure(.cannotCreate, "cannot repair \(path): \(error)")
    }
  }

  /// Whether another program is writing a file that no sink left, such as a copy into the folder.
  private func isGrowing(_ file: ArchiveFile) throws(SystemError) -> Bool {
    for _ in 0..<4 {
      usleep(50_000)
      if try Files.identity(file.descriptor, path: file.path).size != file.end { return true }
    }
    return false
  }

  /// Opens the data file that is in use now, if there is one, and repairs it; false when there is no room for that.
  func openExisting(_ name: String, _ window: Rotation.Window?) throws(ToolFailure) -> Bool {
    let path = layout.path(name)
    do {
      let file = try ArchiveFile(path: path, name: name, window: window, create: false)
      try file.refuseStandardStream()
      let durable = lock.left.offset(of: name)
      // Without room it is opened, and repaired, when there is some, before the first line goes into it.
      guard try listIfThereIsRoom(file) else { return false }
      note(try repair.run(file, durable: durable))
      use(file)
      return true
    } catch ArchiveFile.OpenFailure.missing {
      return true
    } catch let failure as ArchiveFile.OpenFailure {
      throw failure.asRefusal(path)
    } catch {
      throw ToolFailure(.cannotCreate, "cannot repair \(path): \(error)")
    }
  }
  private func listIfThereIsRoom(_ file: ArchiveFile) throws(SystemError) -> Bool {
    do {
      try list(file)
      return true
    } catch {
      if [ENOSPC, EDQUOT].contains(error.code) { return false }
      throw error
    }
  }
}
