import Glibc
import JSONBytes
import Plumbing

/// What the server shows: made anew when facts change, served from memory.
public struct HealthSite: Sendable {
  private let korean: Bool
  private var history = HealthHistory()
  private var report: HealthReport
  private var facts: HealthFacts
  private var metrics = ""

  /// A site before the first look.
  public init(korean: Bool) {
    self.korean = korean
    facts = HealthFacts(wall: .zero)
    report = HealthReport(facts)
  }

  /// Takes a look's result; `metrics` is the stages' text.
  public mutating func update(_ facts: HealthFacts, metrics: [String]) {
    self.facts = facts
    report = HealthReport(facts)
    history.note(facts.stage("jsonl-sink").now, at: facts.wall, observed: facts.observed)
    var merged = Exposition()
    for text in metrics { merged.add(text) }
    merged.add(own)
    self.metrics = merged.text
  }

  /// What this program adds: the verdict, a link at a time.
  private var own: String {
    var text = MetricsText(stage: "observer-health")
    text.put(.healthy, report.isHealthy ? 1 : 0)
    text.put(.linkOK, report.checks.compactMap { check in check.ok.map { (check.name, $0 ? 1 : 0) } })
    text.put(.stageRunning, facts.stages.map { ($0.name, $0.isRunning ? 1 : 0) })
    return String(decoding: text.bytes, as: UTF8.self)
  }

  /// The answer to a request.
  public func answer(_ request: HTTPRequest) -> HTTPAnswer {
    let json = "application/json; charset=utf-8"
    switch request.path {
    case "/": return page(korean: PreferredLanguage.isKorean(request.languages) ?? korean)
    case "/health": return HTTPAnswer(report.isHealthy ? 200 : 503, json, health)
    case "/ready":
      let isReady = facts.stages.allSatisfy(\.isRunning) && !facts.stages.isEmpty
      return HTTPAnswer(isReady ? 200 : 503, json, "{\"ready\":\(isReady)}\n")
    case "/metrics": return HTTPAnswer(200, "text/plain; version=0.0.4; charset=utf-8", metrics)
    case "/status": return HTTPAnswer(200, json, status)
    default: return .refusal(404)
    }
  }

  private var health: String {
    var text = ByteBuffer()
    text.append(text: "{\"status\":\"\(report.isHealthy ? "ok" : "broken")\",\"first\":")
    if let first = report.first { text.append(jsonString: first.name) } else { text.append("null") }
    text.append(",\"verdict\":")
    text.append(jsonString: report.verdict(korean: korean))
    text.append(text: ",\"broken\":\(HealthReport.json(report.broken))}\n")
    return text.text
  }

  private var status: String {
    var text = ByteBuffer()
    text.append(text: "{\"time\":\"\(KST(facts.wall).iso)\",\"healthy\":\(report.isHealthy)")
    text.append(",\"verdict\":")
    text.append(jsonString: report.verdict(korean: korean))
    text.append(",\"archive\":")
    if let archive = facts.archive {
      text.append("{\"file\":")
      text.append(jsonString: archive.path)
      text.append(text: ",\"bytes\":\(archive.size),\"last_record_ms\":\(archive.modified)}")
    } else {
      text.append("null")
    }
    text.append(",\"stages\":[")
    for (index, stage) in facts.stages.enumerated() {
      if index > 0 { text.append(",") }
      let flow = StageFlow(stage, at: facts.wall, observed: facts.observed)
      text.append(
        text: "{\"name\":\"\(stage.name)\",\"running\":\(stage.isRunning),\"lines_in\":\(flow.linesIn)"
          + ",\"lines_out\":\(flow.linesOut),\"rejects\":\(flow.rejects),\"out_per_second\":\(flow.tenths / 10).\(flow.tenths % 10)}"
      )
    }
    text.append("],\"records_per_minute\":[")
    text.append(
      text: history.series(at: facts.wall).map { "[\(Milliseconds.minutes($0.minute)),\($0.count)]" }.joined(
        separator: ","))
    text.append(text: "],\"checks\":\(HealthReport.json(report.checks))}\n")
    return text.text
  }

  private func page(korean: Bool) -> HTTPAnswer {
    let nonce = Self.nonce()
    let html = HealthPage(report, facts, history.series(at: facts.wall), korean: korean, nonce: nonce).html
    return HTTPAnswer(
      200, "text/html; charset=utf-8", html,
      policy:
        "default-src 'none'; img-src data:; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; connect-src 'self';"
        + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
  }

  private static func nonce() -> String {
    var generator = SystemRandomNumberGenerator()
    return String(generator.next() as UInt64, radix: 16) + String(generator.next() as UInt64, radix: 16)
  }
}

/// A stage's traffic. Records of gaps are lines and no flow: while the exchange is dead the rate is 0.
struct StageFlow {
  let linesIn: Int, linesOut: Int, rejects: Int
  /// Lines passed on in ten seconds; 0 for a stage that hangs, whatever its last words were.
  let tenths: Int

  /// - Parameter observed: the share of lines that are no gap records (`HealthFacts.observed`).
  init(_ stage: StageFacts, at wall: Milliseconds, observed: Double) {
    func total(_ metric: Metric) -> Int { Int(clamping: stage.now?.sum(metric) ?? 0) }
    linesIn = total(.linesIn)
    linesOut = total(.linesOut)
    rejects = total(.rejects)
    let clock = Metric.metricsTime
    let from = stage.before?[clock] ?? stage.now?[.startTime]
    guard stage.isRunning, !stage.hangs(at: wall), let now = stage.now?[clock], let from, now > from else {
      tenths = 0
      return
    }
    tenths = Int(clamping: stage.growth(.linesOut) / (now - from) * 10 * observed)
  }
}
