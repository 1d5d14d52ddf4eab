import Configuration
import Glibc
import KIS
import Plumbing

/// kis-fetch, the trigger: its command line, and what runs it.
public enum KisFetch: Tool {
  /// The program.
  public static let name = "kis-fetch"

  /// What `--help` prints.
  public static let help = """
    Usage: kis-fetch [OPTION]... < WATCHLIST > SNAPSHOTS
    Observes Korean shares through the KIS Open API: a symbol a line in, snapshots (NDJSON) out.

    Watchlist lines, taken as they arrive:  005930   {"symbol":"005930","market":"NXT"}
      {"symbol":"005930","op":"remove"}   # comment.   At its end kis-fetch goes on with what it has.
    A symbol that KIS refuses is asked for again after 10 min to 1 h, or when its line is given again.

    What    --feed FEED    repeatable; price: REST, one symbol a call; multi: REST, 30 a call; trades,
                           book: real time, a snapshot for each (trades; with --once: price)
            --venue KRX|NXT|UN     where a line names no market (KRX)
            --once                 answer each line with one snapshot, in order, and end (price, multi)
            --interval S           seconds between snapshots of a polled symbol (1)
            --hours all|market     poll around the clock (all), or only while the venue is not closed
    End     --count N  --duration S  --until HH:MM   snapshots (gaps not counted), seconds, time KST today
    Service --env real|virtual     (real)
            --credentials FILE     NAME=value lines or JSON, mode 0600; else KIS_APP_KEY, KIS_APP_SECRET
                                   (or REAL_APP_KEY, REAL_APP_SECRET). Its KIS_REST_URL, KIS_WS_URL,
                                   KIS_TOKEN_CACHE_DIR, OBSERVER_MODE, OBSERVER_LOG_LEVEL count too
            --rate N               calls a second of this app key, all processes together (real 18,
                                   virtual 1: KIS notice 2026-04-20; new subscribers: 3 for three days)
            --max-registrations N  of the real-time session (41); the rest is polled over REST
            --rest-url URL  --ws-url URL    another server (KIS_REST_URL, KIS_WS_URL)
            Proxies as for curl: https_proxy for REST; ws_proxy, http_proxy or https_proxy for the socket
            (ws://, port 21000; CONNECT); all_proxy, no_proxy
            --retries N            tries after the first of a call (5); --once ends with 69 when they fail and
                                   nobody is served. Without --once and --retries an outage is waited for
                                   (pauses grow from 1 to 60 s)
            --max-wait S           exit 69 after S seconds without an answer
            --watchdog S           a connection silent for S seconds is replaced (100)
    Data    --no-raw               without the exchange's own fields
            --session-id ID        (OBSERVER_SESSION_ID)     --mode MODE   (OBSERVER_MODE, PROD;
                                   SIM where the server is not KIS)
            --record FILE          keep the raw messages;  --replay FILE|- [--speed X|max]  use them again
            --rejects FILE         keep frames that could not be read (16 MiB at most), for --replay
    Other   --config FILE  --metrics FILE (OBSERVER_METRICS_DIR/kis-fetch.prom)  --max-line BYTES
            --log-level LEVEL  --log-format text|json  --help  --version
            --time-scale X         shorten waits, for tests against a server on this host

    Gaps are snapshots too: source system, event gap, reason ws_disconnect, ws_timeout, silent, unreadable,
    api_error, rate_limit or no_data; MINOR, MAJOR from 60 s, CRITICAL from 300 s. All records of one gap
    have its gap_id, the last has "final":true: these add up.
    Tokens, rate and session locks: KIS_TOKEN_CACHE_DIR, $XDG_STATE_HOME/observer, ~/.local/state/observer.

    Exit codes: 0 done  64 usage  69 KIS out of reach  73 token cache or recording cannot be created
                74 I/O error  75 app key in use elsewhere  77 credentials missing or refused
                78 wrong service or address, or a watchlist that names no symbol
    Example:  printf '005930\\n000660\\n' | kis-fetch --once --feed price
    """

  /// What the command line may hold.
  public static let options: [OptionSpec] =
    Settings.options + [
      .value("feed"), .value("interval"), .value("count"), .value("duration"), .value("until"), .value("env"),
      .value("venue"), .value("hours"), .value("rate"), .value("max-registrations"), .value("rest-url"),
      .value("ws-url"),
      .value("record"), .value("replay"), .value("rejects"), .value("speed"), .flag("no-raw"), .flag("once"),
      .value("credentials"), .value("session-id"), .value("mode"), .value("retries"), .value("max-wait"),
      .value("watchdog"), .value("max-line"), .value("time-scale"), Metrics.option,
    ]

  /// A replay needs none.
  private static func credentialsFile(_ arguments: Arguments) throws(ToolFailure) -> CredentialsFile? {
    guard arguments.value("replay") == nil, let path = arguments.value("credentials") else { return nil }
    return try CredentialsFile(path: path)
  }

  /// Observes until the end that the options name, or replays a recording.
  ///
  /// - Throws: `ToolFailure`; the exit codes stand in `help`.
  public static func run(_ arguments: Arguments, log: Log) throws -> ExitStatus {
    var arguments = arguments
    let file = try credentialsFile(arguments)
    let warnings = file?.warnings(arguments.environment) ?? []
    if let file { arguments.environment = file.standingIn(for: arguments.environment) }
    let settings = try Settings(arguments)
    var options = try FetchOptions(arguments, settings, wallNow: Clocks.wallMilliseconds())
    options.credentials = file
    let log = try settings.log(stage: name)
    for warning in settings.warnings + warnings + options.warnings { log.warning(warning) }
    Metrics.begin(arguments, stage: name, log: log)
    Signals.ignore(SIGPIPE)
    Signals.note([SIGTERM, SIGINT, SIGUSR1], hangUpStops: true)
    if let file = options.replay { return try FetchReplay.run(file, options, log) }
    return try Fetcher(options, settings.environment, log).run()
  }
}
