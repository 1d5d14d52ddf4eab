import Plumbing

/// What became of a filter's lines: `in = out + rejected + blank + unwritten`.
struct FilterAccount {
  /// Lines that passed. Those that `--emit blocked` leaves out are among them.
  var passed = 0
  /// Lines that were refused.
  var rejected = 0
  /// Lines without content.
  var blank = 0
  /// Lines that were read but not passed on, because the filter failed.
  var unwritten = 0
  /// Refused lines that are not in the rejects file, though one was asked for.
  var lostRejects = 0
  /// Bytes on standard output.
  var bytesOut = 0

  /// Lines that had passed when standard output last took all of them.
  private var settled = 0

  /// Standard output took what passed.
  mutating func settle() { settled = passed }

  /// Standard output failed with `linesLeft` lines that it has not taken; with `--emit all` refused ones may be
  /// among them.
  mutating func settle(linesLeft: Int, _ emit: Emit) {
    let lost = emit == .blocked ? 0 : min(linesLeft, passed - settled)
    passed -= lost
    unwritten += lost
    settled = passed
  }

  /// The line that ends every run and answers SIGUSR1; what is not said is 0.
  func text(read: Int, bytesIn: Int) -> String {
    "in=\(read) out=\(passed) rejected=\(rejected) blank=\(blank)"
      + (unwritten > 0 ? " unwritten=\(unwritten)" : "")
      + (lostRejects > 0 ? " rejects_unwritten=\(lostRejects)" : "")
      + " bytes_in=\(bytesIn) bytes_out=\(bytesOut)"
  }
}
