import Archive
import Configuration
import Glibc
import Plumbing

enum JsonlSink: Tool {
  static let name = "jsonl-sink"

  static let manual = JsonlSinkOptions.manual

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    let settings = try Settings(arguments)
    let options = try JsonlSinkOptions(arguments, settings)
    let log = try settings.log(stage: name)
    for warning in settings.warnings { log.warning(warning) }
    let place = try settings.archiveDirectory()
    if arguments[JsonlSinkOptions.printDirectory] {
      var line = place.path + "\n"
      try line.withUTF8 { bytes throws in
        if let start = bytes.baseAddress { try StandardOutput.write(start, count: bytes.count) }
      }
      return .done
    }
    Metrics.begin(arguments, stage: name, log: log)
    try checkInput()
    let layout = try options.layout(in: place.path)
    // A reader that leaves has to come back as an error, not as the end.
    Signals.ignore(SIGPIPE)
    Signals.note([SIGTERM, SIGINT, SIGHUP, SIGUSR1])
    try ArchiveFolder.prepare(place.path, levels: place.levels)
    let quarantine = Quarantine(layout: layout, name: name + ".jsonl", log: log)
    let rules = RecordProbe.rules(quarantine, longestLine: options.maxLine)
    let writer = try ArchiveWriter(
      layout: layout, rotation: options.rotation, openLimit: options.byEvent ? 4 : 1,
      syncs: options.sync != .none, rules: rules, log: log, now: Clocks.wall())
    try quarantine.prepare()
    try ArchiveFolder.reserveDescriptors()
    log.debug("archiving into \(place.path) (\(place.origin))")
    var sink = Sink(options, writer: writer, quarantine: quarantine, log: log)
    return sink.run()
  }

  /// A sink without input would end at once and look like one whose input was empty.
  private static func checkInput() throws(ToolFailure) {
    var status = stat()
    let flags = fcntl(0, F_GETFL)
    guard flags >= 0, flags & O_ACCMODE != O_WRONLY else {
      throw ToolFailure(.ioError, "standard input is closed: there is nothing to archive; pipe records in")
    }
    if fstat(0, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw ToolFailure(.ioError, "standard input is a folder: give a file or a pipe")
    }
  }
}
