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

  /// `context.product`; it and all below are known to a view of values only.
  public static let product = 22
  /// `context.feed`.
  public static let feed = 23
  /// `observation.state.event`.
  public static let event = 24
  /// The first member of `inputs` that only the rules of values read; the others follow in their order.
  public static let firstValue = 25

  /// The members of a snapshot object; `values` are names of further members of `inputs`.
  static func snapshotMembers(values: [MemberName]?) -> [Shape.Field] {
    let context: [Shape.Field] = values == nil ? [] : [.member(.product, product), .member(.feed, feed)]
    let inputs = (values ?? []).enumerated().map { Shape.Field.member($1, firstValue + $0) }
    let state: [Shape.Field] = values == nil ? [] : [.member(.event, event)]
    return [
      .member(
        .meta, meta,
        [
          .member(.timestamp, timestamp), .member(.timestampMS, timestampMS),
          .member(.sessionID, sessionID), .member(.runID, runID), .member(.mode, mode),
          .member(.observerVersion, observerVersion),
        ]),
      .member(
        .context, Self.context,
        [
          .member(.source, source), .member(.stage, stage), .member(.symbol, symbol),
          .member(.market, market),
        ] + context),
      .member(
        .observation, observation,
        [
          .member(.inputs, Self.inputs, [.member(.price, price), .member(.volume, volume)] + inputs),
          .member(.computed, computed), .member(.state, Self.state, state),
        ]),
      .member(.validation, validation, [.member(.severity, severity)]),
      .member(.guardVerdict, guardVerdict),
    ]
  }
}
