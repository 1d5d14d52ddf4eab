import Pages
import Plumbing

/// The one page: everything in it, nothing from elsewhere. Keyboard and screen reader friendly, light and dark,
/// narrow and wide. Parts marked `data-live` are brought up to date by the page's script.
struct HealthPage {
  private let report: HealthReport
  private let facts: HealthFacts
  private let series: [(minute: Int, count: Int)]
  private let korean: Bool
  private let words: PageWords
  private let nonce: String

  init(
    _ report: HealthReport, _ facts: HealthFacts, _ series: [(minute: Int, count: Int)], korean: Bool,
    nonce: String
  ) {
    self.report = report
    self.facts = facts
    self.series = series
    self.korean = korean
    self.nonce = nonce
    words = .of(korean: korean)
  }

  var html: String {
    let isHealthy = report.isHealthy
    let title =
      "Observer: \(isHealthy ? words.healthy : "\(words.broken) \((report.first?.name ?? "?").htmlPrintable)")"
    let held = report.checks.count { $0.ok != false }
    return """
      <!doctype html>
      <html lang="\(words.language)"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1"><link id="icon" rel="icon" href="\(icon)">
      <title>\(title)</title><style nonce="\(nonce)">\(Self.style)</style></head>
      <body class="\(isHealthy ? "healthy" : "broken")" data-title="\(title)" data-icon="\(icon)">
      <header><h1>Observer</h1><time id="time" data-live>\(stamp(facts.wall).dropFirst(5)) KST · \(facts.market.words(korean: korean).htmlPrintable)</time>\
      <button id="pause" type="button" hidden data-pause="\(words.pause)" data-resume="\(words.resume)" data-silent="\(words.silent)"></button></header>
      <main><section class="verdict" aria-labelledby="v"><h2 id="v" class="sr">\(words.verdict)</h2>
      <p id="verdict" role="status" data-live><span aria-hidden="true">\(isHealthy ? "✓" : "✗") </span>\(report.verdict(korean: korean).htmlPrintable)</p>
      <p id="fix" data-live>\(fix)</p></section>
      \(board)<section class="pipeline" aria-labelledby="p"><h2 id="p">\(words.pipe)</h2><ol id="pipe" class="pipe" data-live>\(boxes)</ol></section>
      <section aria-labelledby="r"><h2 id="r">\(words.chart)</h2><div id="chart" data-live>\(chart)</div></section>
      <section aria-labelledby="n"><h2 id="n">\(words.numbers)</h2><dl id="numbers" data-live>\(numbers)</dl></section>
      <details id="checks"\(isHealthy ? "" : " open")><summary><h2>\(words.checks)</h2> <span id="held" data-live>\(held)/\(report.checks.count) \(words.hold)</span></summary>
      <table><thead><tr><th scope="col">\(words.link)</th><th scope="col">\(words.state)</th><th scope="col">\(words.found)</th></tr></thead>\
      <tbody id="rows" data-live>\(report.checks.map(row).joined())</tbody></table></details></main>
      <footer><a href="/health">/health</a><a href="/ready">/ready</a><a href="/status">/status</a><a href="/metrics">/metrics</a></footer>
      <script nonce="\(nonce)">\(Self.script)</script></body></html>

      """
  }

  /// The watched symbols, where kis-fetch has written them down.
  private var board: String {
    guard let board = facts.board, !board.board.symbols.isEmpty else { return "" }
    return """
      <section aria-labelledby="s"><h2 id="s">\(BoardWords.of(korean: korean).title)</h2>\
      <div id="board" data-live>\(BoardSection(board, at: facts.wall, korean: korean).html)</div></section>

      """
  }

  /// The whole day where kis-fetch has written it down, else what this program has seen.
  private var chart: String {
    facts.board.map { DayChart($0, at: facts.wall, words).html } ?? HealthChart(series, words).svg
  }

  /// A dot while all is well, a cross when it is not: the tab tells.
  private var icon: String {
    let shape =
      report.isHealthy
      ? "%3Ccircle cx='8' cy='8' r='6' fill='%23178a4c'/%3E"
      : "%3Cpath d='M3 3l10 10M13 3L3 13' stroke='%23d32f2f' stroke-width='3'/%3E"
    return
      "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\(shape)%3C/svg%3E"
  }

  private func stamp(_ time: Milliseconds) -> Substring { KST(time).logStamp.prefix(19) }

  private var fix: String {
    guard let first = report.first else { return "" }
    return "\(words.fix): <code>\(first.fix(korean: korean).htmlPrintable)</code>"
  }

  private var boxes: String { zip(facts.stages, words.roles).map(box).joined() }

  private func box(_ stage: StageFacts, _ role: String) -> String {
    let names = [stage.name] + (Self.links[stage.name] ?? [])
    let broken = report.broken.filter { names.contains($0.name) }
    let link = broken.first { $0 == report.first } ?? broken.first { !$0.isConsequence }
    let (kind, state) =
      if let link {
        ("bad", "✗ \(link == report.first ? words.firstBroken : words.alsoBroken): \(link.name)")
      } else if !stage.isRunning {
        ("off", report.isResting ? "✓ \(words.rests)" : "↓ \(words.down)")
      } else {
        broken.isEmpty ? ("runs", "✓ \(words.runs)") : ("off", "… \(words.waits)")
      }
    let flow = StageFlow(stage, at: facts.wall, observed: facts.observed)
    return """
      <li class="box \(kind)"><span class="role">\(role)</span><span class="name">\(stage.name)</span>\
      <span class="rate"><b>\(flow.tenths / 10).\(flow.tenths % 10)</b> \(words.perSecond)</span>\
      <span class="more">\(flow.linesOut.grouped) \(words.inAll), \(flow.rejects.grouped) \(words.refused)</span>\
      <span class="state">\(state)</span></li>
      """
  }

