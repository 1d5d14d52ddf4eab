import Glibc
import Plumbing

/// From operands to files.
enum ArchiveFiles {
  /// Puts a folder's `*.jsonl` files, in name order, in its place. Names of windows sort by time.
  static func expand(_ paths: [String]) throws(ToolFailure) -> [String] {
    var files: [String] = []
    for path in paths {
      var status = stat()
      if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        files += try archives(in: path)
      } else {
        files.append(path)
      }
    }
    return files
  }

  private static func archives(in folder: String) throws(ToolFailure) -> [String] {
    guard let entries = opendir(folder) else {
      throw ToolFailure(.ioError, "\(SystemError("list folder \(folder)"))")
    }
    defer { closedir(entries) }
    var names: [String] = []
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".jsonl") && !name.hasPrefix(".") { names.append(name) }
    }
    guard !names.isEmpty else {
      throw ToolFailure(
        .ioError, "no *.jsonl file in folder \(folder): name the archive's folder or its files")
    }
    return names.sorted().map { folder + "/" + $0 }
  }
}
