/// The fixed pieces of a snapshot line, between which its values stand. They are constants of the program: a writer
/// copies them as they are.
///
/// A line is `head` time `timestampMS` time `sessionID` session `runID` id `mode` mode `observerVersion`, what is known
/// of the optional members of `meta`, `tickSource` source `context`, one of the sources, the members of `context`,
/// `observation`, the members of `inputs`, and `end`. A gap has `state`, the pieces of `GapText`, and `stateEnd` instead.
public enum SnapshotText {
  /// Up to the time of capture, inside its quotes.
  @inlinable public static var head: StaticString { #"{"meta":{"timestamp":""# }
  /// The same in a record.
  @inlinable public static var recordHead: StaticString { #"{"snapshot":{"meta":{"timestamp":""# }
  /// From the end of that time up to epoch milliseconds.
  @inlinable public static var timestampMS: StaticString { #"","timestamp_ms":"# }
  /// Up to the session, a JSON string.
  @inlinable public static var sessionID: StaticString { #","session_id":"# }
  /// Up to the run id, inside its quotes.
  @inlinable public static var runID: StaticString { #","run_id":""# }
  /// From the end of the run id up to the mode, a JSON string.
  @inlinable public static var mode: StaticString { #"","mode":"# }
  /// The version, the last required member of `meta`.
  @inlinable public static var observerVersion: StaticString { #","observer_version":"v1.0.0""# }
}

// MARK: - Optional members of meta
extension SnapshotText {
  /// Up to the round of the polling loop.
  @inlinable public static var iterationID: StaticString { #","iteration_id":"# }
  /// Up to the period of the polling loop, milliseconds.
  @inlinable public static var loopInterval: StaticString { #","loop_interval_ms":"# }
  /// Up to the time between asking and the answer, milliseconds.
  @inlinable public static var latency: StaticString { #","latency_ms":"# }
  /// Up to how the snapshot came in, inside its quotes.
  @inlinable public static var tickSource: StaticString { #","tick_source":""# }
}

// MARK: - context
extension SnapshotText {
  /// From the end of `meta.tick_source` up to the source, inside its quotes.
  @inlinable public static var context: StaticString { #""},"context":{"source":""# }
  /// The source and stage of what the exchange said.
  @inlinable public static var marketSource: StaticString { #"market","stage":"raw""# }
  /// The same up to the symbol, inside its quotes.
  @inlinable public static var marketSourceSymbol: StaticString { #"market","stage":"raw","symbol":""# }
  /// The source and stage of what happened to the pipeline.
  @inlinable public static var systemSource: StaticString { #"system","stage":"state""# }
  /// Up to the symbol, a JSON string.
  @inlinable public static var symbol: StaticString { #","symbol":"# }
  /// Up to the venue, a JSON string.
  @inlinable public static var market: StaticString { #","market":"# }
  /// From the end of the symbol up to the venue, both inside their quotes.
  @inlinable public static var marketText: StaticString { #"","market":""# }
  /// Up to the product, a JSON string.
  @inlinable public static var product: StaticString { #","product":"# }
  /// Up to the feed, a JSON string.
  @inlinable public static var feed: StaticString { #","feed":"# }
}

// MARK: - observation
extension SnapshotText {
  /// From the last value of `context` up to the members of `inputs`.
  @inlinable public static var observation: StaticString { #"},"observation":{"inputs":{"# }
  /// Up to `inputs.price`, the first member.
  @inlinable public static var price: StaticString { #""price":"# }
  /// Up to `inputs.volume`.
  @inlinable public static var volume: StaticString { #","volume":"# }
  /// From the last member of `inputs` up to the members of `state`.
  @inlinable public static var state: StaticString { #"},"computed":{},"state":{"# }
  /// From the last member of `state` to the end of the line.
  @inlinable public static var stateEnd: StaticString { "}}}\n" }
  /// From the last member of `inputs` to the end of a line without a state.
  @inlinable public static var end: StaticString { "},\"computed\":{},\"state\":{}}}\n" }
}
