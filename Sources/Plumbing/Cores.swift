import Glibc

extension System {
  /// Processor cores that this process may use, 1 at least: `taskset` and a container's set of cores count.
  public static var availableCores: Int {
    let status = SmallFile.text("/proc/self/status") ?? ""
    return max(1, cores(allowed: status) ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// Cores in the mask of `/proc/self/status`: `Cpus_allowed:	3`, `ff,ffffffff`.
  static func cores(allowed status: String) -> Int? {
    let name = "Cpus_allowed:"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
    return line.dropFirst(name.count).reduce(0) { $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount }
  }
}
