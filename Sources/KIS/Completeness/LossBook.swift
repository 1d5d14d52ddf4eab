import Completeness
import Plumbing

/// What waits to be told about the trades that are missing. Cold: touched at a loss, never at a trade that is verified.
struct LossBook {
  /// The end of a gap that waits for the next record, which tells what it cost.
  struct Awaited {
    let end: GapRecord
    /// When it is told without.
    let until: Milliseconds
  }

  /// Losses of a symbol that are not claimed as yet, as one.
  struct Suspicion {
    var loss: Loss
    let from: Milliseconds
    var to: Milliseconds
    var volume: Int64
    var cause: LossCause
  }

  /// How long the end of a gap waits: a symbol that trades less often has its cost told on its own.
  static let patience: Milliseconds = .minutes(1)

  /// Symbols by their place.
  private(set) var subjects: [Subject] = []
  private(set) var places: [Subject: Int] = [:]
  var ends: [Int: Awaited] = [:]
  var causes: [Int: LossCause] = [:]
  var suspicions: [Int: Suspicion] = [:]
  /// What was claimed of a symbol today and not taken back.
  var claims: [Int: Loss] = [:]
  var news: [GapRecord] = []
  var deafness: Deafness?
  private var ids: RunIDGenerator

  init(seed: UInt64?) { ids = RunIDGenerator(seed: seed) }

  /// Gives a symbol the next place.
  mutating func add(_ subject: Subject) -> Int {
    subjects.append(subject)
    places[subject] = subjects.count - 1
    return subjects.count - 1
  }

  /// Why something was lost between two moments: by our own doing, else by `cause`.
  func cause(_ from: Milliseconds, _ to: Milliseconds, else cause: LossCause?) -> LossCause? {
    if let deafness, deafness.explains(from, to) { return deafness.cause }
    return cause
  }

  /// Notes what is claimed; of a loss that takes back, less.
  mutating func claim(_ loss: Loss, _ place: Int) {
    claims[place] = claims[place].map { $0 + loss } ?? loss
  }

  /// Tells a loss, which is over as soon as it is known.
  mutating func tell(_ suspicion: Suspicion, _ place: Int) {
    claim(suspicion.loss, place)
    var record = GapRecord(
      subject: subjects[place], reason: .missedTrades, id: ids.text(),
      from: min(suspicion.from, suspicion.to), to: suspicion.to, isFinal: true)
    record.missed = suspicion.loss
    record.volume = suspicion.volume
    record.cause = suspicion.cause
    news.append(record)
  }

  /// Tells the end of a gap that waited, as it stands.
  mutating func release(_ place: Int) {
    if let awaited = ends.removeValue(forKey: place) { news.append(awaited.end) }
  }
}
