import Plumbing

/// Why something was not observed, as pages say it.
public enum GapWords {
  /// The text of the word that stands in the archive and on the board (`ws_disconnect`); the word itself where it is new.
  public static func text(_ reason: String, korean: Bool) -> String {
    let (english, words) =
      switch reason {
      case "ws_disconnect": ("connection lost", "연결 끊김")
      case "ws_timeout": ("connection silent", "연결 무응답")
      case "api_error": ("the exchange answered with an error or not at all", "거래소 오류 또는 무응답")
      case "rate_limit": ("limit of calls", "호출 한도")
      case "no_data": ("no data for the symbol", "종목 데이터 없음")
      case "unreadable": ("records that could not be read", "읽을 수 없는 레코드")
      case "silent": ("registration not answered", "등록 무응답")
      case "missed_trades": ("trades that did not come", "오지 않은 체결")
      default: (reason.printable, reason.printable)
      }
    return korean ? words : english
  }
}
