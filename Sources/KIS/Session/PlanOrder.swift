import Plumbing

/// The registrations of a plan by what is to be done with them, each kind in order: whatever a plan asks for costs
/// O(log n), so that it makes no difference how many have no room.
struct PlanOrder: Sendable {
  /// What is to be done with one.
  enum Kind {
    /// To be asked for, at once or later.
    case idle(isReady: Bool)
    /// The server has it, or may have it.
    case held(SubscriptionPlan.State, isWanted: Bool)
    /// Nothing; it is known until its time has passed.
    case remembered
  }

  /// Those that count against the limit.
  private(set) var held = NumberSet()
  /// Those of them that are confirmed.
  private(set) var active = NumberSet()
  /// Those of them that were never answered.
  private(set) var unanswered = NumberSet()
  /// Those that are not wanted and can be taken back.
  private(set) var surplus = NumberSet()
  /// Idle ones with room: all of them stand before all of `beyond`.
  private(set) var roomed = NumberSet()
  /// Idle ones without.
  private(set) var beyond = NumberSet()
  /// Idle ones that may be asked for now.
  var ready = NumberSet()
  /// The others, by the time from which they may be; some entries are out of date.
  var postponed = DueQueue<Int, Nanoseconds>()
  /// Whether what has moved into or out of `beyond` was there before.
  private var moved: [Registration: Bool]

  init(moved: [Registration: Bool] = [:]) { self.moved = moved }

  /// Puts one where it belongs; nil: nowhere.
  mutating func file(_ number: Int, _ registration: Registration, _ kind: Kind?) {
    let wasBeyond = beyond.remove(number)
    roomed.remove(number)
    ready.remove(number)
    held.remove(number)
    active.remove(number)
    unanswered.remove(number)
    surplus.remove(number)
    switch kind {
    case .idle(let isReady):
      if let last = roomed.last, number < last { roomed.insert(number) } else { beyond.insert(number) }
      if isReady { ready.insert(number) }
    case .held(let state, let isWanted):
      held.insert(number)
      if state == .active { active.insert(number) }
      if state == .unanswered { unanswered.insert(number) }
      if !isWanted, state == .active || state == .unanswered { surplus.insert(number) }
    case .remembered, nil: break
    }
    if wasBeyond || beyond.contains(number), moved[registration] == nil { moved[registration] = wasBeyond }
  }

  mutating func postpone(_ number: Int, until time: Nanoseconds) { postponed.add(number, at: time) }

  /// Gives room to the first idle ones; gives those that have moved.
  mutating func balance(room: Int) -> [Int] {
    var changed: [Int] = []
    while roomed.count > max(0, room), let last = roomed.last {
      roomed.remove(last)
      beyond.insert(last)
      changed.append(last)
    }
    while roomed.count < room, let first = beyond.first {
      beyond.remove(first)
      roomed.insert(first)
      changed.append(first)
    }
    return changed
  }

  /// Notes that one has got room, or has lost it.
  mutating func note(_ registration: Registration, _ number: Int) {
    if moved[registration] == nil { moved[registration] = !beyond.contains(number) }
  }

  /// What has moved since this was asked last, and whether it had no room before.
  mutating func takeMoved() -> [Registration: Bool] {
    defer { moved = [:] }
    return moved
  }
}
