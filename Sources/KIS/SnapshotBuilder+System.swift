import JSONBytes
import Plumbing

/// What could not be observed: `observation.state` of a system snapshot.
public struct ObservationGap: Equatable, Sendable {
  /// The symbol that was not observed; nil for all.
  public var symbol: String?
  /// Where; nil for all.
  public var venue: Venue?
  /// What was not observed of it; nil for all.
  public var feed: Feed?
  /// `ws_disconnect`, `ws_timeout`, `api_error`, `rate_limit` or `no_data`.
  public var reason: String
  /// Begin and end, epoch milliseconds.
  public var from: Int64, to: Int64
  /// `MINOR`, `MAJOR` or `CRITICAL`; nil: by the length.
  public var severity: String?
  /// One line about the cause, without secrets.
  public var detail: String?

  /// Names a gap.
  public init(
    symbol: String?, venue: Venue?, feed: Feed?, reason: String, from: Int64, to: Int64,
    severity: String? = nil,
    detail: String? = nil
  ) {
    self.symbol = symbol
    self.venue = venue
    self.feed = feed
    self.reason = reason
    self.from = from
    self.to = to
    self.severity = severity
    self.detail = detail
  }

  /// The severity of a gap of this many milliseconds: CRITICAL from 300 s, MAJOR from 60 s, else MINOR.
  public static func severity(milliseconds: Int64) -> String {
    milliseconds >= 300_000 ? "CRITICAL" : milliseconds >= 60_000 ? "MAJOR" : "MINOR"
  }
}

extension SnapshotBuilder {
  /// Appends a gap as a system snapshot line.
  public mutating func append(
    _ gap: ObservationGap, at moment: SnapshotMoment, to buffer: inout ByteBuffer
  ) {
    open(moment, to: &buffer)
    buffer.append(#"system","stage":"state""#)
    appendContext(
      symbol: gap.symbol, venue: gap.venue, product: gap.feed == nil ? nil : .stock, feed: gap.feed,
      to: &buffer)
    buffer.append(#"},"computed":{},"state":{"event":"gap","reason":"#)
    buffer.append(jsonString: gap.reason)
    buffer.append(#","from":""#)
    buffer.append(text: KST(milliseconds: gap.from).iso)
    buffer.append(#"","to":""#)
    buffer.append(text: KST(milliseconds: gap.to).iso)
    buffer.append(#"","seconds":"#)
    buffer.append(thousandths: Int(gap.to - gap.from))
    buffer.append(#","severity":"#)
    buffer.append(jsonString: gap.severity ?? ObservationGap.severity(milliseconds: gap.to - gap.from))
    if let detail = gap.detail {
      buffer.append(#","detail":"#)
      buffer.append(jsonString: detail)
    }
    buffer.append("}}}\n")
  }
}
