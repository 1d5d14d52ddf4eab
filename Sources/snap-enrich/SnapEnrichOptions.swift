import Filters
import Plumbing
import Contract

extension SnapEnrich {
  static let options =
    FilterOptions.specs + [.value("session-id"), .value("mode"), .value("clock")]

  static let help = """
    usage: snap-enrich [option]... <guarded-snapshots >pattern-records

    Turns snapshots into PatternRecords (record schema v1.1.0): the snapshot byte for byte, the verdicts of
    snap-validate and snap-guard moved into "metadata", quality flags, counts and a summary beside them.

      --session-id ID          the record's session (OBSERVER_SESSION_ID, else the snapshot's own)
      --mode MODE              the record's mode (OBSERVER_MODE, else the snapshot's own)
      --clock now|event|TIME   generated_at: now, the snapshot's timestamp (replays give the same bytes every
                               time), or an ISO time such as 2026-07-30T09:00:00.000+09:00 (now)
      --emit pass|blocked|all  pass and all write every record; blocked writes none, only --rejects (pass)
      --unwrap                 input lines are PatternRecords: take their "snapshot"
      --rejects FILE           append every line that is no snapshot to FILE; a full disk is waited for
      --strict                 stop with status 65 at the first reject
      --max-line BYTES         refuse longer lines (16777216)
      --grace SECONDS          on SIGTERM go on until the input ends, at most this long (10)
      --metrics FILE           keep metrics in FILE, every 5 s (OBSERVER_METRICS_DIR/snap-enrich.prom)
      --log-level LEVEL        debug, info, warning, error (info; OBSERVER_LOG_LEVEL)
      --log-format FORMAT      text, json (text; OBSERVER_LOG_FORMAT)
      --help, --version

    Signals: SIGTERM and SIGINT drain the pipe, a second one ends at once; SIGHUP opens the rejects file again;
    SIGUSR1 syncs the rejects and writes the account to stderr, as every end does:
    in = out + rejected + blank + unwritten; rejects_unwritten are those of the rejects that are not on the disk.
    Exit status: 0 done, rejects included; 64 usage; 65 a reject under --strict; 73 the rejects file cannot be
    opened, nothing was read; 74 input or output failed; 128+N stopped by signal N.

    Example: snap-validate <snapshots.jsonl | snap-guard | snap-enrich --clock event >records.jsonl
    """

  /// Reads `--clock`.
  static func clock(_ arguments: Arguments) throws(ToolFailure) -> RecordClock {
    switch arguments.value("clock") ?? "now" {
    case "now": return .now
    case "event": return .event
    case let time where isISOTime(time): return .fixed(time)
    case let other:
      throw ToolFailure(.usage, "--clock takes now, event or an ISO time with a zone, not '\(other)'")
    }
  }

  /// `YYYY-MM-DDTHH:MM:SS`, optional fraction, `Z` or `±HH:MM`.
  private static func isISOTime(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, matches(bytes[..<19], "dddd-dd-ddTdd:dd:dd") else { return false }
    var rest = bytes[19...]
    if rest.first == 0x2E {
      let fraction = rest.dropFirst().prefix { isDigit($0) }
      if fraction.isEmpty { return false }
      rest = rest[fraction.endIndex...]
    }
    guard matches(rest, "Z") || matches(rest, "+dd:dd") || matches(rest, "-dd:dd") else { return false }
    func number(_ from: Int) -> Int { Int(bytes[from] - 0x30) * 10 + Int(bytes[from + 1] - 0x30) }
    return (1...12).contains(number(5)) && (1...31).contains(number(8)) && number(11) < 24 && number(14) < 60
      && number(17) <= 60
  }

  /// `d` in the pattern stands for a digit, everything else for itself.
  private static func matches(_ bytes: ArraySlice<UInt8>, _ pattern: String) -> Bool {
    bytes.count == pattern.utf8.count
      && zip(bytes, pattern.utf8).allSatisfy { $1 == 0x64 ? isDigit($0) : $0 == $1 }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
