import Archive
import Glibc
import Plumbing

/// From operands to inputs, in the order in which they are read.
public enum InputList {
  /// Files as they are, `-` for standard input, and in a folder's place its data files in the order of their names,
  /// which for windows is that of time. Nothing named: standard input. What cannot be read is in the list too and says
  /// so when it is opened: it takes nothing else with it.
  public static func expand(_ operands: [String]) -> [Input] {
    guard !operands.isEmpty else { return [.standardInput] }
    let inputs = operands.flatMap(inputs)
    let names = Set(inputs.map(\.name))
    return inputs.map { input in
      // Where the compressed file is read anyway, it would be read twice.
      let isLone = input.name.hasSuffix(".jsonl") && !names.contains(input.name + Decompressor.zstd.suffix)
      return input.place == .file && isLone ? Input(name: input.name, place: .window) : input
    }
  }

  private static func inputs(_ operand: String) -> [Input] {
    if operand == "-" { return [.standardInput] }
    var status = stat()
    guard stat(operand, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      return [Input(name: operand, place: .file)]
    }
    do throws(InputFailure) { return try files(in: operand) } catch {
      return [Input(name: operand, place: .nowhere(error))]
    }
  }

  private static func files(in folder: String) throws(InputFailure) -> [Input] {
    let names = try names(in: folder).compactMap { name in
      DataFileName.split(name.shown).flatMap { split in
        DataFileName.Form.allCases.firstIndex(of: split.form).map { (split.stem, $0, name) }
      }
    }
    guard !names.isEmpty else { throw .emptyFolder(folder) }
    return names.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { entry in
      let path = folder + "/" + entry.2.shown
      guard entry.2.isText else { return Input(name: path, place: .nowhere(.notUTF8(path))) }
      var status = stat()
      // Nobody asked for this one by name: a pipe without a writer would be waited for for ever.
      let isFile = stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
      return Input(name: path, place: isFile ? .file : .nowhere(.irregular(path)))
    }
  }

  /// The entries' names, and whether they are text: one that is not UTF-8 is shown repaired, which names nothing.
  private static func names(in folder: String) throws(InputFailure) -> [(shown: String, isText: Bool)] {
    guard let entries = opendir(folder) else { throw .system(SystemError("list folder \(folder)")) }
    defer { closedir(entries) }
    var names: [(shown: String, isText: Bool)] = []
    errno = 0
    while let entry = readdir(entries) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
            (String(cString: $0), String(validatingCString: $0) != nil)
          }
        })
      errno = 0
    }
    guard errno == 0 else { throw .system(SystemError("list folder \(folder)")) }
    return names
  }
}
