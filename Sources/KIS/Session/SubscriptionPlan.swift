import Plumbing

/// Which registrations a session holds, and which message goes out next: pure, without a socket.
///
/// One message is in the air at a time, and what is not answered is asked for once more in its connection (later only
/// minutes apart), because KIS blocks keys that subscribe in loops (KIS notice 2026-02-24).
public struct SubscriptionPlan: Sendable {
  struct Item: Sendable {
    let registration: Registration
    var isWanted = true
    var state: State = .idle
    var notBefore: Nanoseconds = .zero
    var tries = 0

    /// Whether a new connection makes no difference to it.
    var isUntouched: Bool { isWanted && state == .idle && notBefore == .zero && tries == 0 }
  }

  /// The most registrations that this session takes; it shrinks when the server teaches a smaller number.
  public private(set) var limit: Int
  private let ceiling: Int
  let timing: Timing
  /// Items by number; the numbers grow in the order in which they were wanted.
  private var items: [Item?] = []
  private var numbers: [Registration: Int] = [:]
  private var order = PlanOrder()
  private var touched = NumberSet()
  var waiting: Registration?
  var sentAt: Nanoseconds = .min / 2
  var overflowAt: Nanoseconds?
  var answers = AnswerWatch()
  var silent: [Registration] = []

  /// Plans for at most `limit` registrations.
  public init(limit: Int, timing: Timing = Timing()) {
    self.limit = limit
    ceiling = limit
    self.timing = timing
  }

  /// Registrations that count against the limit now.
  public var held: Int { order.held.count }
  /// Registrations that the server confirmed.
  public var active: Int { order.active.count }
  /// Registrations that the server has left without an answer.
  public var unanswered: Int { order.unanswered.count }
  /// Whether every wanted registration was sent that has room, and the server answered at least one.
  public var isSettled: Bool { waiting == nil && active > 0 && (order.ready.isEmpty || held >= limit) }
  /// How many more could be held.
  public var room: Int { max(0, limit - held - order.roomed.count) }
  /// The state of one registration; nil when it is neither wanted nor held.
  public func state(of registration: Registration) -> State? { item(registration)?.state }

  /// Wants one more.
  public mutating func want(_ registration: Registration) {
    var item = Item(registration: registration)
    if let known = self.item(registration) {
      guard !known.isWanted else { return }
      item = known
      item.isWanted = true
      put(registration, nil)
    }
    if items.count > 64 + 2 * numbers.count { renumber() }
    numbers[registration] = items.count
    items.append(nil)
    put(registration, item)
  }

  /// Wants one less.
  public mutating func drop(_ registration: Registration) {
    guard var item = item(registration), item.isWanted else { return }
    item.isWanted = false
    // What is to be left alone for a while is remembered until then.
    put(registration, item.state == .idle && item.notBefore == .zero ? nil : item)
  }

  /// Wanted registrations that have no room: the first `limit` of the wanted ones have.
  public var overflow: [Registration] { registrations(order.beyond.numbers) }
  /// How many have no room.
  public var overflowCount: Int { order.beyond.count }
  /// Whether this one has none.
  public func isOverflow(_ registration: Registration) -> Bool {
    numbers[registration].map { order.beyond.contains($0) } ?? false
  }

  /// What came to have no room (true), or has it no longer (false), since this was asked last.
  public mutating func takeOverflowChanges() -> [(registration: Registration, isOverflow: Bool)] {
    order.takeMoved().compactMap { registration, was in
      let isOverflow = isOverflow(registration)
      return isOverflow == was ? nil : (registration, isOverflow)
    }
  }

  /// Wanted registrations that are held, or have room to be.
  public var placed: [Registration] {
    (order.held.numbers + order.roomed.numbers).compactMap { number in
      items[number].flatMap { $0.isWanted ? $0.registration : nil }
    }
  }

  /// A connection begins: the server knows nothing of an earlier one.
  public mutating func reset() {
    answers.reset()
    silent = []
    waiting = nil
    sentAt = .min / 2
    for registration in registrations(touched.numbers) {
      put(registration, self.item(registration)?.isWanted == true ? Item(registration: registration) : nil)
    }
  }

