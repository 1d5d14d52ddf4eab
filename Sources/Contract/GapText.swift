/// The fixed pieces of the state of a gap, between which its values stand.
///
/// They are `reason` reason `from` time `to` time `seconds` seconds `severity` severity, what is known of missing trades and
/// of their cause, `gapID` id, `isFinal` or `lasts`, and `detail` text where there is one. Words and texts are JSON strings,
/// times stand inside their quotes.
public enum GapText {
  /// The event, up to the reason.
  @inlinable public static var reason: StaticString { #""event":"gap","reason":"# }
  /// Up to its begin.
  @inlinable public static var from: StaticString { #","from":""# }
  /// From there up to its end.
  @inlinable public static var to: StaticString { #"","to":""# }
  /// From there up to the seconds between.
  @inlinable public static var seconds: StaticString { #"","seconds":"# }
  /// Up to `MINOR`, `MAJOR` or `CRITICAL`.
  @inlinable public static var severity: StaticString { #","severity":"# }
  /// Up to the trades that are missing.
  @inlinable public static var missedTrades: StaticString { #","missed_trades":"# }
  /// Up to their shares.
  @inlinable public static var missedVolume: StaticString { #","missed_volume":"# }
  /// Up to their money.
  @inlinable public static var missedValue: StaticString { #","missed_value":"# }
  /// Up to whose doing it is.
  @inlinable public static var cause: StaticString { #","cause":"# }
  /// Up to the id.
  @inlinable public static var gapID: StaticString { #","gap_id":"# }
  /// It is over.
  @inlinable public static var isFinal: StaticString { #","final":true"# }
  /// It is not.
  @inlinable public static var lasts: StaticString { #","final":false"# }
  /// Up to what else is to be said.
  @inlinable public static var detail: StaticString { #","detail":"# }
}
