import Plumbing

/// Shares of a whole as people read them: what is missing is never rounded away.
public enum Percent {
  /// `99.93 %`, rounded down, to three digits at most: what is not whole is never shown as whole. Its space does not break.
  public static func kept(_ part: Int64, of whole: Int64) -> String {
    guard whole > 0 else { return "–" }
    if part >= whole { return "100\u{A0}%" }
    let thousandths = max(0, min(99_999, Int(clamping: Double(part) / Double(whole) * 100_000)))
    var digits = String(thousandths % 1000 + 1000).dropFirst()
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    return "\(thousandths / 1000).\(digits)\u{A0}%"
  }

  /// `0.57 %`, rounded up, so that a loss is never shown as none.
  public static func missing(_ part: Int64, of whole: Int64) -> String {
    guard whole > 0 else { return "-" }
    let hundredths = Int64(clamping: (Double(part) / Double(whole) * 10_000).rounded(.up))
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) %"
  }
}
