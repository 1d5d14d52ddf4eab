import JSONBytes
import KIS

/// The lines of a `--once` run that wait for their answer. Answers come in any order and leave in the lines' order.
struct OnceQueue {
  private struct Slot {
    let instrument: Instrument
    var line: [UInt8]?
    var isGap = false
  }

  /// What went out.
  typealias Moved = (snapshots: Int, gaps: Int)

  /// Most lines that may wait; reading pauses beyond that.
  static let bound = 1024

  private var slots: [Slot] = []
  private var head = 0
  /// Gaps that went out, in all.
  private(set) var gaps = 0

  var isEmpty: Bool { head == slots.count }
  var isFull: Bool { slots.count - head >= Self.bound }
  /// What waits for its answer, in the lines' order.
  var unanswered: [Instrument] { slots[head...].filter { $0.line == nil }.map(\.instrument) }

  /// A line was read.
  mutating func add(_ instrument: Instrument) { slots.append(Slot(instrument: instrument)) }

  /// The answer to the oldest line that waits for `instrument`; all such lines when `all`.
  mutating func answer(_ instrument: Instrument, _ line: [UInt8], isGap: Bool, all: Bool) {
    for index in head..<slots.count where slots[index].line == nil && slots[index].instrument == instrument {
      slots[index].line = line
      slots[index].isGap = isGap
      if !all { return }
    }
  }

  /// Moves finished lines out, up to the first unfinished one, and at most `limit` snapshots.
  mutating func drain(into buffer: inout ByteBuffer, upTo limit: Int) -> Moved {
    var moved: Moved = (0, 0)
    while head < slots.count, slots[head].line != nil, moved.snapshots < limit {
      move(slots[head], into: &buffer, &moved)
      head += 1
    }
    if head > Self.bound {
      slots.removeFirst(head)
      head = 0
    }
    return moved
  }

  /// Moves all finished lines out, past unfinished ones, and at most `limit` snapshots. The queue is empty afterwards.
  mutating func drainAll(into buffer: inout ByteBuffer, upTo limit: Int) -> Moved {
    var moved: Moved = (0, 0)
    for slot in slots[head...] where moved.snapshots < limit { move(slot, into: &buffer, &moved) }
    head = slots.count
    return moved
  }

  private mutating func move(_ slot: Slot, into buffer: inout ByteBuffer, _ moved: inout Moved) {
    guard let line = slot.line else { return }
    buffer.append(line)
    if slot.isGap {
      moved.gaps += 1
      gaps += 1
    } else {
      moved.snapshots += 1
    }
  }
}
