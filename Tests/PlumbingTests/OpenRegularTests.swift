import Foundation
import Plumbing
import TestSupport
import Testing

/// What `openRegular` says about a path, nil when it opened it.
private func obstacle(_ path: String, _ flags: Int32) -> SystemError? {
  do {
    close(try System.openRegular(path, flags))
    return nil
  } catch { return error }
}

@Test(arguments: [O_RDONLY, O_WRONLY | O_APPEND | O_CREAT, O_RDWR | O_CREAT])
func onlyRegularFilesAreOpened(flags: Int32) throws {
  let folder = try Tool.temporaryFolder() + "/"
  mkdir(folder + "folder", 0o700)
  mkfifo(folder + "fifo", 0o600)
  symlink("nowhere", folder + "link")
  symlink("fifo", folder + "link to a fifo")
  try "x".write(toFile: folder + "file", atomically: false, encoding: .utf8)
  for (name, kind) in [
    ("folder", FileKind.folder), ("fifo", .fifo), ("link", .link), ("link to a fifo", .link),
  ] {
    guard let error = obstacle(folder + name, flags | O_NOFOLLOW) else {
      Issue.record("\(name) was opened")
      continue
    }
    #expect(error.obstacle == kind, "\(name): \(error)")
    #expect(error.description == "cannot open \(folder)\(name): it is \(kind.rawValue), not a regular file")
  }
  #expect(obstacle(folder + "link to a fifo", flags)?.obstacle == .fifo)
  #expect(obstacle("/dev/null", flags)?.obstacle == .device)
  #expect(obstacle(folder + "file", flags | O_NOFOLLOW) == nil)
  #expect(obstacle(folder + "no/file", flags)?.code == ENOENT)
}

@Test func aSocketIsNoRegularFile() throws {
  let folder = try Tool.temporaryFolder() + "/"
  let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(listener) }
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: (folder + "socket").utf8) }
  let bound = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  try #require(bound == 0)
  #expect(obstacle(folder + "socket", O_RDWR)?.obstacle == .socket)
}
