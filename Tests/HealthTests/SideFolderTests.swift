import Foundation
import TestSupport
import Testing

@testable import Health

/// Logs and rejects that nothing rotates are named long before they fill the disk, with a command that rotates them.
@Suite struct SideFolders {
  private func facts(_ bytes: Int, disk: Int, name: String = "logs") -> HealthFacts {
    var facts = HealthRulesTests.healthy()
    facts.rotation = "/opt/share/observer/logrotate.conf"
    let folder = SideFolder(path: "/data/observer/x", bytes: bytes, diskBytes: disk)
    if name == "logs" { facts.logFolder = folder } else { facts.rejectsFolder = folder }
    return facts
  }

  @Test(arguments: ["logs", "rejects"]) func limits(name: String) throws {
    let mebibyte = 1 << 20
    for (bytes, disk, isMuch) in [
      (1024 * mebibyte, 1 << 40, false), (1025 * mebibyte, 1 << 40, true),
      (100 * mebibyte, 2048 * mebibyte, false),
      (103 * mebibyte, 2048 * mebibyte, true), (64 * mebibyte, 100 * mebibyte, false),
      (65 * mebibyte, 100 * mebibyte, true),
      (0, 0, false),
    ] {
      let report = HealthReport(facts(bytes, disk: disk, name: name))
      #expect(report.warnings.map(\.name) == (isMuch ? [name] : []), "\(bytes) of \(disk)")
      #expect(report.isHealthy)
    }
  }

  /// In the archive, and where OBSERVER_LOG_DIR has put them.
  @Test(arguments: [false, true]) func theFixRotatesAsItStands(isElsewhere: Bool) throws {
    let archive = try Tool.temporaryFolder("o o's")
    try FileManager.default.createDirectory(
      atPath: archive + "/.run", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    let log = isElsewhere ? try Tool.temporaryFolder("l l's") : archive + "/.run/log"
    try FileManager.default.createDirectory(
      atPath: log, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    try Data(count: 100_000).write(to: URL(fileURLWithPath: log + "/kis-fetch.log"))
    try FileManager.default.createSymbolicLink(atPath: log + "/link.log", withDestinationPath: "/dev/zero")
    let folder = try #require(SideFolder.look(log))
    #expect(folder.bytes >= 100_000 && folder.bytes < 200_000 && folder.diskBytes > folder.bytes)
    try FileManager.default.removeItem(atPath: log + "/link.log")
    #expect(SideFolder.look(archive + "/none") == nil)
    var facts = facts(2 << 30, disk: 1 << 40)
    facts.directory = archive
    facts.rotation = Tool.repository.path + "/config/logrotate.conf"
    facts.logFolder = SideFolder(path: log, bytes: 2 << 30, diskBytes: 1 << 40)
    let fix = try #require(HealthReport(facts).warnings.first).fix
    guard FileManager.default.isExecutableFile(atPath: "/usr/sbin/logrotate") else { return }
    let run = try Tool.run("bash", ["-c", "export PATH=$PATH:/usr/sbin; umask 022; \(fix)"])
    #expect(run.status == 0, "\(fix): \(run.errText)")
    #expect(FileManager.default.fileExists(atPath: log + "/kis-fetch.log.1"))
  }
}
