import JSONBytes

/// How a report reads.
extension HealthReport {
  /// A JSON object a check, and the verdict as the last line.
  public func ndjson(korean: Bool) -> String {
    var text = ByteBuffer(capacity: 4096)
    for check in checks {
      Self.append(check, to: &text)
      text.append(0x0A)
    }
    text.append("{\"check\":\"verdict\",\"ok\":")
    text.append(text: isHealthy ? "true" : "false")
    text.append(",\"first\":")
    if let first { text.append(jsonString: first.name) } else { text.append("null") }
    text.append(",\"detail\":")
    text.append(jsonString: verdict(korean: korean))
    text.append(",\"fix\":")
    text.append(jsonString: first?.fix ?? "")
    text.append("}\n")
    return text.text
  }

  /// All checks, or the broken ones, as a JSON array.
  public static func json(_ checks: [HealthCheck]) -> String {
    var text = ByteBuffer(capacity: 4096)
    text.append(0x5B)
    for (index, check) in checks.enumerated() {
      if index > 0 { text.append(0x2C) }
      append(check, to: &text)
    }
    text.append(0x5D)
    return text.text
  }

  private static func append(_ check: HealthCheck, to text: inout ByteBuffer) {
    text.append("{\"check\":")
    text.append(jsonString: check.name)
    text.append(text: ",\"ok\":\(check.ok.map { $0 ? "true" : "false" } ?? "null"),\"detail\":")
    text.append(jsonString: check.detail)
    text.append(",\"fix\":")
    text.append(jsonString: check.fix)
    if check.isWarning { text.append(",\"warning\":true") }
    text.append("}")
  }

  /// For a person at a terminal: a line a check, the first broken link last.
  public func table(korean: Bool) -> String {
    let width = checks.map(\.name.count).max() ?? 0
    var text = ""
    for check in checks {
      let mark = Self.mark(check, korean: korean)
      let name = check.name + String(repeating: " ", count: width - check.name.count)
      text += "\(mark)  \(name)  \(check.said(korean: korean))\n"
    }
    text += "\n"
    for warning in warnings {
      let said =
        korean ? "주의: \(warning.name) - \(warning.korean)." : "Warning: \(warning.name): \(warning.detail)."
      text += said + "\n" + (korean ? "조치: " : "Fix:  ") + warning.fix(korean: korean) + "\n"
    }
    text += verdict(korean: korean) + "\n"
    if let first { text += (korean ? "조치: " : "Fix:  ") + first.fix(korean: korean) + "\n" }
    return text
  }

  /// Six columns wide; a Korean letter takes two.
  private static func mark(_ check: HealthCheck, korean: Bool) -> String {
    switch check.ok {
    case nil: "  -   "
    case true? where check.isWarning: korean ? "주의  " : "warn  "
    case true?: korean ? "정상  " : "ok    "
    case false? where check.isConsequence: korean ? "(함께)" : "(down)"
    case false?: korean ? "끊김  " : "BROKEN"
    }
  }

  /// The first broken link in plain words.
  public func verdict(korean: Bool) -> String {
    guard let first else {
      if isResting {
        return korean
          ? "정상: 지금 기대되는 데이터가 없고 파이프라인은 정상 종료되었습니다."
          : "Healthy: nothing is expected now and the pipeline ended in order."
      }
      return korean ? "정상: 모든 고리가 이어져 있습니다." : "Healthy: every link holds."
    }
    return korean
      ? "첫 번째로 끊긴 곳: \(first.name) - \(first.korean)." : "First broken link: \(first.name): \(first.detail)."
  }
}
