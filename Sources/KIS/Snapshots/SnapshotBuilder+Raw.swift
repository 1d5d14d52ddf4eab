import Glibc

/// What never changes in the lines of a channel, precomputed: the end of `context`, and what stands between the
/// values of `raw`. A line repeats some fifty names, so they are copied from one table in whole registers.
///
/// The exchange's documents name the fields of a frame in capitals, its REST answers name the same fields in lower
/// case. Frames carry no names, so `raw` has the spelling of the answers: one name in two spellings is a duplicate
/// to readers that do not tell them apart (DuckDB, Spark).
struct RawTemplate: ~Copyable {
  /// Bytes of a piece; the longest, `","prdy_smns_hour_acml_vol_rate":"`, has 34.
  static let slot = 48
  /// Pieces of a channel: a record has fewer than twice the fields of the shortest layout.
  static let slots = 128
  /// The longest end of a context, in bytes; `SnapshotBuilder.bound` has room for it.
  static let contextSlot = 128

  private let pieces: UnsafeMutablePointer<UInt8>
  private let lengths: UnsafeMutablePointer<UInt8>
  private let contexts: UnsafeMutableBufferPointer<UInt8>
  private let contextEnds: [Int]

  init() {
    let channels = Channel.all.count
    pieces = .allocate(capacity: channels * Self.slots * Self.slot)
    pieces.initialize(repeating: 0x20, count: channels * Self.slots * Self.slot)
    lengths = .allocate(capacity: channels * Self.slots)
    lengths.initialize(repeating: 0, count: channels * Self.slots)
    var ends: [Int] = []
    contexts = .allocate(capacity: channels * Self.contextSlot)
    contexts.initialize(repeating: 0x20)
    for channel in Channel.all.sorted(by: { $0.index < $1.index }) {
      let context =
        #"","market":"\#(channel.venue.rawValue)","product":"\#(Product.stock.rawValue)","feed":"\#(channel.feed.rawValue)"},"#
        + #""observation":{"inputs":{"#
      precondition(context.utf8.count <= Self.contextSlot, "a context is too long for the template")
      let start = channel.index * Self.contextSlot
      for (offset, byte) in context.utf8.enumerated() { contexts[start + offset] = byte }
      ends.append(context.utf8.count)
      let names = FieldTable.of(channel).names
      for index in 0..<Self.slots {
        let name = index < names.count ? names[index].lowercased() : "f\(index)"
        let piece = index == 0 ? ",\"raw\":{\"\(name)\":\"" : "\",\"\(name)\":\""
        let place = channel.index * Self.slots + index
        precondition(piece.utf8.count <= Self.slot, "a field name is too long for the template")
        for (offset, byte) in piece.utf8.enumerated() { pieces[place * Self.slot + offset] = byte }
        lengths[place] = UInt8(piece.utf8.count)
      }
    }
    contextEnds = ends
  }

  deinit {
    pieces.deallocate()
    lengths.deallocate()
    contexts.deallocate()
  }

  /// Writes what stands between the symbol and the first value.
  @inline(__always)
  func writeContext(_ channel: Channel, to writer: inout SnapshotWriter) {
    guard let start = contexts.baseAddress else { return }
    writer.put(start + channel.index &* Self.contextSlot, contextEnds[channel.index])
  }

  /// Writes `,"raw":{…}`: all fields of the record, unchanged, extras as `f47`, `f48` and so on.
  @inline(__always)
  func write(_ record: FrameRecord, to writer: inout SnapshotWriter) {
    let first = record.channel.index &* Self.slots
    let pieces = pieces + first &* Self.slot
    let lengths = lengths + first
    if record.isPlain {
      for index in 0..<record.stride {
        writer.putPiece(pieces + index &* Self.slot, Int(lengths[index]))
        writer.putField(record.start(index), record.length(index))
      }
    } else {
      for index in 0..<record.stride {
        writer.putPiece(pieces + index &* Self.slot, Int(lengths[index]))
        writer.put(escaping: record.field(index))
      }
    }
    writer.put("\"}")
  }
}
