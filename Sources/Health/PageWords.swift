import Pages

/// What the page says, in the reader's language. Names of links and commands are the same in every language.
struct PageWords: Sendable {
  let language: String
  let pause, resume, silent: String
  let verdict, healthy, broken, fix: String
  let pipe: String
  let roles: [String]
  let perSecond, inAll, refused: String
  let runs, rests, down, waits, firstBroken, alsoBroken: String
  let chart, chartEmpty, chartFrom, chartTo, chartMost, chartLast, outages: String
  let numbers, archived, lastRecord, noRecord, size, free, refusedLines, gaps, gapsOpen: String
  let symbols, unknownSymbols, refusedSymbols, capture, seconds, file: String
  let checks, hold, link, state, found, ok, warning, unknown, asOf: String

  static func of(korean: Bool) -> PageWords { korean ? Self.korean : english }

  /// `p50 310 ms · p99 1,023 ms (the exchange's times are whole seconds)`, as the page of a day says it.
  func captured(half: Int64, most: Int64) -> String {
    "p50 \(half.grouped) ms · p99 \(most.grouped) ms (\(seconds))"
  }

  /// `2 lines ignored (lines 3, 7)`; `numbers` are those that are known.
  func ignored(_ count: Int, _ numbers: [String]) -> String {
    let list = numbers.isEmpty ? "" : WatchlistFacts.list(numbers, of: count)
    if language == "ko" { return "무시된 줄 \(count.grouped)개" + (list.isEmpty ? "" : " (\(list)번째 줄)") }
    let word = count == 1 ? "line" : "lines"
    return "\(count.grouped) \(word) ignored" + (list.isEmpty ? "" : " (\(word) \(list))")
  }

  static let english = PageWords(
    language: "en", pause: "Pause", resume: "Resume",
    silent: "observer-health does not answer: what is shown is old.",
    verdict: "Verdict", healthy: "healthy", broken: "broken at", fix: "Fix",
    pipe: "Pipe", roles: ["trigger", "contract", "verdict", "record", "archive"],
    perSecond: "lines/s", inAll: "in all", refused: "refused",
    runs: "runs", rests: "ended in order", down: "down", waits: "waits for the others",
    firstBroken: "first broken link", alsoBroken: "broken too",
    chart: "Records per minute", chartEmpty: "Nothing seen yet.",
    chartFrom: "from", chartTo: "to", chartMost: "at most", chartLast: "in the last whole minute",
    outages: "minutes without observation",
    numbers: "Numbers", archived: "Archived in this run", lastRecord: "Last record", noRecord: "none yet",
    size: "Archive size", free: "Disk free", refusedLines: "Refused lines",
    gaps: "Gaps written down",
    gapsOpen: "last still", symbols: "Symbols watched", unknownSymbols: "unknown to KIS",
    refusedSymbols: "refused, asked for again",
    capture: "Trade to capture", seconds: "the exchange's times are whole seconds",
    file: "Archive file",
    checks: "Checks", hold: "hold", link: "Link", state: "State", found: "What was found", ok: "ok",
    warning: "to do",
    unknown: "unknown", asOf: "As of")

  static let korean = PageWords(
    language: "ko", pause: "멈춤", resume: "계속",
    silent: "observer-health 가 응답하지 않습니다. 지금 보이는 값은 예전 값입니다.",
    verdict: "판정", healthy: "정상", broken: "끊긴 곳", fix: "조치",
    pipe: "파이프라인", roles: ["트리거", "검증", "가드", "레코드", "아카이브"],
    perSecond: "줄/초", inAll: "누적", refused: "거부",
    runs: "실행 중", rests: "정상 종료", down: "함께 멈춤", waits: "다른 단계를 기다림",
    firstBroken: "처음 끊긴 곳", alsoBroken: "함께 고장",
    chart: "분당 레코드 수", chartEmpty: "아직 없습니다.",
    chartFrom: "시작", chartTo: "끝", chartMost: "최대", chartLast: "마지막 1분", outages: "관측하지 못한 분",
    numbers: "수치", archived: "이번 실행에서 저장", lastRecord: "마지막 레코드", noRecord: "아직 없음",
    size: "아카이브 크기", free: "디스크 여유", refusedLines: "거부된 줄", gaps: "기록된 공백",
    gapsOpen: "진행 중", symbols: "감시 종목", unknownSymbols: "KIS 가 모름", refusedSymbols: "거부됨, 다시 요청 예정",
    capture: "체결에서 수집까지", seconds: "거래소 시각은 초 단위입니다", file: "아카이브 파일",
    checks: "점검", hold: "정상", link: "고리", state: "상태", found: "확인된 내용", ok: "정상", warning: "주의",
    unknown: "알 수 없음", asOf: "기준")
}
