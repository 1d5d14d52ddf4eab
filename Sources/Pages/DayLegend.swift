/// What the colours of a `DayPicture` mean, in the reader's language.
public enum DayLegend {
  /// One line of colours with their words, for the eyes only: a picture's label says what it shows.
  public static func html(korean: Bool) -> String {
    let keys = [
      ("r3", "records a minute", "분당 레코드"), ("a", "call auction", "단일가"),
      ("c", "no trading", "거래 시간 외"), ("g", "not observed", "공백"),
      ("l", "trades missing", "체결 누락"),
    ]
    return "<p class=\"legend\" aria-hidden=\"true\">"
      + keys.map { kind, english, hangul in
        "<span><svg width=\"12\" height=\"10\" aria-hidden=\"true\"><rect class=\"\(kind)\" width=\"12\" height=\"10\" rx=\"2\"/></svg>"
          + "\(korean ? hangul : english)</span>"
      }.joined() + "</p>"
  }
}
