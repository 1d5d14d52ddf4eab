extension String {
  /// The folder that holds what this path names: `/` for what stands at the top, `.` for a bare name.
  public var parentFolder: String {
    let joined = split(separator: "/").dropLast().joined(separator: "/")
    if hasPrefix("/") { return "/" + joined }
    return joined.isEmpty ? "." : joined
  }
}
