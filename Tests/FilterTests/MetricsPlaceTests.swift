import Foundation
import TestSupport
import Testing

/// Metrics that cannot be kept where they were asked for: the stage says so, works, and leaves nothing beside them.
@Suite struct MetricsPlace {
  @Test(
    arguments: ["m", "m.new", "m.prev", "m.prev.new", "m.words", "m.pid"],
    ["folder", "fifo", "link", "device"])
  func placeThatIsNoFile(_ name: String, _ kind: String) throws {
    if kind == "device" && getuid() != 0 { return }
    let folder = try Tool.temporaryFolder("metrics")
    let place = folder + "/" + name
    switch kind {
    case "folder": try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
    case "fifo": #expect(mkfifo(place, 0o600) == 0)
    case "link": try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: "/dev/null")
    default: #expect(mknod(place, S_IFCHR | 0o666, 0x103) == 0)
    }
    let run = try Tool.run(
      "snap-validate", ["--plain", "--metrics", folder + "/m"], text: Sample.good + "\n", timeout: 20)
    #expect(run.status == 0 && run.lines == [Sample.good])
    let warnings = run.errText.split(separator: "\n").filter {
      $0.contains("no metrics: cannot open \(place): it is a")
    }
    #expect(warnings.count == 1, "\(run.errText)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [name])
  }

  @Test func noNameAtAll() throws {
    let folder = try Tool.temporaryFolder("metrics")
    let run = try Tool.run(
      "snap-validate", ["--plain", "--metrics="], text: Sample.good + "\n", in: folder, timeout: 20)
    #expect(run.status == 0 && run.errText.contains("no metrics: cannot open "), "\(run.errText)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
  }
}