  /// The checks that are about a stage though named otherwise. A test holds this to the rules.
  static let links = [
    "kis-fetch": [
      "pipeline", "credentials", "clock", "watchlist", "token", "requests", "keys", "socket", "subscriptions",
      "frames", "completeness",
      "snapshots",
    ],
    "snap-validate": ["validation"], "snap-guard": ["guard"], "snap-enrich": ["records"],
    "jsonl-sink": [
      "folder", "writable", "space", "inodes", "lock", "sink", "file", "growth", "age", "volume",
    ],
  ]

  private var numbers: String {
    let sink = facts.stage("jsonl-sink").now
    let fetch = facts.stage("kis-fetch").now
    let openGaps = Int(clamping: fetch?[.gapsOpen] ?? 0)
    var rows = [(words.archived, Int(clamping: sink?[.archiveRecords] ?? 0).grouped)]
    if let archive = facts.archive {
      let ago = BoardWords.of(korean: korean).ago(facts.wall - archive.modified)
      rows.append((words.lastRecord, "\(stamp(archive.modified).dropFirst(5)), \(ago)"))
      rows.append((words.size, HealthRules.size(archive.size)))
    } else {
      rows.append((words.lastRecord, words.noRecord))
    }
    if facts.folder.freeBytes < .max { rows.append((words.free, HealthRules.size(facts.folder.freeBytes))) }
    rows.append((words.refusedLines, byReason(.rejects, facts.stages.compactMap(\.now))))
    let gaps = byReason(.gaps, [fetch].compactMap(\.self))
    rows.append((words.gaps, gaps + (openGaps > 0 ? "; \(openGaps) \(words.gapsOpen)" : "")))
    if let count = fetch?[.watchedSymbols] {
      rows.append((words.symbols, symbols(Int(clamping: count), fetch)))
    }
    if let times = facts.board?.board.captured {
      rows.append((words.capture, words.captured(half: times.half, most: times.most)))
    }
    var text = rows.map { "<div><dt>\($0.0)</dt><dd>\($0.1.htmlPrintable)</dd></div>" }.joined()
    if let file = facts.archive?.path {
      text += "<div class=\"wide\"><dt>\(words.file)</dt><dd>\(file.htmlPrintable)</dd></div>"
    }
    return text
  }

  /// `2 (005930 삼성전자, 0126Z0); unknown to KIS: 0126Z0; 2 lines ignored (lines 3, 7)`.
  private func symbols(_ count: Int, _ fetch: Sample?) -> String {
    func number(_ metric: Metric) -> Int { Int(clamping: fetch?.sum(metric) ?? 0) }
    let notes = facts.watchlist
    let doubts = [
      (words.unknownSymbols, number(.unknownSymbols), notes.unknown),
      (words.refusedSymbols, number(.refusedSymbols), notes.refused),
    ]
    // The board names them all.
    let names =
      notes.watched.isEmpty || facts.board != nil ? "" : " (\(WatchlistFacts.list(notes.watched, of: count)))"
    let text = doubts.filter { $0.1 > 0 }.reduce(count.grouped + names) { text, doubt in
      let (word, total, names) = doubt
      return text + "; \(word): "
        + (names.isEmpty ? total.grouped : WatchlistFacts.list(names, of: total))
    }
    let ignored = number(.ignoredLines)
    return ignored > 0 ? text + "; " + words.ignored(ignored, notes.ignored.map { String($0.line) }) : text
  }

  /// `15 (missing 12, wrong_type 3)`: a counter over all `samples`, most frequent reasons first.
  private func byReason(_ metric: Metric, _ samples: [Sample]) -> String {
    var counts: [String: Double] = [:]
    for (labels, value) in samples.flatMap({ $0.each(metric) }) where value > 0 {
      counts[labels[0], default: 0] += value
    }
    let total = Int(clamping: counts.values.reduce(0, +)).grouped
    let reasons = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(12)
      .map { "\(Sample.word($0.key)) \(Int(clamping: $0.value).grouped)" }
    return reasons.isEmpty ? total : "\(total) (\(reasons.joined(separator: ", ")))"
  }

  private func row(_ check: HealthCheck) -> String {
    let (kind, word) =
      switch check.ok {
      case true?: check.isWarning ? ("is-off", "! \(words.warning)") : ("is-good", "✓ \(words.ok)")
      case false?: check.isConsequence ? ("is-off", "↓ \(words.down)") : ("is-bad", "✗ \(words.alsoBroken)")
      case nil: ("is-off", "– \(words.unknown)")
      }
    let said = check == report.first ? "✗ \(words.firstBroken)" : word
    let detail = check.said(korean: korean)
    return
      "<tr><th scope=\"row\">\(check.name)</th><td class=\"\(kind)\">\(said)</td><td>\(detail.htmlPrintable)</td></tr>"
  }
}
