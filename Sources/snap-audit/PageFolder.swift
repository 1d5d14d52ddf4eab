import Glibc
import Plumbing

/// The pages of days that stand in a folder.
enum PageFolder {
  /// The days, since 1970-01-01, of its `DATE.html`.
  ///
  /// - Throws: 74 when the folder cannot be read.
  static func days(in folder: String) throws(ToolFailure) -> Set<Int> {
    guard let entries = opendir(folder) else {
      throw ToolFailure(.ioError, "\(SystemError("list folder \(folder)")): see --pages")
    }
    defer { closedir(entries) }
    var days: Set<Int> = []
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".html"), let day = KST.day(ofDate: String(name.dropLast(5))) { days.insert(day) }
    }
    return days
  }
}
