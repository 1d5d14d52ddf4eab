import KIS

/// What is registered or wants to be, by channel and key, and how many there are of each feed at each place: O(1).
struct RegisteredSubjects {
  private var known: [RecordKey: Subject] = [:]
  private var counts: [FeedAtVenue: Int] = [:]

  var count: Int { known.count }
  var isEmpty: Bool { known.isEmpty }
  var all: some Collection<Subject> { known.values }

  /// How many there are of a feed at a place.
  func count(at place: FeedAtVenue) -> Int { counts[place] ?? 0 }

  subscript(_ channel: Channel, _ symbol: UnsafeBufferPointer<UInt8>) -> Subject? {
    RecordKey(channel, symbol).flatMap { known[$0] }
  }

  subscript(_ registration: Registration) -> Subject? {
    get { RecordKey(registration).flatMap { known[$0] } }
    set {
      guard let key = RecordKey(registration) else { return }
      let old = known[key]
      known[key] = newValue
      if let old { counts[FeedAtVenue(old), default: 1] -= 1 }
      if let newValue { counts[FeedAtVenue(newValue), default: 0] += 1 }
    }
  }
}
