/// How the records of a channel are laid out, and what a snapshot takes from them.
struct FeedLayout: Sendable {
  let columns: FeedColumns
  /// Lengths that were described or seen, shortest first, with the known columns in their places.
  let lengths: [Int]
  /// Fields of the newest layout known.
  let newest: Int
  /// Columns that are looked at in every record (`FieldAnchor`).
  let anchors: [Int]
  let requirement: FeedRequirement
  let members: [FeedMember]
  /// Where it has the totals that the ledger judges; nil: it has none.
  let trade: TradeColumns?

  /// - Parameters:
  ///   - lengths: all that are known; none: that of the columns.
  ///   - newest: the one that was seen last; nil: the longest.
  ///   - anchors: columns whose kinds are sure.
  init(
    _ columns: FeedColumns, lengths: [Int] = [], newest: Int? = nil, anchors: [String],
    requires requirement: FeedRequirement,
    _ members: [FeedMember], trade: TradeColumns? = nil
  ) {
    self.columns = columns
    self.lengths = lengths.isEmpty ? [columns.names.count] : lengths.sorted()
    self.newest = newest ?? lengths.max() ?? columns.names.count
    self.anchors = anchors.map { columns[$0] }.sorted()
    self.requirement = requirement
    self.members = members
    self.trade = trade
  }

  /// The smallest record that this program understands; a shorter one has lost fields that it reads by position.
  var minimum: Int { lengths[0] }
  /// A record of this length or more must be two records.
  var limit: Int { 2 * minimum }

  /// Where the record says its time in KST, and its date, if it does: -1 where it does not.
  var clock: (date: Int, time: Int) {
    for case .time(_, let date, let time) in members {
      return (date.map { columns[$0] } ?? -1, columns[time])
    }
    return (-1, -1)
  }
}
