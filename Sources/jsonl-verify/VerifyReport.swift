import JSONBytes
import Plumbing

/// Writes findings as they come and the sums at the end: on stdout, or on stderr when stdout carries records.
struct VerifyReport: ~Copyable {
  private let format: ReportFormat
  private let descriptor: Int32
  private var buffer = ByteBuffer(capacity: 4096)
  private var rows: [[String]] = []

  init(_ options: JsonlVerifyOptions) {
    format = options.format
    descriptor = options.dedupes ? 2 : 1
  }

  /// Writes one finding.
  mutating func finding(_ finding: Finding) throws(ToolFailure) {
    switch format {
    case .json:
      buffer.append("{\"kind\":\"")
      buffer.append(text: finding.kind.rawValue)
      buffer.append("\",\"file\":")
      buffer.append(jsonString: finding.file)
      number("line", finding.line)
      number("offset", finding.offset)
      buffer.append(",\"reason\":")
      buffer.append(jsonString: finding.reason)
      buffer.append("}\n")
    case .table:
      let text =
        "\(finding.file):\(finding.line):\(finding.offset): \(finding.kind.rawValue): \(finding.reason)"
      buffer.append(text: text.printable + "\n")
    }
    if buffer.count > 1 << 16 { try flush() }
  }

  /// Writes the sums of one file (`name`), or of all (nil).
  mutating func sums(_ sums: Findings, file name: String?, files: Int = 1) throws(ToolFailure) {
    switch format {
    case .json: json(sums, name, files)
    case .table: row(sums, name ?? "total (\(files) files)")
    }
    try flush()
  }

  /// Writes what had to wait for all files.
  mutating func finish() throws(ToolFailure) {
    guard format == .table else { return }
    let titles = ["lines", "bytes", "bad", "dup", "back", "tail", "unread", "gaps", "first", "last", "file"]
    let all = [titles] + rows
    let widths = titles.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    for row in all {
      for (column, cell) in row.enumerated() {
        let pad = String(repeating: " ", count: widths[column] - cell.count)
        buffer.append(text: column == row.count - 1 ? cell : pad + cell + "  ")
      }
      buffer.append(0x0A)
    }
    try flush()
  }

  private mutating func json(_ sums: Findings, _ name: String?, _ files: Int) {
    if let name {
      buffer.append("{\"kind\":\"file\",\"file\":")
      buffer.append(jsonString: name)
    } else {
      buffer.append("{\"kind\":\"total\",\"files\":")
      buffer.append(decimal: files)
    }
    number("lines", sums.lines)
    number("bytes", sums.bytes)
    number("blank", sums.blank)
    number("malformed", sums.malformed)
    number("duplicates", sums.duplicates)
    number("backwards", sums.backwards)
    number("largest_step_back_ms", Int(sums.largestStepBack.count))
    number("without_id", sums.withoutID)
    number("ids_unchecked", sums.unchecked)
    number("unterminated", sums.unterminated)
    number("unreadable", sums.unreadable)
    number("corrupt", sums.corrupt)
    buffer.append(",\"gaps\":{")
    for (index, gap) in sums.gaps.sorted(by: { $0.key < $1.key }).enumerated() {
      if index > 0 { buffer.append(0x2C) }
      buffer.append(text: gap.key)
      buffer.append(0x3A)
      buffer.append(decimal: gap.value)
    }
    buffer.append(0x7D)
    time("first", sums.firstTime)
    time("last", sums.lastTime)
    buffer.append(",\"ok\":")
    buffer.append(text: sums.isClean ? "true" : "false")
    buffer.append("}\n")
  }

  private mutating func number(_ name: StaticString, _ value: Int) {
    buffer.append(",\"")
    buffer.append(name)
    buffer.append("\":")
    buffer.append(decimal: value)
  }

  private mutating func time(_ name: StaticString, _ value: Milliseconds?) {
    buffer.append(",\"")
    buffer.append(name)
    buffer.append("\":")
    if let value {
      buffer.append(jsonString: KST(value).iso)
    } else {
      buffer.append("null")
    }
  }

  private mutating func row(_ sums: Findings, _ name: String) {
    let stamps = [sums.firstTime, sums.lastTime].map {
      $0.map { String(KST($0).logStamp) } ?? "-"
    }
    let numbers = [
      sums.lines, sums.bytes, sums.malformed, sums.duplicates, sums.backwards, sums.unterminated,
      sums.unreadable + sums.corrupt, sums.gapCount,
    ]
    rows.append(numbers.map(String.init) + stamps + [name.printable])
  }

  private mutating func flush() throws(ToolFailure) {
    guard !buffer.isEmpty else { return }
    if descriptor == 1 {
      try StandardOutput.write(buffer.start, count: buffer.count)
    } else {
      // A report that cannot be written does not spoil the records.
      try? System.write(descriptor, buffer.start, count: buffer.count, name: "standard error")
    }
    buffer.removeAll()
  }
}
