import JSONBytes
import KIS
import Plumbing

@testable import Fetch
@testable import WebSocket

/// A server in memory, with as many connections as the lane makes. Times are monotonic.
final class ScriptedExchange {
  static let second: Nanoseconds = .seconds(1)

  var now: Nanoseconds = .zero
  /// Connections that are refused before one is taken.
  var refusals = 0
  /// PINGPONG comes so often; nil: never.
  var pingEvery: Nanoseconds?
  /// The code of the answer to a registration; nil: none.
  var answer: (String) -> String? = { _ in "OPSP0000" }
  /// Whether the end of a connection is agreed to.
  var agrees = true
  /// Whether more came than was read.
  var isBehind = false
  /// Bytes that came and are not read.
  var waiting = 0
  private(set) var links: [ScriptedLink] = []
  /// What clients sent: seconds, sign and symbol.
  var said: [String] = []
  var pongs = 0

  func connect() -> ScriptedLink {
    let link = ScriptedLink(self)
    links.append(link)
    return link
  }

  func takes() -> Bool {
    refusals -= 1
    return refusals < 0
  }
}

/// One connection of it.
final class ScriptedLink: RealtimeLink {
  enum Come { case opened, text(String), closed(String) }

  private let exchange: ScriptedExchange
  /// What is on its way, in order.
  private var coming: [(at: Nanoseconds, what: Come)] = []
  private var isOpen = false
  private var isOver = false
  private(set) var isAsked = false
  private(set) var lastFrameAt: Nanoseconds = .zero
  private(set) var excused: Nanoseconds = .zero

  init(_ exchange: ScriptedExchange) { self.exchange = exchange }

  var descriptor: Int32 { -1 }
  var pollEvents: Int16 { 0 }
  var deadline: Nanoseconds? { nil }
  var isBehind: Bool { exchange.isBehind }
  var received: Int { 0 }
  var waiting: Int { exchange.waiting }
  /// When something comes.
  var next: Nanoseconds? { coming.first?.at }

  func come(_ what: Come, after time: Nanoseconds = .milliseconds(1)) {
    guard !isOver else { return }
    coming.append((exchange.now + time, what))
    coming.sort { $0.at < $1.at }
  }

  func begin(now: Nanoseconds) { come(exchange.takes() ? .opened : .closed("refused")) }

  func service(now: Nanoseconds, _ handler: (WebSocketEvent) -> Void) {
    while let first = coming.first, first.at <= now {
      coming.removeFirst()
      switch first.what {
      case .opened:
        isOpen = true
        lastFrameAt = now
        handler(.opened)
        ping()
      case .text(let text):
        lastFrameAt = now
        Array(text.utf8).withUnsafeBufferPointer { handler(.text($0)) }
      case .closed(let why):
        isOver = true
        coming = []
        handler(.closed(WebSocketEnd(reason: .ioError, code: nil, message: why)))
      }
    }
  }

