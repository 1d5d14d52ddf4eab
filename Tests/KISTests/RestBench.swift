import Plumbing
import TestSupport

@testable import KIS

/// A server in memory: answers with what the test queued, at once or never.
final class ScriptedTransport: RestTransport {
  enum Reply { case answer(Int, String), fault(RestFault), silence }

  let descriptor: Int32 = -1
  var script: [Reply] = []
  /// Answers for requests of its choice, before the script's.
  var route: (RestRequest) -> Reply? = { _ in nil }
  var requests: [(request: RestRequest, at: Nanoseconds)] = []
  var cancelled: [Int] = []
  var time: () -> Nanoseconds = { .zero }
  private var done: [RestCompletion] = []

  func start(_ request: RestRequest) {
    requests.append((request, time()))
    let reply = route(request) ?? (script.isEmpty ? .answer(200, Answers.price) : script.removeFirst())
    switch reply {
    case .answer(let status, let body):
      done.append(RestCompletion(id: request.id, .answered(status: status, body: Array(body.utf8))))
    case .fault(let fault): done.append(RestCompletion(id: request.id, .failed(fault)))
    case .silence: break
    }
  }

  /// Answers the request with this number, however late.
  func answer(_ index: Int, _ status: Int, _ body: String) {
    done.append(
      RestCompletion(id: requests[index].request.id, .answered(status: status, body: Array(body.utf8))))
  }

  var hasAnswers: Bool { !done.isEmpty }

  func cancel(_ id: Int) { cancelled.append(id) }
  func takeCompletions() -> [RestCompletion] {
    defer { done = [] }
    return done
  }
}

enum Answers {
  static let price = #"{"rt_cd":"0","msg_cd":"MCA00000","msg1":"ok","output":{"stck_prpr":"71100"}}"#
  static let approval = #"{"approval_key":"a2585daf-8c09-4587-9fce-8ab893000000"}"#
  static func token(_ name: String) -> String {
    #"{"access_token":"\#(name)","access_token_token_expired":"2036-01-01 00:00:00","token_type":"Bearer","expires_in":86400}"#
  }
  static func error(_ code: String) -> String { #"{"rt_cd":"1","msg_cd":"\#(code)","msg1":"text"}"# }
}

/// A lane on a fake clock: `run` jumps from deadline to deadline.
final class Bench {
  let transport = ScriptedTransport()
  let lane: RestLane
  var now = Moment(monotonic: 1_000_000_000_000, wall: 1_785_369_600_000)
  var events: [RestEvent] = []

  init(_ policy: RestPolicy = RestPolicy(), rate: Double = 18, script: [ScriptedTransport.Reply]) throws {
    let folder = try Tool.temporaryFolder("lane")
    let clock = Box()
    let credentials = Credentials(appKey: Secret("app"), appSecret: Secret("shh"))
    lane = RestLane(
      transport: transport, credentials: credentials,
      keeper: TokenKeeper(store: TokenStore(folder: folder, fingerprint: "t"), seed: 1),
      limiter: try LimiterFile(path: folder + "/rate", boot: "test"), profile: Profile.of(.real), rate: rate,
      policy: policy, seed: 5, clock: { clock.value })
    self.clock = clock
    transport.script = script
    transport.time = { clock.value }
  }

  final class Box { var value: Nanoseconds = .zero }
  private let clock: Box

  func run(seconds: Double = 600) {
    let end = now.monotonic + .seconds(seconds)
    var turns = 0
    while turns < 5000 {
      turns += 1
      clock.value = now.monotonic
      let fresh = lane.advance(now)
      events += fresh
      if fresh.contains(where: { if case .stop = $0 { true } else { false } }) { return }
      if transport.hasAnswers {
        now = now.advanced(by: .milliseconds(1))
        continue
      }
      guard let due = lane.deadline, due < end else { return }
      now = now.advanced(by: max(due - now.monotonic, .milliseconds(1)))
    }
  }

  var answered: Int { events.count { if case .answered = $0 { true } else { false } } }
  var retried: [GapReason] {
    events.compactMap { if case .retrying(_, let reason, _) = $0 { reason } else { nil } }
  }
  var gaveUp: [RestTrouble] {
    events.compactMap { if case .gaveUp(_, let trouble) = $0 { trouble } else { nil } }
  }
  var stopped: ToolFailure? {
    events.lazy.compactMap { if case .stop(let failure) = $0 { failure } else { nil } }.first
  }
  /// Seconds between the requests number `first` and `second`.
  func between(_ first: Int, _ second: Int) -> Double {
    (transport.requests[second].at - transport.requests[first].at).inSeconds
  }
}
