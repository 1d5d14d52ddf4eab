import Plumbing

/// What the exchange refused, and when each is asked for again: pure, without a clock.
///
/// A refusal may be of a moment: a listing on its first morning, a table that the server has not loaded yet. So
/// nothing is refused for ever, and nothing is asked for in a loop: KIS told one user not to register again, and a
/// loop of registrations got no ticks at all. All operations cost O(1) or O(log n).
public struct RefusedSymbols: Sendable {
  /// Pauses.
  public struct Waits: Sendable {
    /// Before a poll is tried once more. A registration is not: registering in loops gets a key blocked.
    public var soon: Nanoseconds = .seconds(5)
    /// After that; it doubles with each refusal.
    public var first: Nanoseconds = .seconds(600)
    /// The longest.
    public var longest: Nanoseconds = .hours(1)

    /// The normal pauses.
    public init() {}

    /// All pauses multiplied by `factor`.
    public func scaled(by factor: Double) -> Waits {
      var waits = self
      waits.soon = soon.scaled(by: factor)
      waits.first = first.scaled(by: factor)
      waits.longest = longest.scaled(by: factor)
      return waits
    }
  }

  private struct Entry: Sendable {
    let place: MarketPlace
    var refusals = 0
    var isResting = false
    /// When it is asked for again, monotonic.
    var time: Nanoseconds = .zero
    /// When a repeated line was last followed, or will be, monotonic.
    var wished: Nanoseconds?
  }

  private struct Shelf: Hashable {
    let feed: Feed
    let place: MarketPlace
  }

  private let waits: Waits
  private var entries: [Subject: Entry] = [:]
  private var resting: [Shelf: Int] = [:]
  private var times = DueQueue<Subject, Nanoseconds>()
  /// When all are asked for again: the exchange's lists change with the day. Nil: none rests.
  public private(set) var midnight: Milliseconds?

  /// Nothing is refused.
  public init(_ waits: Waits = Waits()) { self.waits = waits }

  /// What was refused, and not served since.
  public var subjects: some Collection<Subject> { entries.keys }
  /// Whether nothing is refused.
  public var isEmpty: Bool { entries.isEmpty }
  /// Whether it was refused, and not served since.
  public func contains(_ subject: Subject) -> Bool { entries[subject] != nil }
  /// Whether it is not to be asked for now.
  public func rests(_ subject: Subject) -> Bool { entries[subject]?.isResting ?? false }
  /// How many of a feed rest at a place.
  public func resting(_ feed: Feed, at place: MarketPlace) -> Int {
    resting[Shelf(feed: feed, place: place)] ?? 0
  }
  /// When the first is asked for again, monotonic, if `midnight` does not come before.
  public var deadline: Nanoseconds? { times.first?.time }

  /// It was refused. Gives how long it rests at most.
  public mutating func refuse(_ subject: Subject, at now: Moment) -> Nanoseconds {
    var entry = entries[subject] ?? Entry(place: MarketPlace(subject.instrument))
    entry.refusals += 1
    let wait = wait(subject, entry.refusals)
    entry.time = now.monotonic + wait
    store(subject, entry, isResting: true)
    times.add(subject, at: entry.time)
    if midnight == nil { midnight = KST.midnight(before: now.wall) + .day }
    return wait
  }

  /// It was served, or is no longer wanted.
  public mutating func forget(_ subject: Subject) {
    guard entries[subject] != nil else { return }
    store(subject, nil, isResting: false)
  }

  /// What is to be asked for again now.
  public mutating func takeDue(at now: Moment) -> [Subject] {
    var due: [Subject] = []
    let isMidnight = midnight.map { now.wall >= $0 } ?? false
    while let (time, subject) = times.first, isMidnight || time <= now.monotonic {
      times.removeFirst()
      guard let entry = entries[subject], entry.isResting, entry.time == time else { continue }
      store(subject, entry, isResting: false)
      due.append(subject)
    }
    if times.isEmpty { midnight = nil }
    return due
  }

  /// Somebody names it again. True when it is to be asked for at once; a further wish within the first pause waits
  /// until that is over.
  public mutating func wish(_ subject: Subject, at now: Moment) -> Bool {
    guard var entry = entries[subject], entry.isResting else { return false }
    let earliest = entry.wished.map { $0 + waits.first } ?? now.monotonic
    guard now.monotonic >= earliest else {
      if earliest < entry.time {
        entry.time = earliest
        entry.wished = earliest
        store(subject, entry, isResting: true)
        times.add(subject, at: earliest)
      }
      return false
    }
    entry.wished = now.monotonic
    store(subject, entry, isResting: false)
    return true
  }

  private func wait(_ subject: Subject, _ refusals: Int) -> Nanoseconds {
    let isPolled = subject.feed.isPolled
    if isPolled && refusals == 1 { return waits.soon }
    let doublings = min(refusals - (isPolled ? 2 : 1), 16)
    return min(waits.first * (1 << doublings), waits.longest)
  }

  private mutating func store(_ subject: Subject, _ entry: Entry?, isResting: Bool) {
    guard let place = (entries[subject] ?? entry)?.place else { return }
    let shelf = Shelf(feed: subject.feed, place: place)
    if entries[subject]?.isResting ?? false { resting[shelf, default: 1] -= 1 }
    var entry = entry
    entry?.isResting = isResting
    entries[subject] = entry
    if isResting { resting[shelf, default: 0] += 1 }
  }
}
