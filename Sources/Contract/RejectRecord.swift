import JSONBytes

/// A line that was set aside: who refused it, why, and the line itself, so that nothing is lost.
public enum RejectRecord {
  /// Appends `{"stage":…,"line":…,"file":…,"verdict":…,` and what holds the input, with a line feed.
  ///
  /// `input` takes the value as it is where every reader can; `input_text` a line that is not JSON, or whose
  /// numbers overflow in readers; `input_base64` a line that is not UTF-8.
  /// - Parameters:
  ///   - file: the input that the line is of, where one was named; nil: the record has no `file`.
  ///   - fullLength: the line's length where `line` is only its beginning, else 0.
  public static func append(
    stage: StaticString, number: Int, file: String? = nil, line: UnsafeBufferPointer<UInt8>, isJSON: Bool,
    fullLength: Int = 0,
    to out: inout ByteBuffer, verdict: (inout ByteBuffer) -> Void
  ) {
    out.append("{\"stage\":\"")
    out.append(stage)
    out.append("\",\"line\":")
    out.append(decimal: number)
    if let file {
      out.append(",\"file\":")
      out.append(jsonString: file)
    }
    out.append(",\"verdict\":")
    verdict(&out)
    if fullLength > 0 {
      out.append(",\"truncated\":true,\"input_bytes\":")
      out.append(decimal: fullLength)
    }
    if isJSON {
      out.append(",\"input\":")
      out.append(line)
    } else {
      out.append(unknown: line, as: "input")
    }
    out.append("}\n")
  }

  /// Appends the verdict of a line that could not be taken at all.
  public static func appendVerdict(error: String, to out: inout ByteBuffer) {
    out.append("{\"severity\":\"BLOCK\",\"errors\":[")
    out.append(jsonString: error)
    out.append("],\"details\":{}}")
  }
}
