import Plumbing

/// Calls that wait for their turn, however many: each operation costs O(1) or O(log n).
///
/// What asks for a token or a key goes first, for the others need it; then calls that are tried again, once their
/// pause is over; then the others in order.
struct CallQueue {
  /// Where a call stands.
  enum Place {
    case urgent(Int)
    case later
    case fresh
  }

  private(set) var urgent: [RestLane.Call] = []
  private var later = DueQueue<RestLane.Call, Nanoseconds>()
  private var fresh: [RestLane.Call?] = []
  private var head = 0
  private var untried: [Instrument: Int] = [:]

  var count: Int { urgent.count + later.count + fresh.count - head }
  var isEmpty: Bool { count == 0 }

  /// All that wait.
  var all: [RestLane.Call] { urgent + later.elements + fresh[head...].compactMap { $0 } }

  /// When the first call may be sent, monotonic; nil when there is none.
  var ready: Nanoseconds? {
    var times = urgent.map(\.notBefore)
    if let (time, _) = later.first { times.append(time) }
    if head < fresh.count { times.append(.zero) }
    return times.min()
  }

  /// Whether a call for `instrument` was never sent.
  func isUntried(_ instrument: Instrument) -> Bool { untried[instrument] != nil }

  /// A new call.
  mutating func add(_ call: RestLane.Call) {
    guard call.work.needsToken else { return urgent.insert(call, at: 0) }
    fresh.append(call)
    for instrument in call.work.instruments { untried[instrument, default: 0] += 1 }
  }

  /// A call that is tried again, not before its time.
  mutating func addAgain(_ call: RestLane.Call) {
    guard call.work.needsToken else { return urgent.insert(call, at: 0) }
    later.add(call, at: call.notBefore)
  }

  /// The call whose turn it is.
  func next(_ now: Nanoseconds) -> (place: Place, call: RestLane.Call)? {
    if let index = urgent.firstIndex(where: { $0.notBefore <= now }) {
      return (.urgent(index), urgent[index])
    }
    if let (time, call) = later.first, time <= now { return (.later, call) }
    guard head < fresh.count, let call = fresh[head] else { return nil }
    return (.fresh, call)
  }

  /// Takes it out.
  mutating func remove(_ place: Place) {
    switch place {
    case .urgent(let index): urgent.remove(at: index)
    case .later: later.removeFirst()
    case .fresh:
      for instrument in fresh[head]?.work.instruments ?? [] {
        let left = (untried[instrument] ?? 1) - 1
        untried[instrument] = left > 0 ? left : nil
      }
      fresh[head] = nil
      head += 1
      if head > 64 && head * 2 > fresh.count {
        fresh.removeFirst(head)
        head = 0
      }
    }
  }
}