  private func ping() {
    guard let time = exchange.pingEvery else { return }
    for number in 1...1000 {
      come(.text(#"{"header":{"tr_id":"PINGPONG","datetime":"x"}}"#), after: time * number)
    }
  }

  func send(text: [UInt8]) {
    guard isOpen, let message = try? JSONValue.parse(text), let input = message["body"]?["input"] else {
      return
    }
    let (channel, symbol) = (input["tr_id"]?.string ?? "", input["tr_key"]?.string ?? "")
    let isNew = message["header"]?["tr_type"]?.string == "1"
    exchange.said.append(
      "\(exchange.now / ScriptedExchange.second) \(isNew ? "+" : "-")\(symbol)")
    guard let code = isNew ? exchange.answer(symbol) : "OPSP0001" else { return }
    come(
      .text(
        #"{"header":{"tr_id":"\#(channel)","tr_key":"\#(symbol)","encrypt":"N"},"body":{"rt_cd":"0","#
          + #""msg_cd":"\#(code)","msg1":"text"}}"#))
  }

  func pong(_ payload: UnsafeBufferPointer<UInt8>) { exchange.pongs += 1 }

  func close(now: Nanoseconds) {
    guard !isAsked else { return }
    isAsked = true
    if exchange.agrees { come(.closed("as asked")) }
  }

  func abort(_ message: String) {
    coming = []
    come(.closed(message), after: 0)
  }

  func excuse(_ pause: Nanoseconds) { excused += pause }
}

/// A lane on a fake clock: `run` jumps from one thing that happens to the next.
final class RealtimeBench {
  let exchange = ScriptedExchange()
  let lane: RealtimeLane
  private(set) var now = Moment(monotonic: 1_000 * ScriptedExchange.second, wall: 1_785_369_600_000)
  /// What was told: seconds since the beginning, and the event in a few words.
  private(set) var told: [String] = []
  private(set) var approvals = 0
  private(set) var stopped: ToolFailure?
  private(set) var isOver = false
  private let begun: Moment

  init(_ symbols: [String], _ settings: RealtimeSettings = RealtimeSettings()) {
    let exchange = exchange
    begun = now
    exchange.now = now.monotonic
    lane = RealtimeLane(settings, now: now.monotonic, seed: 7) { exchange.connect() }
    for symbol in symbols { lane.want(Instrument(symbol, .krx), .trades) }
  }

  var seconds: Int { (now.monotonic - begun.monotonic) / ScriptedExchange.second }
  var link: ScriptedLink? { exchange.links.last }

  /// Lets so many seconds pass, awake.
  func run(_ seconds: Double) {
    let end = now.monotonic + .seconds(seconds)
    while stopped == nil {
      turn()
      guard let next = [lane.deadline, link?.next].compactMap({ $0 }).min() else { break }
      let time = max(next, now.monotonic + .milliseconds(1))
      guard time <= end else { break }
      move(to: time)
    }
    guard stopped == nil else { return }
    move(to: end)
    turn()
  }

  /// Lets so many seconds pass in which nobody looks.
  func sleep(_ seconds: Double) { move(to: now.monotonic + .seconds(seconds)) }

  /// Looks once.
  func look() { turn() }

  func leave() { lane.leave(now.monotonic) }

  private func move(to time: Nanoseconds) {
    guard time > now.monotonic else { return }
    let step = time - now.monotonic
    now = Moment(monotonic: time, wall: now.wall + Milliseconds(step))
    exchange.now = time
  }

  private func turn() {
    lane.advance(now) { take($0) }
    isOver = lane.closeIfDue(at: now.monotonic)
    if isApprovalDue {
      isApprovalDue = false
      approvals += 1
      lane.approve(Secret("key \(approvals)"), now) { take($0) }
    }
  }

  private var isApprovalDue = false

  private func take(_ event: RealtimeEvent) {
    switch event {
    case .approvalWanted: isApprovalDue = true
    case .message: break
    case .frame(let frame):
      for index in 0..<frame.count {
        tell("record \(lane.subject(of: frame[index])?.instrument.symbol ?? "-")")
      }
    case .refusedFrame(_, _, let isUnreadable): tell("refused frame\(isUnreadable ? ", unreadable" : "")")
    case .readable: tell("readable")
    case .observed(let subject, let isRegistered):
      tell("\(isRegistered ? "observed" : "no room") \(subject.instrument.symbol)")
    case .attended(let subject, let until):
      tell("attended \(subject.instrument.symbol) until \((until - begun.wall) / 1000)")
    case .missed(let subject, let reason, _, let isHeld):
      tell("missed \(subject.instrument.symbol) \(reason.rawValue)\(isHeld ? "" : " (not asked yet)")")
    case .refused(let subject, _): tell("refused \(subject.instrument.symbol)")
    case .note(let note, let text):
      switch note {
      case .info, .warning, .loss: tell(String(text.prefix { $0 != "|" }).trimmed)
      default: break
      }
    case .stop(let failure):
      stopped = failure
      tell("stop \(failure.status.code)")
    }
  }

  private func tell(_ text: String) { told.append("\(seconds) \(text)") }
}

extension String {
  fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}
