import JSONBytes

/// What the rules found wrong with one snapshot. Empty, and no memory touched, for a good one.
public struct ValidationReport: ~Copyable {
  /// Errors found.
  public private(set) var errorCount = 0
  /// The first error: it names the reason that the line is counted under.
  public private(set) var firstError: ContractError?
  private var errors = ByteBuffer(capacity: 256)
  private var details = ByteBuffer(capacity: 256)

  /// Makes an empty report.
  public init() {}

  /// Whether no rule complained.
  @inline(__always)
  public var isClean: Bool { errorCount == 0 }

  /// Forgets the last snapshot's errors.
  @inline(__always)
  public mutating func removeAll() {
    if errorCount == 0 { return }
    errorCount = 0
    firstError = nil
    errors.removeAll()
    details.removeAll()
  }

  /// Adds an error.
  @inline(never)
  public mutating func add(_ error: ContractError) {
    if errorCount > 0 { errors.append(0x2C) } else { firstError = error }
    errors.append(jsonString: error.text)
    errorCount += 1
  }

  /// Adds a member to the verdict's details: a list of paths, already escaped for JSON strings.
  mutating func addDetail(_ name: String, paths: [[UInt8]]) {
    if !details.isEmpty { details.append(0x2C) }
    details.append(jsonString: name)
    details.append(":[")
    for (index, path) in paths.enumerated() {
      if index > 0 { details.append(0x2C) }
      details.append(0x22)
      details.append(path)
      details.append(0x22)
    }
    details.append(0x5D)
  }

  /// Appends the errors as a JSON array.
  public func appendErrors(to out: inout ByteBuffer) {
    out.append(0x5B)
    out.append(errors.bytes)
    out.append(0x5D)
  }

  /// Appends the verdict of a snapshot that failed.
  public func appendVerdict(to out: inout ByteBuffer) {
    out.append("{\"severity\":\"BLOCK\",\"errors\":")
    appendErrors(to: &out)
    out.append(",\"details\":{")
    out.append(details.bytes)
    out.append("}}")
  }

  /// The errors as text, for the log.
  public var errorsText: String {
    var text = ByteBuffer(capacity: 256)
    appendErrors(to: &text)
    return text.text
  }
}
