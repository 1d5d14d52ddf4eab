import Glibc
import Plumbing

/// What a power cut leaves when the disk had the end of a file before what comes in front of it: a hole, which reads as
/// NUL, and whole lines behind it. A block that was on the disk when it was not full yet reads as NUL from there to its
/// end, and is no hole to the file system.
///
/// None of it was promised: a sync that covers the lines behind a hole covers the hole. The file is cut off at the
/// line that the hole is in; whole lines behind it go to a file of their own, which is on disk before, and the rest to
/// the rejects. A start that is killed on the way does all of it again, into the same file.
extension TailRepair {
  /// Where a line, which starts at `offset` in the file and is no record, turns into the unwritten rest of a block: a run
  /// of NULs that ends where a sector does. NULs that another program wrote end anywhere, and stay.
  static func tornBlock(in bytes: UnsafeBufferPointer<UInt8>, at offset: Int64) -> Int64? {
    let sector: Int64 = 512
    var at = bytes.firstIndex(of: 0)
    while let start = at {
      let end = bytes[start...].firstIndex { $0 != 0 } ?? bytes.count
      if (offset + Int64(end)) % sector == 0 { return offset + Int64(start) }
      at = bytes[end...].firstIndex(of: 0)
    }
    return nil
  }

  func cutOff(_ file: ArchiveFile, atHole hole: Int64, _ result: inout Result) throws {
    let start = try Files.scanBack(file.descriptor, 0..<hole, path: file.path) { $0 == 0x0A }
    let name = ArchiveLayout.recoveredName(of: file.name, at: start)
    let range = start..<file.end
    let (whole, damaged) = try salvage(file, range, to: name)
    guard try file.removeTail(range) else {
      // What cannot be cut off keeps its lines.
      unlink(directory + "/" + name)
      result.foundDamage = true
      log.warning("\(file.path): a hole at offset \(hole) stays, because the file cannot be shortened")
      return
    }
    guard Files.sync(file.descriptor) else { throw SystemError("sync \(file.path)") }
    result.repairedBytes += range.upperBound - range.lowerBound
    result.foundDamage = true
    log.warning(
      "\(file.path): torn from offset \(start) on, with a hole at \(hole): \(damaged) fragments moved to rejects/, "
        + (whole > 0 ? "\(whole) whole lines behind them to \(name)" : "no whole line behind them"))
  }

  /// Copies the whole lines of a range to `name`, durably, and puts the others away; how many of each.
  private func salvage(
    _ file: ArchiveFile, _ range: Range<Int64>, to name: String
  ) throws -> (whole: Int, damaged: Int) {
    let path = directory + "/" + name
    var target: Int32 = -1
    defer { if target >= 0 { close(target) } }
    var whole = 0
    var damaged = 0
    try forEachLine(of: file, in: range) { offset, bytes in
      guard let start = bytes.baseAddress, rules.isWhole(bytes) else {
        damaged += try putAway(bytes, of: file, at: offset)
        return
      }
      if target < 0 {
        target = try Files.open(path, O_WRONLY | O_CREAT | O_TRUNC)
        fchmod(target, 0o644)
      }
      try System.write(target, start, count: bytes.count, name: path)
      try System.write(target, [0x0A], count: 1, name: path)
      whole += 1
    }
    if target >= 0 {
      guard Files.sync(target) else { throw SystemError("sync \(path)") }
      try Files.syncDirectory(directory)
    }
    return (whole, damaged)
  }

  /// Puts away what is between runs of NULs, each with the run behind it; how many fragments these are.
  private func putAway(
    _ bytes: UnsafeBufferPointer<UInt8>, of file: ArchiveFile, at offset: Int64
  ) throws -> Int {
    var count = 0
    var at = 0
    while at < bytes.count {
      let end = bytes[at...].firstIndex(of: 0) ?? bytes.count
      let next = bytes[end...].firstIndex { $0 != 0 } ?? bytes.count
      try rules.quarantine(
        Fragment(
          file: file.name, offset: offset + Int64(at), bytes: UnsafeBufferPointer(rebasing: bytes[at..<end]),
          nulls: Int64(next - end)))
      count += 1
      at = next
    }
    return count
  }
}
