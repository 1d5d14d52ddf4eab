import JSONBytes
import Plumbing

/// The numbers of a state in one order, for writing and for reading.
struct StateNumbers {
  private(set) var numbers: [Int128?]
  private let isReading: Bool
  private var at = 0
  /// False once a number was missing or too large for its place.
  private(set) var isWhole = true

  /// For writing.
  init() { (numbers, isReading) = ([], false) }
  /// For reading.
  init(reading numbers: [Int128?]) { (self.numbers, isReading) = (numbers, true) }

  /// Whether all numbers were read.
  var isAtEnd: Bool { at == numbers.count }

  mutating func pass(_ value: inout Int128?) {
    guard isReading else { return numbers.append(value) }
    guard at < numbers.count else { return isWhole = false }
    value = numbers[at]
    at += 1
  }

  mutating func pass<Number: FixedWidthInteger>(_ value: inout Number?) {
    var wide = value.map { Int128($0) }
    pass(&wide)
    guard isReading else { return }
    value = wide.flatMap { Number(exactly: $0) }
    if wide != nil && value == nil { isWhole = false }
  }

  mutating func pass<Number: FixedWidthInteger>(_ value: inout Number) {
    var found: Number? = value
    pass(&found)
    if let found { value = found } else { isWhole = false }
  }

  mutating func pass(_ value: inout Bool) {
    var number: UInt8 = value ? 1 : 0
    pass(&number)
    if number > 1 { isWhole = false }
    value = number == 1
  }

  mutating func pass(_ value: inout Amount?) {
    var millionths = value?.millionths
    pass(&millionths)
    value = millionths.map { Amount(millionths: $0) }
    // Beyond what a line can say sums would overflow.
    if let value, value.millionths.magnitude >= 1_000_000_000_000_000_000 { isWhole = false }
  }

  mutating func pass(_ value: inout Money?) {
    var millionths = value?.millionths
    pass(&millionths)
    value = millionths.map { Money(millionths: $0) }
  }

  mutating func pass(_ value: inout Milliseconds?) {
    var count = value?.count
    pass(&count)
    value = count.map { Milliseconds($0) }
    if let value, value.count.magnitude > 1_000_000_000_000_000 { isWhole = false }
  }
}

extension SubjectState {
  /// Whether lines can have led here: then no sum and no product of a rule overflows.
  var isPossible: Bool {
    let counts = 0...Int64(1_000_000_000_000)
    return (day == .min || day.magnitude < 10_000_000) && counts.contains(trades.count)
      && counts.contains(trades.sized) && counts.contains(books.count) && counts.contains(books.tradesThen)
      && trades.sizes >= 0 && trades.sizes <= 1_000_000_000_000_000_000_000_000_000
  }

  /// Every member, in the order of the state file.
  mutating func pass(_ numbers: inout StateNumbers) {
    numbers.pass(&day)
    numbers.pass(&gapMarks)
    numbers.pass(&isHalted)
    numbers.pass(&isInVI)
    tradeTimes.pass(&numbers)
    bookTimes.pass(&numbers)
    trades.pass(&numbers)
    books.pass(&numbers)
  }
}

extension LatestTimes {
  fileprivate mutating func pass(_ numbers: inout StateNumbers) {
    numbers.pass(&exchange)
    numbers.pass(&received)
  }
}

extension TradeMemory {
  fileprivate mutating func pass(_ numbers: inout StateNumbers) {
    numbers.pass(&count)
    numbers.pass(&sized)
    numbers.pass(&sizes)
    numbers.pass(&last)
    numbers.pass(&isSettled)
    numbers.pass(&candidate)
    numbers.pass(&volume)
    numbers.pass(&value)
    numbers.pass(&viPrice)
    numbers.pass(&session)
    numbers.pass(&phases.krx)
    numbers.pass(&phases.nxt)
    numbers.pass(&stoodSince)
  }
}

extension BookMemory {
  fileprivate mutating func pass(_ numbers: inout StateNumbers) {
    numbers.pass(&count)
    var (bidPrice, askPrice) = (top?.bidPrice, top?.askPrice)
    var (bidSize, askSize) = (top?.bidSize, top?.askSize)
    numbers.pass(&bidPrice)
    numbers.pass(&askPrice)
    numbers.pass(&bidSize)
    numbers.pass(&askSize)
    if let bidPrice, let askPrice, let bidSize, let askSize {
      top = Top(bidPrice, askPrice, bidSize, askSize)
    }
    var received: Milliseconds? = since
    numbers.pass(&received)
    since = received ?? .zero
    numbers.pass(&tradesThen)
  }
}
