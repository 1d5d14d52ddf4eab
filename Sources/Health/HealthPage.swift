import Plumbing

/// The one page: everything in it, nothing from elsewhere. Keyboard and screen reader friendly, light and dark.
struct HealthPage {
  private let report: HealthReport
  private let facts: HealthFacts
  private let series: [(minute: Int64, count: Int)]
  private let korean: Bool
  private let nonce: String

  init(
    _ report: HealthReport, _ facts: HealthFacts, _ series: [(minute: Int64, count: Int)], korean: Bool,
    nonce: String
  ) {
    self.report = report
    self.facts = facts
    self.series = series
    self.korean = korean
    self.nonce = nonce
  }

  var html: String {
    """
    <!doctype html>
    <html lang="\(korean ? "ko" : "en")"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="data:,">
    <title>\(report.isHealthy ? "Observer: healthy" : "Observer: broken at \(Self.escaped(report.first?.name ?? "?"))")</title>
    <style nonce="\(nonce)">\(Self.style)</style></head><body>
    <header><h1>Observer</h1><button id="pause" type="button" aria-pressed="false">Pause updates</button></header>
    <main id="live">
    <section aria-labelledby="v"><h2 id="v" class="sr">Verdict</h2>
    <p id="verdict" role="status" class="\(report.isHealthy ? "good" : "bad")">\(Self.escaped(report.verdict(korean: korean)))</p>
    \(fix)</section>
    <section aria-labelledby="p"><h2 id="p">Pipe</h2><ol class="pipe">\(facts.stages.map(box).joined())</ol></section>
    <section aria-labelledby="r"><h2 id="r">Records per minute</h2>\(HealthChart(series).svg)</section>
    <section aria-labelledby="n"><h2 id="n">Numbers</h2><dl>\(numbers)</dl></section>
    <section aria-labelledby="c"><h2 id="c">Checks</h2><div class="scroll" role="region" aria-labelledby="c" tabindex="0">\
    <table><thead><tr><th scope="col">Link</th><th scope="col">State</th><th scope="col">What was found</th></tr></thead><tbody>\
    \(report.checks.map(row).joined())</tbody></table></div></section>
    <p class="note">As of \(KST(milliseconds: facts.wall).logStamp.prefix(19)) KST. \
    <a href="/health">/health</a> <a href="/ready">/ready</a> <a href="/status">/status</a> <a href="/metrics">/metrics</a></p>
    </main><script nonce="\(nonce)">\(Self.script)</script></body></html>

    """
  }

  private var fix: String {
    guard let first = report.first else { return "" }
    return "<p>\(korean ? "조치" : "Fix"): <code>\(Self.escaped(first.fix))</code></p>"
  }

  private func box(_ stage: StageFacts) -> String {
    let names = Self.links[stage.name] ?? []
    let link = report.broken.first { !$0.isConsequence && ($0.name == stage.name || names.contains($0.name)) }
    let isFirst = link != nil && link?.name == report.first?.name
    let flow = StageFlow(stage)
    let state = !stage.isRunning ? "down" : link == nil ? "runs" : "trouble"
    let kind = link != nil || !stage.isRunning ? (isFirst ? "box bad" : "box off") : "box"
    return """
      <li class="\(kind)"><strong>\(stage.name)</strong>\
      <span class="state">\(state)\(isFirst ? ", first broken link" : "")</span>\
      <span><b>\(flow.tenths / 10).\(flow.tenths % 10)</b> lines/s out</span>\
      <span>\(Self.grouped(flow.linesOut)) in all</span><span>\(Self.grouped(flow.rejects)) refused</span></li>
      """
  }

  /// The checks that are about a stage though named otherwise.
  private static let links = [
    "kis-fetch": [
      "credentials", "clock", "watchlist", "token", "requests", "socket", "subscriptions", "snapshots",
    ],
    "snap-validate": ["validation"], "snap-guard": ["guard"], "snap-enrich": ["records"],
    "jsonl-sink": ["folder", "writable", "space", "inodes", "lock", "sink", "file", "growth", "age"],
  ]

