import Glibc
import Plumbing
import TestSupport
import Testing

@testable import KIS

/// Whatever is done for each symbol costs about the same with few and with many of them, in the time that this thread
/// computes: eight times as many take about eight times as long, and not sixty-four times.
@Suite(.serialized) struct ManySymbolsTests {
  private static func symbol(_ number: Int) -> String { String(String(1_000_000 + number).dropFirst()) }

  private static func seconds(_ work: () -> Void) -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    work()
    return now() - start
  }

  /// The best of some tries of `work` with few and with eight times as many.
  private func expectLinear(_ name: String, _ work: (Int) -> Void) {
    let few = 2_000
    var best = (Double.infinity, Double.infinity)
    for _ in 0..<6 {
      best.0 = min(best.0, Self.seconds { work(few) })
      best.1 = min(best.1, Self.seconds { work(8 * few) })
      if best.1 < 24 * best.0 { return }
    }
    Issue.record("\(name): \(few) take \(best.0) s, \(8 * few) take \(best.1) s")
  }

  @Test func watchlist() {
    expectLinear("added and removed") { count in
      var list = Watchlist()
      for number in 0..<count { _ = list.add(Instrument(Self.symbol(number), .krx)) }
      for number in 0..<count { _ = list.remove(Instrument(Self.symbol(number), .krx)) }
      #expect(list.isEmpty)
    }
  }

  @Test func plan() {
    let channel = Channel(.trades, .krx)
    expectLinear("a plan without room for most") { count in
      var plan = SubscriptionPlan(limit: 41)
      var now: Nanoseconds = 0
      for number in 0..<count {
        plan.want(Registration(channel, Self.symbol(number)))
        _ = plan.deadline
      }
      #expect(plan.takeOverflowChanges().count == count - 41)
      // All are refused, one after the other.
      for _ in 0..<count {
        guard let due = plan.deadline else { break }
        now = max(now, due)
        guard case .subscribe(let item) = plan.next(now: now) else { break }
        _ = plan.answer(item, .refused, now: now)
        _ = plan.takeOverflowChanges()
        _ = (plan.held, plan.active, plan.overflowCount)
      }
      #expect(plan.deadline == nil)
    }
    expectLinear("dropped") { count in
      var plan = SubscriptionPlan(limit: 41)
      for number in 0..<count { plan.want(Registration(channel, Self.symbol(number))) }
      for number in 0..<count {
        plan.drop(Registration(channel, Self.symbol(number)))
        plan.reset()
      }
      #expect(plan.deadline == nil && plan.overflowCount == 0)
    }
  }

  @Test func calls() {
    expectLinear("calls that wait") { count in
      var queue = CallQueue()
      for number in 0..<count {
        let instrument = Instrument(Self.symbol(number), .krx)
        queue.add(RestLane.Call(id: number, work: .price(instrument), isPart: false))
        #expect(queue.isUntried(instrument) && queue.ready == 0)
      }
      for number in 0..<count {
        guard let next = queue.next(Nanoseconds(Int64(number))) else { break }
        queue.remove(next.place)
        var call = next.call
        if call.attempts > 0 { continue }
        call.attempts = 1
        call.notBefore = Nanoseconds(Int64(2 * number))
        queue.addAgain(call)
      }
      #expect(queue.count < count)
    }
  }

  @Test func refused() {
    expectLinear("refused and asked for again") { count in
      var refused = RefusedSymbols()
      let start = Moment(monotonic: 0, wall: 0)
      for number in 0..<count {
        let subject = Subject(Instrument(Self.symbol(number), .krx), .trades)
        _ = refused.refuse(subject, at: start.advanced(by: Nanoseconds(Int64(number))))
        _ = refused.takeDue(at: start)
      }
      for number in 0..<count {
        _ = refused.wish(
          Subject(Instrument(Self.symbol(number), .krx), .trades), at: start.advanced(by: 1_000_000))
      }
      #expect(refused.resting(.trades, at: MarketPlace(Instrument("005930", .krx))) == 0)
    }
  }

  @Test func gaps() {
    expectLinear("gaps that begin, are told and end") { count in
      var gaps = GapBook(seed: 1)
      let subjects = (0..<count).map { Subject(Instrument(Self.symbol($0), .krx), .trades) }
      for (number, subject) in subjects.enumerated() {
        gaps.watch(subject, at: 0)
        _ = gaps.miss(subject, .noData, at: .milliseconds(number % 5_000))
        _ = (gaps.nextMark, gaps.subjects(.noData).count)
      }
      var told = 0
      while let mark = gaps.nextMark, mark < 60_000 { told += gaps.due(at: 20_000, most: 64).count }
      #expect(told == count)
      for subject in subjects { _ = gaps.saw(subject, at: 30_000) }
      #expect(gaps.nextMark == nil && gaps.subjects(.noData).isEmpty)
    }
  }

  // MARK: - The order that they are made of, against a slow one

  @Test func numbersAreKeptInOrder() {
    var generator = TestSupport.SeededGenerator(seed: 7)
    var set = NumberSet()
    var slow: Set<Int> = []
    for step in 0..<20_000 {
      let number = Int.random(in: 0..<(step < 10_000 ? 300 : 300_000), using: &generator)
      if Bool.random(using: &generator) {
        let isNew = set.insert(number)
        #expect(isNew == slow.insert(number).inserted)
      } else {
        let any = step % 3 == 0 ? set.first ?? number : number
        let wasThere = set.remove(any)
        #expect(wasThere == (slow.remove(any) != nil))
      }
      #expect(set.count == slow.count)
      if step % 100 == 0 { #expect(set.numbers == slow.sorted()) }
      if step % 50 == 0 { #expect(set.first == slow.min() && set.last == slow.max()) }
    }
  }

  @Test func timesComeInOrder() {
    var generator = TestSupport.SeededGenerator(seed: 8)
    var table = DueQueue<Int, Nanoseconds>()
    var slow: [(time: Nanoseconds, number: Int)] = []
    for number in 0..<3_000 {
      let time = Nanoseconds.random(in: 0...199, using: &generator)
      table.add(number, at: time)
      slow.append((time, number))
      guard number % 3 == 0 else { continue }
      let least =
        slow.indices.min { (slow[$0].time, slow[$0].number) < (slow[$1].time, slow[$1].number) } ?? 0
      #expect(table.first?.time == slow[least].time)
      let first = table.removeFirst()
      #expect(first == slow[least].number)
      slow.remove(at: least)
    }
    #expect(table.count == slow.count)
  }

  /// Whatever happens: what has no room is what stands behind the first idle ones, and the changes that are told add
  /// up to it.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func overflowIsAlwaysWhatHasNoRoom(_ seed: UInt64) {
    var generator = TestSupport.SeededGenerator(seed: seed)
    let channel = Channel(.trades, .krx)
    let all = (0..<60).map { Registration(channel, Self.symbol($0)) }
    var plan = SubscriptionPlan(limit: Int.random(in: 0...20, using: &generator))
    var wanted: [Registration] = []
    var told: Set<Registration> = []
    var now: Nanoseconds = 0
    for step in 0..<2_000 {
      let some = all.randomElement(using: &generator) ?? all[0]
      now += Nanoseconds.random(in: 0...2_000_000_000, using: &generator)
      switch Int.random(in: 0..<20, using: &generator) {
      case 0..<6:
        plan.want(some)
        if !wanted.contains(some) { wanted.append(some) }
      case 6..<9:
        plan.drop(some)
        wanted.removeAll { $0 == some }
      case 9..<14: _ = plan.next(now: now)
      case 14..<19:
        let verdicts: [SubscriptionPlan.Verdict] = [.subscribed, .unsubscribed, .retry, .overLimit, .refused]
        let verdict = verdicts.randomElement(using: &generator) ?? .retry
        let subject = plan.subject(transactionID: nil, symbol: nil) ?? some
        let isKnown = plan.state(of: subject) != Optional.none
        _ = plan.answer(subject, verdict, now: now)
        if verdict == .refused && isKnown { wanted.removeAll { $0 == subject } }
      default: if step % 7 == 0 { plan.reset() }
      }
      let held = all.count { plan.state(of: $0) != nil && plan.state(of: $0) != .idle }
      let active = all.count { plan.state(of: $0) == .active }
      #expect(plan.held == held && plan.active == active)
      let idle = wanted.filter { plan.state(of: $0) == .idle }
      #expect(plan.overflow == Array(idle.dropFirst(max(0, plan.limit - held))), "step \(step)")
      if step % 3 == 0 {
        for (registration, isOverflow) in plan.takeOverflowChanges() {
          if isOverflow { told.insert(registration) } else { told.remove(registration) }
        }
        #expect(told == Set(plan.overflow))
      }
      let placed = Set(wanted).subtracting(plan.overflow)
      #expect(Set(plan.placed) == placed)
    }
  }
}
