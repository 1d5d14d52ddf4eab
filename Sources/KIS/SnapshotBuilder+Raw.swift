import Glibc

/// What stands between the values of `raw`, precomputed for every channel: a line repeats some fifty names
/// that never change, so they are copied from one table in whole registers.
struct RawTemplate: ~Copyable {
  /// Bytes of a piece; the longest, `","PRDY_SMNS_HOUR_ACML_VOL_RATE":"`, has 34.
  static let slot = 48
  /// Pieces of a channel: a record has fewer than twice the fields of the shortest layout.
  static let slots = 128

  private let pieces: UnsafeMutablePointer<UInt8>
  private let lengths: UnsafeMutablePointer<UInt8>

  init() {
    let channels = Channel.all.count
    pieces = .allocate(capacity: channels * Self.slots * Self.slot)
    pieces.initialize(repeating: 0x20, count: channels * Self.slots * Self.slot)
    lengths = .allocate(capacity: channels * Self.slots)
    lengths.initialize(repeating: 0, count: channels * Self.slots)
    for channel in Channel.all {
      let names = FieldTable.of(channel).names
      for index in 0..<Self.slots {
        let name = index < names.count ? names[index] : "F\(index)"
        let piece = index == 0 ? ",\"raw\":{\"\(name)\":\"" : "\",\"\(name)\":\""
        let place = channel.index * Self.slots + index
        precondition(piece.utf8.count <= Self.slot, "a field name is too long for the template")
        for (offset, byte) in piece.utf8.enumerated() { pieces[place * Self.slot + offset] = byte }
        lengths[place] = UInt8(piece.utf8.count)
      }
    }
  }

  deinit {
    pieces.deallocate()
    lengths.deallocate()
  }

  /// Writes `,"raw":{…}`: all fields of the record, unchanged, extras as `F47`, `F48` and so on.
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
