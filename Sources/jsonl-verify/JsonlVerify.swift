import Plumbing

/// Checks archives: an independent witness of what the sink promises.
enum JsonlVerify: Tool {
  static let name = "jsonl-verify"

  static let help = """
    usage: jsonl-verify [option]... [FILE|FOLDER]... [<records]
           jsonl-verify --dedupe [FILE]... >each-record-once

    Reads archives (a folder stands for its *.jsonl files in name order) and reports, for each file and in all:
    lines, bytes, malformed lines with file, line and offset, run_ids seen before, times that go back, recorded
    gaps by reason, and a last line without line feed. Lines are PatternRecords or plain snapshots.

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

    Compressed archives: zstd -dc observer_20260730_0900.jsonl.zst | jsonl-verify
    Exit status: 0 nothing found (gaps are records, not damage); 64 usage; 65 malformed or duplicate lines, times
    that go back, or an unfinished last line; 74 a file cannot be read, or output failed.

    Example: jsonl-verify --format table config/observer
    """

  static let options = JsonlVerifyOptions.specs

  static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    var verifier = Verifier(try JsonlVerifyOptions(arguments), log: log)
    return try verifier.run()
  }
}
