/// What a rule sees: one line, what is remembered of its subject (blank without memory), and the limits. It says where they
/// are: a copy of them would cost more than the rules.
struct Seen {
  private let lineAt: UnsafePointer<MarketLine>
  private let stateAt: UnsafePointer<SubjectState>
  private let limitsAt: UnsafePointer<MarketLimits>

  /// For as long as all three stay where they are.
  init(
    _ line: UnsafePointer<MarketLine>, _ state: UnsafePointer<SubjectState>,
    _ limits: UnsafePointer<MarketLimits>
  ) {
    (lineAt, stateAt, limitsAt) = (line, state, limits)
  }

  @inline(__always)
  var line: MarketLine { unsafeAddress { lineAt } }

  @inline(__always)
  var state: SubjectState { unsafeAddress { stateAt } }

  @inline(__always)
  var limits: MarketLimits { unsafeAddress { limitsAt } }

  /// A trade or a book.
  @inline(__always)
  var isMarket: Bool { line.feed == .trades || line.feed == .book }

  /// Whether orders may cross: by the calendar, or while the subject is halted or in a volatility interruption.
  @inline(__always)
  var isAuction: Bool { line.hours.isAuction || line.halted ?? state.isHalted || state.isInVI }
}
