import JSONBytes

/// The name of a member of the snapshot (schema v1.0.0) or of the record around it. Nobody else spells them: whoever
/// reads lines takes them from here, whoever writes lines takes `SnapshotText`.
@frozen public struct MemberName: Sendable {
  /// The name as it stands between the quotes.
  public let text: StaticString

  @inlinable init(_ text: StaticString) { self.text = text }
}

// MARK: - The record
extension MemberName {
  /// The snapshot inside a record.
  @inlinable public static var snapshot: Self { Self("snapshot") }
  /// The verdict of snap-validate, before it moves into the record's metadata.
  @inlinable public static var validation: Self { Self("validation") }
  /// What it says: `severity`.
  @inlinable public static var severity: Self { Self("severity") }
  /// The verdict of snap-guard.
  @inlinable public static var guardVerdict: Self { Self("guard") }
  /// What it says: `PASS`, `BLOCK`.
  @inlinable public static var action: Self { Self("action") }
  /// What the rules of values said, a list of words.
  @inlinable public static var flags: Self { Self("flags") }
}

// MARK: - The record's metadata
extension MemberName {
  /// What is known of the record.
  @inlinable public static var metadata: Self { Self("metadata") }
  /// The flags of the guard's rules of values.
  @inlinable public static var qualityFlags: Self { Self("quality_flags") }
}

// MARK: - The snapshot
extension MemberName {
  /// When, in which session and which run, and by whom the snapshot was taken.
  @inlinable public static var meta: Self { Self("meta") }
  /// Where the snapshot comes from, and what it is about.
  @inlinable public static var context: Self { Self("context") }
  /// The facts.
  @inlinable public static var observation: Self { Self("observation") }
}

// MARK: - meta
extension MemberName {
  /// Moment of capture, ISO 8601, KST.
  @inlinable public static var timestamp: Self { Self("timestamp") }
  /// Moment of capture, epoch milliseconds.
  @inlinable public static var timestampMS: Self { Self("timestamp_ms") }
  /// The session that the snapshot belongs to.
  @inlinable public static var sessionID: Self { Self("session_id") }
  /// The snapshot's own id: readers pass each one once.
  @inlinable public static var runID: Self { Self("run_id") }
  /// `PROD`, or what the operator calls it.
  @inlinable public static var mode: Self { Self("mode") }
  /// Version of the snapshot's schema.
  @inlinable public static var observerVersion: Self { Self("observer_version") }
}

// MARK: - context
extension MemberName {
  /// `market`, `broker`, `system`, `external`.
  @inlinable public static var source: Self { Self("source") }
  /// `raw`, `computed`, `state`.
  @inlinable public static var stage: Self { Self("stage") }
  /// What is watched, by the exchange's code.
  @inlinable public static var symbol: Self { Self("symbol") }
  /// The venue.
  @inlinable public static var market: Self { Self("market") }
  /// What kind of thing is watched.
  @inlinable public static var product: Self { Self("product") }
  /// What the line is about it.
  @inlinable public static var feed: Self { Self("feed") }
}

// MARK: - observation
extension MemberName {
  /// What was observed.
  @inlinable public static var inputs: Self { Self("inputs") }
  /// What was computed of it.
  @inlinable public static var computed: Self { Self("computed") }
  /// What could not be observed, and why.
  @inlinable public static var state: Self { Self("state") }
  /// `inputs.price`.
  @inlinable public static var price: Self { Self("price") }
  /// `inputs.volume`.
  @inlinable public static var volume: Self { Self("volume") }
}

// MARK: - observation.state of a gap
extension MemberName {
  /// `gap`.
  @inlinable public static var event: Self { Self("event") }
  /// Why, in one word.
  @inlinable public static var reason: Self { Self("reason") }
  /// When it began, ISO 8601, KST.
  @inlinable public static var from: Self { Self("from") }
  /// When it ended, or how far it is known to last.
  @inlinable public static var to: Self { Self("to") }
  /// How long that is.
  @inlinable public static var seconds: Self { Self("seconds") }
  /// Trades that it cost, where the running totals tell it.
  @inlinable public static var missedTrades: Self { Self("missed_trades") }
  /// Their shares.
  @inlinable public static var missedVolume: Self { Self("missed_volume") }
  /// Their money.
  @inlinable public static var missedValue: Self { Self("missed_value") }
  /// Whose doing missing trades are.
  @inlinable public static var cause: Self { Self("cause") }
  /// The same in all records of one gap.
  @inlinable public static var gapID: Self { Self("gap_id") }
  /// Whether it is over: a gap that lasts is told again.
  @inlinable public static var isFinal: Self { Self("final") }
  /// More about the reason, for people.
  @inlinable public static var detail: Self { Self("detail") }
}

// MARK: - Values
extension MemberName {
  /// `inputs.value`: the money of the day.
  @inlinable public static var value: Self { Self("value") }
  /// `inputs.bid_price`.
  @inlinable public static var bidPrice: Self { Self("bid_price") }
  /// `inputs.ask_price`.
  @inlinable public static var askPrice: Self { Self("ask_price") }
  /// `inputs.bid_size`.
  @inlinable public static var bidSize: Self { Self("bid_size") }
  /// `inputs.ask_size`.
  @inlinable public static var askSize: Self { Self("ask_size") }
  /// `inputs.total_bid_size`.
  @inlinable public static var totalBidSize: Self { Self("total_bid_size") }
  /// `inputs.total_ask_size`.
  @inlinable public static var totalAskSize: Self { Self("total_ask_size") }
  /// `inputs.open`.
  @inlinable public static var open: Self { Self("open") }
  /// `inputs.high`.
  @inlinable public static var high: Self { Self("high") }
  /// `inputs.low`.
  @inlinable public static var low: Self { Self("low") }
  /// `inputs.prev_close`.
  @inlinable public static var prevClose: Self { Self("prev_close") }
  /// `inputs.expected_price`.
  @inlinable public static var expectedPrice: Self { Self("expected_price") }
  /// `inputs.trade_size`.
  @inlinable public static var tradeSize: Self { Self("trade_size") }
  /// `inputs.vi_price`: the price that a volatility interruption is measured from.
  @inlinable public static var viPrice: Self { Self("vi_price") }
  /// `inputs.trade_time`.
  @inlinable public static var tradeTime: Self { Self("trade_time") }
  /// `inputs.quote_time`.
  @inlinable public static var quoteTime: Self { Self("quote_time") }
  /// `inputs.halted`.
  @inlinable public static var halted: Self { Self("halted") }
  /// `inputs.vi`: a volatility interruption lasts.
  @inlinable public static var vi: Self { Self("vi") }
  /// `inputs.after_hours_vi`.
  @inlinable public static var afterHoursVI: Self { Self("after_hours_vi") }
  /// `inputs.session`.
  @inlinable public static var session: Self { Self("session") }
}

// MARK: - Reading
extension Shape.Field {
  /// A member of the contract with its slot and, if it is an object, the members of it that matter.
  public static func member(_ name: MemberName, _ slot: Shape.Slot, _ fields: [Self] = []) -> Self {
    member(name.text, slot, fields)
  }
}

extension JSONValue {
  /// A member of the contract; nil where the value has none of that name.
  public subscript(name: MemberName) -> JSONValue? { self["\(name.text)"] }

  /// The snapshot of a parsed line: a record's, or the line itself.
  public var snapshot: JSONValue { self[.snapshot] ?? self }
}
