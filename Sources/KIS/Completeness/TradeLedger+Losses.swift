import Completeness
import Plumbing

extension TradeLedger {
  /// Counts a verdict, and tells what is missing before its record.
  @inline(never)
  mutating func settle(
    _ verdict: Verdict, _ found: Loss?, _ trade: Trade, _ place: Int, at time: Milliseconds, _ hasTurned: Bool
  ) {
    let channel = entries[place].channel
    count(verdict, trade, channel)
    if hasTurned, channels[channel].standing == .unfit { withdrawAll(channel, at: time) }
    if let found { takeBack(found, place, at: time) }
    var suspicion: LossBook.Suspicion?
    if case .missed(let loss) = verdict {
      let seen = entries[place].seen
      suspicion = LossBook.Suspicion(
        loss: loss, from: seen, to: time, volume: trade.totals?.shares ?? 0,
        cause: book.cause(seen, time, else: nil) ?? .notReceived)
    }
    if entries[place].isAwaited { settleAwaited(verdict, &suspicion, place) }
    if let suspicion { note(suspicion, place) }
    if hasTurned, channels[channel].standing == .trusted { claimAll(channel) }
  }

  private func count(_ verdict: Verdict, _ trade: Trade, _ channel: Int) {
    let isUnfit = channels[channel].standing == .unfit
    switch verdict {
    case .first, .late: channels[channel].counts.shares.add(trade.size)
    case .verified, .missed:
      channels[channel].counts.shares.add(trade.size)
      if isUnfit {
        channels[channel].counts.unverifiable += 1
      } else if case .verified = verdict {
        channels[channel].counts.verified += 1
      }
    case .duplicate: break  // one or more: `judge` counts them
    case .reversal: channels[channel].counts.reversals += 1
    case .unverifiable:
      channels[channel].counts.shares.add(trade.size)
      channels[channel].counts.unverifiable += 1
    }
  }

  /// A trade that was counted as missing has come after all.
  private mutating func takeBack(_ loss: Loss, _ place: Int, at time: Milliseconds) {
    let channel = entries[place].channel
    channels[channel].counts.shares.add(loss.shares)
    if let suspicion = book.suspicions[place] {
      let rest = suspicion.loss - loss
      book.suspicions[place]?.loss = rest
      if rest.shares <= 0 { book.suspicions[place] = nil }
    } else if channels[channel].standing == .trusted {
      let late = LossBook.Suspicion(
        loss: -loss, from: entries[place].seen, to: time, volume: 0, cause: .cameLate)
      channels[channel].counts.miss(late.loss, late.cause)
      book.tell(late, place)
    }
  }

  /// The record that a gap's end has waited for, or the first one after its symbol had no registration.
  private mutating func settleAwaited(
    _ verdict: Verdict, _ suspicion: inout LossBook.Suspicion?, _ place: Int
  ) {
    entries[place].isAwaited = false
    let channel = entries[place].channel
    if let cause = book.causes.removeValue(forKey: place) {
      suspicion?.cause = cause
    }
    guard var end = book.ends.removeValue(forKey: place)?.end else { return }
    suspicion?.cause = .gap
    if channels[channel].standing == .trusted {
      switch verdict {
      case .verified, .duplicate:
        end.missed = Loss(trades: 0, shares: 0, value: channels[channel].multipliers.isEmpty ? nil : 0)
      case .missed(let loss):
        end.missed = loss
        channels[channel].counts.miss(loss, end.cause ?? .gap)
        book.claim(loss, place)
        suspicion = nil
      case .first, .reversal, .late, .unverifiable: break
      }
    }
    book.news.append(end)
  }

  /// Claims a loss, or keeps it until its channel is known well enough.
  private mutating func note(_ new: LossBook.Suspicion, _ place: Int) {
    let channel = entries[place].channel
    if channels[channel].standing == .trusted {
      channels[channel].counts.miss(new.loss, new.cause)
      return book.tell(new, place)
    }
    guard var old = book.suspicions[place] else {
      book.suspicions[place] = new
      return
    }
    old.loss += new.loss
    (old.to, old.volume) = (new.to, new.volume)
    if old.cause != new.cause { old.cause = .notReceived }
    book.suspicions[place] = old
  }

  /// A channel was found not to add up: what was told of it is a suspicion again.
  private mutating func withdrawAll(_ channel: Int, at time: Milliseconds) {
    for place in book.claims.keys.sorted() where entries[place].channel == channel {
      guard let loss = book.claims[place], loss.shares > 0 else { continue }
      let from = entries[place].seen
      let back = LossBook.Suspicion(loss: -loss, from: from, to: time, volume: 0, cause: .withdrawn)
      channels[channel].counts.miss(back.loss, back.cause)
      book.tell(back, place)
      note(LossBook.Suspicion(loss: loss, from: from, to: time, volume: 0, cause: .notReceived), place)
    }
  }

  private mutating func claimAll(_ channel: Int) {
    for place in book.suspicions.keys.sorted() where entries[place].channel == channel {
      guard let suspicion = book.suspicions.removeValue(forKey: place) else { continue }
      channels[channel].counts.miss(suspicion.loss, suspicion.cause)
      book.tell(suspicion, place)
    }
  }
}