  private var numbers: String {
    let sink = facts.stage("jsonl-sink").now
    let fetch = facts.stage("kis-fetch").now
    let gaps = Int(fetch?.sum("observer_gaps_total") ?? 0)
    let rejects = facts.stages.reduce(0) { $0 + StageFlow($1).rejects }
    var rows = [
      ("Records archived in this run", Self.grouped(Int(sink?["observer_archive_records_total"] ?? 0))),
      ("Refused lines, all stages", Self.grouped(rejects)), ("Gaps written down", Self.grouped(gaps)),
    ]
    if let archive = facts.archive {
      rows.append(("Archive file", archive.path))
      rows.append(("Archive size", HealthRules.size(archive.size)))
      rows.append(("Last record", "\(KST(milliseconds: archive.modified).logStamp.prefix(19)) KST"))
    }
    switch facts.market {
    case .open: rows.append(("Market", "open: records are expected"))
    case .closed(let why): rows.append(("Market", "closed: \(why)"))
    }
    return rows.map { "<div><dt>\($0.0)</dt><dd>\(Self.escaped($0.1))</dd></div>" }.joined()
  }

  private func row(_ check: HealthCheck) -> String {
    let (kind, word) =
      check.ok.map { $0 ? ("good", "ok") : ("bad", check.isConsequence ? "down" : "broken") } ?? (
        "off", "unknown"
      )
    return
      "<tr><th scope=\"row\">\(check.name)</th><td class=\"\(kind)\">\(word)</td><td>\(Self.escaped(check.detail))</td></tr>"
  }

  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar.value < 0x20 ? " " : scalar)
      }
    }
    return out
  }

  /// `12,345`.
  static func grouped(_ number: Int) -> String {
    var digits = Array(String(number))
    var at = digits.count - 3
    while at > 0 {
      digits.insert(",", at: at)
      at -= 3
    }
    return String(digits)
  }

  private static let style = """
    :root{color-scheme:light dark;--bg:#fbfbfa;--fg:#1b1d1f;--soft:#5b6167;--line:#d5d8db;--card:#fff;--good:#0b6b3a;--bad:#a3161c;--badbg:#fdecec;--bar:#2f6fb0}
    @media (prefers-color-scheme:dark){:root{--bg:#131517;--fg:#e8eaec;--soft:#a2a9b0;--line:#34393e;--card:#1b1e21;--good:#6cd19b;--bad:#ff9a9a;--badbg:#3a1a1c;--bar:#6ea8e0}}
    *{box-sizing:border-box}body{margin:0 auto;max-width:76rem;padding:1rem;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}
    header{display:flex;justify-content:space-between;align-items:center;gap:1rem}h1{font-size:1.3rem;margin:0}h2{font-size:1rem;margin:1.6rem 0 .5rem}
    .sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}#verdict{font-size:1.15rem;font-weight:600;margin:.8rem 0 .3rem}
    .good{color:var(--good)}.bad{color:var(--bad)}.off,.note{color:var(--soft)}code{background:var(--card);border:1px solid var(--line);border-radius:.3rem;padding:.15rem .4rem;overflow-wrap:anywhere}
    .pipe{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(5,1fr);gap:.6rem}
    .box{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .7rem;display:flex;flex-direction:column;color:var(--fg);font-size:.92rem}
    .box.bad{border:2px solid var(--bad);background:var(--badbg)}.box.bad .state{color:var(--bad);font-weight:600}.box.off{border-style:dashed}
    .state{color:var(--soft)}svg{width:100%;height:auto;display:block}.bar{fill:var(--bar)}.axis{stroke:var(--line)}text{fill:var(--soft);font:12px system-ui,sans-serif}
    dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:.5rem 1.5rem;margin:0}dt{color:var(--soft);font-size:.88rem}dd{margin:0;overflow-wrap:anywhere}
    .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}thead th{color:var(--soft);font-size:.88rem}
    a{color:inherit;margin-right:.8rem}button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.3rem .7rem}:focus-visible{outline:3px solid var(--bar);outline-offset:2px}
    @media (max-width:48rem){.pipe{grid-template-columns:1fr}body{padding:.8rem}}
    """

  /// Brings the page up to date in place, unless it is paused, hidden or being used.
  private static let script = """
    const b=document.getElementById('pause');let p=false;
    b.addEventListener('click',()=>{p=!p;b.setAttribute('aria-pressed',p);b.textContent=p?'Resume updates':'Pause updates'});
    setInterval(async()=>{const m=document.getElementById('live');if(p||document.hidden||m.contains(document.activeElement))return;
    try{const r=await fetch('/',{cache:'no-store'});const d=new DOMParser().parseFromString(await r.text(),'text/html');
    document.title=d.title;const v=document.getElementById('verdict'),n=d.getElementById('verdict');
    if(v.textContent!==n.textContent||v.className!==n.className){v.textContent=n.textContent;v.className=n.className}
    const os=m.querySelectorAll('section'),ns=d.querySelectorAll('section');
    for(let i=1;i<os.length;i++)os[i].replaceChildren(...ns[i].childNodes);
    const f=os[0].querySelectorAll('p:not(#verdict)'),g=ns[0].querySelectorAll('p:not(#verdict)');f.forEach(e=>e.remove());os[0].append(...g);
    m.querySelector('.note').replaceWith(d.querySelector('.note'))}
    catch(e){const v=document.getElementById('verdict');v.textContent='observer-health does not answer';v.className='bad'}},5000);
    """
}

