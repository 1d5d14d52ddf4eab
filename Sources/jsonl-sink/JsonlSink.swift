import Archive
import Configuration
import Glibc
import Plumbing

enum JsonlSink: Tool {
  static let name = "jsonl-sink"

  static let help = """
    usage: jsonl-sink [options] < records > the same records, once they are in the archive

    Appends each line, one whole JSON object, to <archive dir>/observer.jsonl and then passes it on, like tee.
    What is no JSON object goes to <archive dir>/rejects/jsonl-sink.jsonl. One sink at a time holds an archive.

    Where:
      --dir DIR          archive folder; else $OBSERVER_CONFIG_DIR/observer, paths.config_dir of the config file,
                         <root>/config/observer (QTS_OBSERVER_STANDALONE=1: root is above the executable)
      --print-dir        print the folder that would be used, and end
      --base-name NAME   start of the data files' names (observer)
      --config FILE      configuration file (OBSERVER_CONFIG_FILE, <root>/config/deployment_config.json)
    How:
      --rotate LENGTH    a file for each 60s, 5m, 1h, 1d (off): NAME_YYYYMMDD_HHMM.jsonl, from KST midnight
      --rotate-by TIME   clock, or event: the snapshot's meta.timestamp_ms (clock)
      --sync WHEN        interval: within 1 s; each: before lines are passed on; none (interval)
      --full-timeout S   give up after S seconds of a full disk (wait for ever)
      --max-line BYTES   longest line (16777216); a longer one is rejected
      --grace S          after SIGTERM or SIGINT, drain the input at most S seconds (10)
      --stdout-timeout S go on without a reader that takes nothing for S seconds, until it does (5; 0: wait)
    Output:
      --metrics FILE     keep metrics in FILE, every 5 s (OBSERVER_METRICS_DIR/jsonl-sink.prom)
      --quiet            pass nothing on
      --receipts         instead of lines, {"durable_lines":N,"file":"...","offset":N} after each sync
      --log-level L, --log-format F, --help, --version

    A receipt on stderr ends the run (and answers SIGUSR1): in = durable + rejected + unwritten + blank;
    not_passed: archived lines that stdout did not take. SIGHUP closes and opens the files again.
    Exit codes: 0 all durable, 64 usage, 65 lines rejected, or the archive was found or made damaged,
    73 cannot open, nothing read, 74 I/O error, 75 locked by another sink, 78 configuration, 128+N signal

    Example: snap-enrich < snapshots.jsonl | jsonl-sink --dir /data/observer --rotate 1d --quiet
    """

  static let options: [OptionSpec] =
    Settings.options + [
      .value("dir"), .flag("print-dir"), .value("base-name"), .value("rotate"), .value("rotate-by"),
      .value("sync"), .value("full-timeout"), .value("stdout-timeout"), .value("max-line"), .value("grace"),
      .flag("quiet"), .flag("receipts"), Metrics.option,
    ]

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    let settings = try Settings(arguments)
    let options = try JsonlSinkOptions(arguments, settings)
    let log = try settings.log(stage: name)
    for warning in settings.warnings { log.warning(warning) }
    let place = try settings.archiveDirectory()
    if arguments.flag("print-dir") {
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
      syncs: options.sync != .none, rules: rules, log: log, now: Clocks.wallMilliseconds())
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
