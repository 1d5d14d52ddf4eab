import Plumbing

/// What one feed of one symbol did, minute by minute of its day: for a picture, so prices are only as exact as a picture.
struct MinuteStrip: Sendable {
  private static let minutes = 1440

  private(set) var records = [UInt32](repeating: 0, count: minutes)
  private(set) var shares = [Int64](repeating: 0, count: minutes)
  /// The last price of each minute; 0 where there is none.
  private(set) var prices = [Double](repeating: 0, count: minutes)
  /// Shares that were missing when the minute's records came.
  private(set) var missed = [Int64](repeating: 0, count: minutes)

  mutating func note(minute: Int, price: Decimal?, shares: Int64, missed: Int64) {
    guard records.indices.contains(minute) else { return }
    records[minute] &+= 1
    self.shares[minute].add(shares)
    if let price, price.mantissa > 0 { prices[minute] = price.approximate }
    self.missed[minute].add(missed)
  }

  mutating func takeBack(minute: Int, missed: Int64) {
    if self.missed.indices.contains(minute) { self.missed[minute] = self.missed[minute].minus(missed) }
  }
}

/// A loss and when: after the trade at `from`, shown by the one at `to` (epoch milliseconds of capture).
struct LossNote: Sendable {
  let subject: Int
  let from: Int64?
  let to: Int64
  /// The running totals of shares between which it lies.
  let totals: Range<Int64>
  var loss: Loss
}

/// A gap of a subject.
struct GapNote: Sendable {
  let subject: Int
  let gap: GapFact
}

/// Minutes, losses and gaps of one day: the last one that was seen. Bounded by the symbols, whatever the lines.
struct DayStrips: Sendable {
  /// Days since 1970-01-01; nil before the first line.
  private(set) var day: Int?
  /// By the subject's place.
  private(set) var strips: [Int: MinuteStrip] = [:]
  private(set) var losses: [LossNote] = []
  private(set) var gaps: [GapNote] = []
  /// Change against the previous close, percent, as the last record has it, by the subject's place.
  private(set) var changes: [Int: Decimal] = [:]
  /// The shares before the record with which the totals fell last, by the subject's place.
  private var falls: [Int: Int64] = [:]

  /// Losses and gaps that are kept; the sums count all.
  private static let most = 1000

  /// Whether `day` is the day that is kept: a later one takes its place.
  private mutating func keeps(_ day: Int) -> Bool {
    if let kept = self.day, day <= kept { return day == kept }
    self = DayStrips()
    self.day = day
    return true
  }

  mutating func note(_ place: Int, _ day: Int, _ fact: AuditFact, shares: Int64, missed: Loss?) {
    guard keeps(day) else { return }
    strips[place, default: MinuteStrip()].note(
      minute: Self.minute(fact.time, day), price: fact.price, shares: shares, missed: missed?.shares ?? 0)
    if let change = fact.changeRate { changes[place] = change }
  }

  /// As `note`, of a record that came late into the archive: prices are those of records that were there.
  mutating func note(late fact: AuditFact, _ place: Int, _ day: Int, shares: Int64) {
    guard keeps(day) else { return }
    strips[place, default: MinuteStrip()].note(
      minute: Self.minute(fact.time, day), price: nil, shares: shares, missed: 0)
  }

  mutating func note(_ loss: LossNote, _ day: Int) {
    if keeps(day), losses.count < Self.most { losses.append(loss) }
  }

  /// The totals of a subject fell with a record of `shares` before it.
  mutating func noteFall(_ place: Int, _ day: Int, after shares: Int64) {
    if keeps(day) { falls[place] = shares }
  }

  /// Trades since the fall were late: the loss that they lie in gets smaller.
  mutating func takeBack(late found: Loss, _ place: Int, _ day: Int) {
    if let from = falls[place] { takeBack(late: found, after: from, place, day) }
  }

  /// Trades after `shares` are not missing any longer: the loss that they lie in gets smaller.
  mutating func takeBack(late found: Loss, after shares: Int64, _ place: Int, _ day: Int) {
    guard day == self.day else { return }
    let index = losses.lastIndex {
      $0.subject == place && $0.totals.lowerBound <= shares
        && shares.plus(found.shares) <= $0.totals.upperBound
    }
    if let index { takeBack(found, at: index, day) }
  }

  /// A trade from before the first one has come: what was lost between is shown by the one that was the first.
  mutating func note(earlier loss: LossNote, _ day: Int) {
    guard keeps(day) else { return }
    note(loss, day)
    strips[loss.subject]?.takeBack(minute: Self.minute(loss.to, day), missed: (-loss.loss).shares)
  }

  /// Records since the fall were sent again, and what was missing between them was missing before: the last losses go.
  mutating func takeBack(repeated found: Loss, _ place: Int, _ day: Int) {
    guard day == self.day else { return }
    var rest = found.shares
    while rest > 0, let index = losses.lastIndex(where: { $0.subject == place }) {
      rest = rest.minus(losses[index].loss.shares)
      takeBack(losses[index].loss, at: index, day)
    }
  }

  private mutating func takeBack(_ found: Loss, at index: Int, _ day: Int) {
    losses[index].loss -= found
    strips[losses[index].subject]?.takeBack(minute: Self.minute(losses[index].to, day), missed: found.shares)
    if losses[index].loss.shares <= 0 { losses.remove(at: index) }
  }

  /// The minute of a capture. A session abroad goes on after midnight: it is drawn by the clock.
  private static func minute(_ time: Int64, _ day: Int) -> Int {
    Int((time - KST.midnight(ofDay: day).count) / 60_000) % 1440
  }

  mutating func note(_ gap: GapFact, _ place: Int, _ day: Int) {
    if keeps(day), gaps.count < Self.most { gaps.append(GapNote(subject: place, gap: gap)) }
  }
}