/// Records per minute as a picture, with its meaning in words.
struct HealthChart {
  private let series: [(minute: Int64, count: Int)]

  init(_ series: [(minute: Int64, count: Int)]) { self.series = series }

  var svg: String {
    guard let first = series.first, let last = series.last else {
      return "<p class=\"note\">Nothing seen yet.</p>"
    }
    let top = max(1, series.map(\.count).max() ?? 1)
    let (width, height, left) = (960, 160, 60)
    let step = Double(width - left) / Double(max(series.count, 30))
    var bars = ""
    for (index, entry) in series.enumerated() where entry.count > 0 {
      let tall = max(1, entry.count * height / top)
      bars +=
        "<rect class=\"bar\" x=\"\(Self.short(Double(left) + Double(index) * step))\" y=\"\(height + 10 - tall)\""
        + " width=\"\(Self.short(max(1, step - 1)))\" height=\"\(tall)\"><title>\(Self.time(entry.minute)) \(entry.count)</title></rect>"
    }
    let label =
      "Records per minute from \(Self.time(first.minute)) to \(Self.time(last.minute)): at most \(top), last \(last.count)"
    return """
      <svg viewBox="0 0 \(width) \(height + 34)" role="img" aria-label="\(label)">\
      <line class="axis" x1="\(left)" y1="\(height + 10)" x2="\(width)" y2="\(height + 10)"/>\
      <line class="axis" x1="\(left)" y1="10" x2="\(width)" y2="10"/>\
      <text x="\(left - 8)" y="15" text-anchor="end">\(HealthPage.grouped(top))</text>\
      <text x="\(left - 8)" y="\(height + 14)" text-anchor="end">0</text>\(bars)\
      <text x="\(left)" y="\(height + 28)">\(Self.time(first.minute))</text>\
      <text x="\(width)" y="\(height + 28)" text-anchor="end">\(Self.time(last.minute)) KST</text></svg>
      """
  }

  private static func short(_ value: Double) -> String {
    let hundredths = Int(value * 100)
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }

  private static func time(_ minute: Int64) -> String {
    let time = KST(milliseconds: minute * 60_000)
    return "\(time.hour < 10 ? "0" : "")\(time.hour):\(time.minute < 10 ? "0" : "")\(time.minute)"
  }
}
