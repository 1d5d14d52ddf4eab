import Contract
import Glibc
import JSONBytes
import Market
import Plumbing

/// The rules of values with their memory: one judgement a line.
///
/// Lines are judged in the order in which they come, each subject by itself: a file that is split by symbol gives the
/// same judgements.
public struct MarketJudge: ~Copyable {
  private let limits: UnsafeMutablePointer<MarketLimits>
  /// What is remembered of a line without memory.
  private let blank: UnsafeMutablePointer<SubjectState>
  private var hours: TradingHours
  var subjects: SubjectTable
  private var texts = LineTexts()
  private let stock = Words("stock")
  private let krx = Words("KRX")
  private let price = Words("price")
  /// Whether there was no room for a subject.
  public private(set) var isFull = false
  /// Whether anything was learned since `isChanged` was last set to false.
  public var isChanged = false

  /// Members that a view must note for the rules.
  public static let values = ValueField.allCases.map(\.name)

  /// - Parameter calendar: trading days and hours; nil: no rule speaks of hours.
  public init(_ limits: MarketLimits = MarketLimits(), calendar: MarketCalendar?) {
    self.init(limits, calendar: calendar, subjectLimit: SubjectTable.limit)
  }

  init(_ limits: MarketLimits, calendar: MarketCalendar?, subjectLimit: Int) {
    self.limits = .allocate(capacity: 1)
    self.limits.initialize(to: limits)
    blank = .allocate(capacity: 1)
    blank.initialize(to: .blank)
    subjects = SubjectTable(limit: subjectLimit)
    hours = TradingHours(calendar)
  }

  deinit {
    limits.deallocate()
    blank.deallocate()
  }

  /// Subjects that are remembered.
  public var subjectCount: Int { subjects.count }

  /// Judges a line that the plain policy lets through.
  ///
  /// - Parameters:
  ///   - view: was made with `values`.
  ///   - clock: the machine's time.
  public mutating func judge(_ view: borrowing SnapshotView, clock: Milliseconds) -> Judgement {
    texts.begin(view)
    if let source = texts.text(view, Field.source), source == "system" { return judgeSystem(view) }
    let product = texts.text(view, Field.product) ?? stock
    let market = texts.text(view, Field.market)
    let symbol = texts.text(view, Field.symbol)
    let received = LineTexts.received(view)
    // Memory that is far away comes while the numbers are read.
    let index = received.flatMap { received in
      limits.pointee.isFuture(received, at: clock) ? nil : symbol.flatMap { find(product, market ?? krx, $0) }
    }
    let feed = FeedMark(texts.text(view, Field.feed) ?? price)
    var line = texts.line(view, ProductKind(product), feed, symbol, received, clock: clock)
    if line.isTrade || line.isBook { line.hours = hours.look(line, market) }
    return withUnsafePointer(to: &line) { line in
      guard let index else { return MarketRules.judge(Seen(line, blank, limits)) }
      return judge(line, subjects.state(index))
    }
  }

  /// Judges a line by the memory of its subject, which learns from it.
  @inline(__always)
  private mutating func judge(
    _ line: UnsafePointer<MarketLine>, _ state: UnsafeMutablePointer<SubjectState>
  ) -> Judgement {
    let seen = Seen(line, state, limits)
    let time = seen.line.isStampAhead(seen.limits) ? seen.line.received : seen.line.time
    if let time { state.pointee.begin(time.koreanDay) }
    isChanged = true
    let judgement = MarketRules.judge(seen)
    if let block = judgement.block {
      if block.rule == .step || block.rule == .dayLimit { state.pointee.trades.candidate = seen.line.price }
    } else {
      state.pointee.accept(seen, isAhead: judgement.has(.future))
    }
    return judgement
  }

  @inline(__always)
  private mutating func find(_ product: Words, _ market: Words, _ symbol: Words) -> Int? {
    guard symbol.count > 0 else { return nil }
    if let index = subjects.index(product, market, symbol) { return index }
    if subjects.isFull { isFull = true }
    return nil
  }

  /// A gap marks the feeds that it is about; of other things that happened to the pipeline no rule speaks.
  @inline(never)
  private mutating func judgeSystem(_ view: borrowing SnapshotView) -> Judgement {
    var judgement = Judgement()
    guard let event = texts.text(view, Field.event), event == "gap" else { return judgement }
    judgement.flag(.gap)
    isChanged = true
    let marks = texts.text(view, Field.feed).map { FeedMark($0).bit } ?? FeedMark.all
    if let symbol = texts.text(view, Field.symbol), symbol.count > 0 {
      let product = texts.text(view, Field.product) ?? stock
      let market = texts.text(view, Field.market) ?? krx
      if let index = find(product, market, symbol) { subjects.state(index).pointee.gapMarks |= marks }
    } else {
      for index in 0..<subjects.count { subjects.state(index).pointee.gapMarks |= marks }
    }
    return judgement
  }
}

extension Words {
  init(_ word: StaticString) { self.init(start: word.utf8Start, count: word.utf8CodeUnitCount) }
}
