import JSONBytes
import Plumbing

@testable import KIS

/// The token cache and the stamp beside it: nothing that stands there stops the program, and what it writes it reads.
final class TokenTarget: FuzzTarget {
  private static let now = Moment(
    monotonic: Nanoseconds(1_000_000_000_000), wall: Milliseconds(1_790_000_000_000))

  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    var kind = Kind()
    let bytes = Array(input.bytes)
    if let token = AccessToken(stored: bytes) {
      kind.add(token.renewal > Self.now.wall ? 1 : 2)
      guard token.renewal <= token.expires, KST(token.expires).iso.utf8.count == KST.isoLength
      else {
        throw Broken("renewed at \(token.renewal), after \(token.expires)")
      }
      guard AccessToken.isUsable(token.value.reveal()) else { throw Broken("a token that no header takes") }
      let text = token.text
      guard AccessToken(stored: Array(text.bytes)) == token else {
        throw Broken("written, it reads differently")
      }
    }
    if let stamp = TokenStore.stamp(bytes[...]) {
      kind.add(4)
      guard KST(stamp).iso.utf8.count == KST.isoLength else { throw Broken("stamp \(stamp)") }
    }
    // Any times at all.
    let wild = AccessToken(
      value: Secret("t"), issued: Milliseconds(Int64(bitPattern: random.next())),
      expires: Milliseconds(Int64(bitPattern: random.next())))
    guard wild.renewal <= wild.expires else { throw Broken("\(wild.issued) \(wild.expires)") }
    return kind.value
  }
}

/// The rate ledger: whatever it holds, no caller waits beyond the horizon, and no window takes more calls than allowed.
final class LedgerTarget: FuzzTarget {
  private static let rates = [18, 1, 3, 0.01, 2.5, 1000, -1, .infinity, .nan, 1e300]

  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    var kind = Kind()
    guard let stored = LimiterState(stored: Array(input.bytes)[...], boot: "b") else { return kind.value }
    kind.add(1 + min(stored.calls.count, 8))
    let text = stored.text(boot: "b")
    guard LimiterState(stored: Array(text.bytes)[...], boot: "b") == stored else {
      throw Broken("written, it reads differently")
    }
    let rule = LimiterRule(callsPerSecond: Self.rates[random.below(Self.rates.count)])
    var state = stored
    var now = Nanoseconds(Int64(random.next() >> 8))
    var made = 0
    for id in 0..<8 {
      let slot = state.reserve(now: now, rule: rule, multiplier: 8)
      guard (now...now + rule.horizon).contains(slot) else { throw Broken("slot \(slot) at \(now)") }
      if let free = state.commit(now: now, rule: rule, id: UInt64(id)) {
        guard (now...now + rule.horizon).contains(free) else { throw Broken("free at \(free), now \(now)") }
      } else {
        made += 1
      }
      if random.below(2) == 0 { state.complete(id: UInt64(id), latest: now, rule: rule) }
      now += Nanoseconds(Int64(random.below(1000)))
    }
    guard made <= rule.permits else { throw Broken("\(made) calls at once, \(rule.permits) allowed") }
    kind.add(made)
    return kind.value
  }
}

/// A credentials file: only names of variables come out, values are one line, and nothing is lost without a number.
final class VariablesTarget: FuzzTarget {
  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    var kind = Kind()
    guard let text = try? VariableText(Array(input.bytes)) else { return kind.value }
    kind.add(1 + min(text.values.count, 6))
    kind.add(min(text.oddLines.count, 4))
    let isJSON = input.bytes.first { ![0xEF, 0xBB, 0xBF, 0x20, 0x0A, 0x0D, 0x09].contains($0) } == 0x7B
    for (name, value) in text.values {
      guard name.utf8.allSatisfy({ $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
      else {
        throw Broken("a variable called '\(name)'")
      }
      guard isJSON || !value.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else {
        throw Broken("a line end in \(name)")
      }
      kind.add(min(value.utf8.count, 3))
    }
    let lines = input.bytes.count { $0 == 0x0A } + 1
    guard text.oddLines.allSatisfy({ (1...lines).contains($0) }) else {
      throw Broken("line \(text.oddLines)")
    }
    return kind.value
  }
}
