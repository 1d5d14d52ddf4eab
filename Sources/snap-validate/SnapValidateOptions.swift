import Filters
import Plumbing

extension SnapValidate {
  static let options = FilterOptions.specs + [.flag("plain")]

  static let help = """
    usage: snap-validate [option]... <snapshots >valid-snapshots

    Checks ObservationSnapshots, one JSON object a line, against the contract and passes the good ones on with
    "validation":{"severity":"INFO"} appended; every other byte stays as it came.

      --emit pass|blocked|all  which snapshots go to stdout (pass); blocked ones carry errors and details
      --plain                  lines go out exactly as they came in, without a verdict
      --unwrap                 input lines are PatternRecords: take their "snapshot"
      --rejects FILE           append every reject with its verdict to FILE; a full disk is waited for
      --strict                 stop with status 65 at the first reject
      --max-line BYTES         refuse longer lines (16777216)
      --grace SECONDS          on SIGTERM go on until the input ends, at most this long (10)
      --metrics FILE           keep metrics in FILE, every 5 s (OBSERVER_METRICS_DIR/snap-validate.prom)
      --log-level LEVEL        debug, info, warning, error (info; OBSERVER_LOG_LEVEL)
      --log-format FORMAT      text, json (text; OBSERVER_LOG_FORMAT)
      --help, --version

    Signals: SIGTERM and SIGINT drain the pipe, a second one ends at once; SIGHUP opens the rejects file again;
    SIGUSR1 syncs the rejects and writes the account to stderr, as every end does:
    in = out + rejected + blank + unwritten; rejects_unwritten are those of the rejects that are not on the disk.
    Exit status: 0 done, rejects included; 64 usage; 65 a reject under --strict; 73 the rejects file cannot be
    opened, nothing was read; 74 input or output failed; 128+N stopped by signal N.

    Example: what is wrong with yesterday's snapshots?
      snap-validate --emit blocked <snapshots.jsonl | jq -r '.validation.errors[]' | sort | uniq -c
    """
}
