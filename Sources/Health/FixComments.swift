/// What stands behind `#` in a fix, for a person: the command is the same in every language, its comment is not.
enum FixComments {
  /// Comments and parts of them, the longer one first where one is a part of another.
  static let korean: [(english: String, korean: String)] = [
    (
      "the verdict, with the reason; where its limit is wrong, mend guard.* of the configuration",
      "판정과 그 이유. 한계값이 맞지 않으면 설정의 guard.* 를 고치십시오"
    ),
    ("the contract, with the reason", "계약 위반과 그 이유"),
    ("the verdict, with the reason", "판정과 그 이유"),
    ("the form, with the reason", "형식 오류와 그 이유"),
    (", with the reason", "와 그 이유"),
    ("says what is in the way", "무엇이 막고 있는지 알려 줍니다"),
    ("is a volume mounted over it?", "다른 볼륨이 그 위에 마운트되어 있습니까?"),
    ("add the coming holidays in this form, by the exchange's notice", "거래소 공지에 따라 다음 휴일을 이 형식으로 추가하십시오"),
    ("put the project's config/holidays.jsonl there", "프로젝트의 config/holidays.jsonl 을 그곳에 두십시오"),
    ("mend the line", "그 줄을 고치십시오"),
    (
      "kept for a version that knows the new layout: kis-fetch --replay makes their snapshots",
      "새 형식을 아는 버전을 위해 보관됩니다: kis-fetch --replay 로 스냅샷을 만듭니다"
    ),
    ("mend that, ", "그것을 고치고, "),
    ("a folder that can be written, ", "쓸 수 있는 폴더를 지정하고, "),
    ("start it again with the option corrected", "옵션을 고쳐 다시 시작하십시오"),
    ("give this user access to what is named above, ", "위에 나온 것에 이 사용자의 권한을 주고, "),
    ("stop the other one, ", "다른 쪽을 멈추고, "),
    ("mend what is named above, ", "위에 나온 것을 고치고, "),
    ("or give the file of --credentials mode 600, ", "또는 --credentials 파일의 권한을 600 으로 바꾸고, "),
    ("a folder of your own, mode 700, ", "자신의 폴더 (권한 700)를 지정하고, "),
    ("or mend the file of --credentials, ", "또는 --credentials 파일을 고치고, "),
    (
      "a line of this form into the pipeline's standard input, its watchlist",
      "이 형식의 줄을 파이프라인의 표준 입력(감시 목록)에 넣으십시오"
    ),
    ("stop that pid, ", "그 pid 를 멈추고, "),
    ("is the disk there, or frozen?", "디스크가 빠졌거나 멈췄습니까?"),
    (
      "the code is in the last lines; KIS notices at apiportal.koreainvestment.com",
      "마지막 줄에 오류 코드가 있습니다. KIS 공지: apiportal.koreainvestment.com"
    ),
    ("it reconnects by itself; is the app key in use elsewhere?", "스스로 다시 연결합니다. 앱키를 다른 곳에서 쓰고 있습니까?"),
    ("or wait: kis-fetch replaces it after --watchdog", "또는 기다리십시오: --watchdog 뒤에 kis-fetch 가 바꿉니다"),
    ("check the symbols and the app key's real-time permission", "종목과 앱키의 실시간 권한을 확인하십시오"),
    ("or wait: kis-fetch asks again by itself", "또는 기다리십시오: kis-fetch 가 다시 요청합니다"),
    ("a stage behind kis-fetch is too slow, or its disk is", "kis-fetch 뒤의 단계나 그 디스크가 너무 느립니다"),
    (
      "a suspended host or container loses what is traded meanwhile",
      "멈춘 호스트나 컨테이너는 그동안의 체결을 잃습니다"
    ),
    (
      "remove symbols or feeds from the watchlist, or add an app key (--credentials)",
      "감시 목록에서 종목이나 피드를 줄이거나 앱키를 추가하십시오 (--credentials)"
    ),
    (
      "too many busy symbols for one session? fewer feeds, or a second app key (--credentials)",
      "한 세션에 바쁜 종목이 너무 많습니까? 피드를 줄이거나 앱키를 추가하십시오 (--credentials)"
    ),
    ("unless the whole market is halted", "시장 전체가 멈춘 경우가 아니라면"),
    ("it names the lines: one symbol each, as 005930", "해당 줄을 알려 줍니다: 한 줄에 한 종목, 005930 처럼"),
    (
      "mend these lines: one symbol each, as 005930; then restart",
      "이 줄들을 고치십시오: 한 줄에 한 종목, 005930 처럼. 그리고 다시 시작하십시오"
    ),
    ("mend the file at the line that is named", "알려 준 줄에서 파일을 고치십시오"),
    ("the folder that is to hold observer/, the archive", "observer/ (아카이브)가 놓일 폴더"),
    ("is the volume mounted?", "볼륨이 마운트되어 있습니까?"),
    ("is the volume that it leads to mounted?", "링크가 가리키는 볼륨이 마운트되어 있습니까?"),
    ("run this as the archive's owner, or let this user in", "아카이브 소유자로 실행하거나 이 사용자에게 권한을 주십시오"),
    ("then make room", "그리고 공간을 확보하십시오"),
    ("then remove small files", "그리고 작은 파일들을 지우십시오"),
    (
      "end that process, then start observer-health serve again",
      "그 프로그램을 끝내고 observer-health serve 를 다시 시작하십시오"
    ),
    ("stop that program, or give serve another --listen", "그 프로그램을 멈추거나 serve 에 다른 --listen 을 주십시오"),
    (
      "its stderr has the reason; with OBSERVER_LOG_DIR there are log files",
      "표준 오류에 이유가 있습니다. OBSERVER_LOG_DIR 을 주면 로그 파일이 생깁니다"
    ),
    ("its last words; all others went to its stderr", "마지막 말입니다. 나머지는 표준 오류에 있습니다"),
    (
      "config/logrotate.conf says how such files are rotated", "이런 파일을 회전시키는 방법은 config/logrotate.conf 에 있습니다"
    ),
    ("and the second command, without -f, into cron", "두 번째 명령은 -f 없이 cron 에 넣으십시오"),
    ("a folder on a disk; or accept it: ", "디스크의 폴더를 지정하거나 받아들이십시오: "),
    ("with a volume on ", "볼륨을 연결할 곳: "),
    ("; or accept it: ", ". 받아들이려면: "),
    (
      "stop the other session of that key; it is tried again within the hour",
      "그 앱키의 다른 세션을 멈추십시오. 한 시간 안에 다시 시도합니다"
    ),
    ("once its file of --credentials is mended", "그 앱키의 --credentials 파일을 고친 뒤"),
    (
      "\"Key fails\" says why; it is tried again within the hour",
      "\"Key fails\" 줄에 이유가 있습니다. 한 시간 안에 다시 시도합니다"
    ),
    ("then: ", "이어서: "),
    ("and: ", "또한: "),
  ]

  /// A fix with its comment in Korean.
  static func korean(_ fix: String) -> String {
    var parts = fix.split(separator: "  # ", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return fix }
    // What follows in a comment may be a command with a comment of its own.
    for (english, korean) in Self.korean { parts[1] = parts[1].replacing(english, with: korean) }
    return parts[0] + "  # " + parts[1]
  }
}
