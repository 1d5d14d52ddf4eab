import JSONBytes

/// The members of a snapshot that the stages look at, by slot.
public enum Field {
  /// `meta`, required.
  public static let meta = 0
  /// `context`, required.
  public static let context = 1
  /// `observation`, required.
  public static let observation = 2
  /// The verdict of snap-validate.
  public static let validation = 3
  /// The verdict of snap-guard.
  public static let guardVerdict = 4
  /// `snapshot` of a PatternRecord.
  public static let snapshot = 5
  /// `meta.timestamp` and the required members after it, in the contract's order.
  public static let timestamp = 6
  /// `meta.timestamp_ms`.
  public static let timestampMS = 7
  /// `meta.session_id`.
  public static let sessionID = 8
  /// `meta.run_id`.
  public static let runID = 9
  /// `meta.mode`.
  public static let mode = 10
  /// `meta.observer_version`.
  public static let observerVersion = 11
  /// `context.source`, required.
  public static let source = 12
  /// `context.stage`, required.
  public static let stage = 13
  /// `context.symbol`.
  public static let symbol = 14
  /// `context.market`.
  public static let market = 15
  /// `observation.inputs`, required; then `computed` and `state`.
  public static let inputs = 16
  /// `observation.computed`, required.
  public static let computed = 17
  /// `observation.state`, required.
  public static let state = 18
  /// `observation.inputs.price`.
  public static let price = 19
  /// `observation.inputs.volume`.
  public static let volume = 20
  /// `validation.severity`.
  public static let severity = 21

  /// The members of a snapshot object.
  static func snapshotMembers() -> [Shape.Field] {
    [
      .member(
        .meta, meta,
        [
          .member(.timestamp, timestamp), .member(.timestampMS, timestampMS),
          .member(.sessionID, sessionID), .member(.runID, runID), .member(.mode, mode),
          .member(.observerVersion, observerVersion),
        ]),
      .member(
        .context, context,
        [
          .member(.source, source), .member(.stage, stage), .member(.symbol, symbol),
          .member(.market, market),
        ]),
      .member(
        .observation, observation,
        [
          .member(.inputs, inputs, [.member(.price, price), .member(.volume, volume)]),
          .member(.computed, computed), .member(.state, state),
        ]),
      .member(.validation, validation, [.member(.severity, severity)]),
      .member(.guardVerdict, guardVerdict),
    ]
  }
}
