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
