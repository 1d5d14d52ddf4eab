import Glibc
import KIS
import Plumbing

enum FetchReplay {
  static func run(_ file: String, _ options: FetchOptions, _ log: Log) throws -> ExitStatus { .done }
}