  /// The next message, if one may be sent now; it counts as sent.
  public mutating func next(now: Nanoseconds) -> Message? {
    expire(now: now)
    guard waiting == nil, now - sentAt >= timing.pace else { return nil }
    if let gone = order.surplus.first.flatMap({ items[$0]?.registration }) {
      change(gone) { $0.state = .unsubscribing }
      return sent(.unsubscribe(gone), gone, now)
    }
    switch answers.next(now: now, isServed: active > 0, rest: timing.overflow) {
    case .ask(let registration): return subscribe(registration, now)
    case .giveUp: return .giveUp
    case nil: break
    }
    if let at = overflowAt, now >= at {
      overflowAt = nil
      setLimit(ceiling)
    }
    guard held < limit else { return nil }
    wake(now: now)
    guard let next = order.ready.first.flatMap({ items[$0]?.registration }) else { return nil }
    return subscribe(next, now)
  }

  private mutating func subscribe(_ registration: Registration, _ now: Nanoseconds) -> Message {
    change(registration) {
      $0.state = .subscribing
      $0.tries += 1
    }
    return sent(.subscribe(registration), registration, now)
  }

  /// All removals, for the end of a session; they count as sent and no answer is waited for.
  public mutating func takeAll() -> [Registration] {
    let held = order.held.numbers.compactMap { number -> Registration? in
      guard let item = items[number], item.isWanted, item.state != .unsubscribing else { return nil }
      return item.registration
    }
    items = []
    numbers = [:]
    order = PlanOrder()
    touched = NumberSet()
    answers.reset()
    waiting = nil
    return held
  }

  /// When `next` has something to do, monotonic; nil when only an event can change that.
  public var deadline: Nanoseconds? {
    if waiting != nil { return sentAt + timing.answer }
    let soon = sentAt + timing.pace
    if !order.surplus.isEmpty { return soon }
    let again = answers.deadline.map { max($0, soon) }
    guard let ready = order.ready.isEmpty ? order.postponed.first.map({ max($0.time, soon) }) : soon,
      let fresh = held < limit ? ready : overflowAt.map({ max($0, ready) })
    else { return again }
    return min(fresh, again ?? .max)
  }

  // MARK: - Items

  func item(_ registration: Registration) -> Item? { numbers[registration].flatMap { items[$0] } }

  private func registrations(_ numbers: [Int]) -> [Registration] {
    numbers.compactMap { items[$0]?.registration }
  }

  mutating func change(_ registration: Registration, _ edit: (inout Item) -> Void) {
    guard var item = item(registration) else { return }
    edit(&item)
    put(registration, item)
  }

  /// Stores an item, or forgets it, and files it by its state.
  mutating func put(_ registration: Registration, _ item: Item?) {
    guard let number = numbers[registration] else { return }
    items[number] = item
    if item?.isWanted != true { answers.forget(registration) }
    if item == nil { numbers[registration] = nil }
    if item?.isUntouched ?? true { touched.remove(number) } else { touched.insert(number) }
    order.file(number, registration, item.map(Self.kind))
    if let item, item.state == .idle, item.notBefore > .zero { order.postpone(number, until: item.notBefore) }
    balance()
  }

  private static func kind(_ item: Item) -> PlanOrder.Kind {
    switch item.state {
    case .idle: item.isWanted ? .idle(isReady: item.notBefore == .zero) : .remembered
    case .active, .unanswered, .subscribing, .unsubscribing: .held(item.state, isWanted: item.isWanted)
    }
  }

  private mutating func balance() {
    for number in order.balance(room: limit - held) {
      if let registration = items[number]?.registration { order.note(registration, number) }
    }
    // What is at the head of the waiting ones is still waiting, so that its time is a deadline.
    while let (time, number) = order.postponed.first {
      if let item = items[number], item.state == .idle, item.notBefore == time, !order.ready.contains(number)
      {
        break
      }
      order.postponed.removeFirst()
    }
  }

  mutating func setLimit(_ number: Int) {
    limit = number
    balance()
  }

  /// What was left alone for long enough may be asked for, or be forgotten.
  private mutating func wake(now: Nanoseconds) {
    while let (time, number) = order.postponed.first, time <= now {
      order.postponed.removeFirst()
      guard let item = items[number], item.state == .idle, item.notBefore == time else { continue }
      if item.isWanted { order.ready.insert(number) } else { put(item.registration, nil) }
    }
  }

  /// Numbers without the holes that removals left.
  private mutating func renumber() {
    let old = items.compactMap { $0 }
    let moved = order.takeMoved().merging(overflow.map { ($0, true) }) { first, _ in first }
    items = []
    numbers = [:]
    touched = NumberSet()
    order = PlanOrder(moved: moved)
    for item in old {
      numbers[item.registration] = items.count
      items.append(nil)
      put(item.registration, item)
    }
  }

  private mutating func sent(_ message: Message, _ registration: Registration, _ now: Nanoseconds) -> Message
  {
    waiting = registration
    sentAt = now
    return message
  }
}
