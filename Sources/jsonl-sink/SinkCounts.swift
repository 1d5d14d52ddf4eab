import JSONBytes
import Plumbing

/// What the sink answers for. Each counter moves only after the write or the sync that it tells of.
struct SinkCounts {
  /// Lines read.
  var read = 0
  /// Lines in data files.
  var stored = 0
  /// Lines in data files that were synced (with `--sync none`: written) and still stood there afterwards.
  var durable = 0
  /// Lines in the rejects file.
  var rejected = 0
  /// Empty lines.
  var blank = 0
  /// Lines in data files that stdout did not take.
  var notPassed = 0
  /// Bytes in data files.
  var bytes = 0

  /// Lines that are neither durable nor anywhere else: still on the way, or lost at the end.
  var unwritten: Int { read - durable - rejected - blank }

  /// The receipt: one line of JSON. `rc` is nil while the sink runs.
  func receipt(repairedBytes: Int64, file: String, endOffset: Int64, rc: Int32?) -> String {
    var text = ByteBuffer(capacity: 256)
    let numbers: [(StaticString, Int)] = [
      ("{\"in\":", read), (",\"durable\":", durable), (",\"rejected\":", rejected),
      (",\"unwritten\":", unwritten), (",\"blank\":", blank), (",\"not_passed\":", notPassed),
      (",\"repaired_bytes\":", Int(repairedBytes)), (",\"bytes\":", bytes),
    ]
    for (name, value) in numbers {
      text.append(name)
      text.append(decimal: value)
    }
    text.append(",\"file\":")
    text.append(jsonString: file)
    text.append(",\"end_offset\":")
    text.append(decimal: Int(endOffset))
    text.append(",\"rc\":")
    if let rc { text.append(decimal: Int(rc)) } else { text.append("null") }
    text.append(0x7D)
    return text.text
  }
}
