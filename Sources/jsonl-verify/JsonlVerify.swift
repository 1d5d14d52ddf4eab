import Plumbing

/// Checks archives: an independent witness of what the sink promises.
enum JsonlVerify: Tool {
  static let name = "jsonl-verify"

  static let help = """
    usage: jsonl-verify [option]... [FILE|FOLDER|-]... [<records]
           jsonl-verify --dedupe [FILE|FOLDER|-]... >each-record-once

    Reads archives and reports, for each file and in all: lines, bytes, malformed lines with file, line and offset,
    run_ids seen before, times that go back, recorded gaps by reason, a last line without line feed, and files that
    cannot be read. Lines are PatternRecords or plain snapshots. A folder stands for its *.jsonl, *.jsonl.zst and
    *.jsonl.gz files in the order of their names. FILE.zst and FILE.gz are read through zstd(1) and gzip(1); bytes,
    lines and offsets count in what these give.

      --dedupe         pass every record on, but each run_id only once (delivery is at least once); malformed
                       lines are left out; the report goes to stderr
      --order all|symbol|none
                       times may not go back at all, within a symbol, or are not compared (all)
      --format json|table
                       a JSON object a line, or columns (table on a terminal)
      --details N      list at most N findings of a kind in a file; all are counted (100)
      --max-ids N      run_ids to remember, in 16-byte slots that are half full on average; those beyond are
                       counted as "ids_unchecked" (134217728, 4 GiB at most); 0 looks for no duplicates
      --max-line BYTES longest line (16777216)
      --log-level L, --log-format F, --help, --version

    Exit status: 0 all read and nothing found (gaps are records, not damage); 64 usage; 65 malformed or duplicate
    lines, times that go back, an unfinished last line, a corrupt compressed file; 74 a file cannot be read, its
    program is not installed, or output failed.

    Example: jsonl-verify --format table config/observer
    """

  static let options = JsonlVerifyOptions.specs

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    var verifier = Verifier(try JsonlVerifyOptions(arguments), log: log)
    return try verifier.run()
  }
}
