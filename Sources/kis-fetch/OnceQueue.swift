import JSONBytes
import KIS

/// The lines of a `--once` run that wait for their answer. Answers come in any order and leave in the lines' order.
struct OnceQueue {
  private struct Slot {
    let instrument: Instrument
    var line: [UInt8]?
    var isGap = false
  }

  /// Lines that may wait; beyond this no more input is read.
  static let bound = 1024

  private var slots: [Slot] = []
  private var head = 0

  var isEmpty: Bool { head == slots.count }
  var isFull: Bool { slots.count - head >= Self.bound }

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

  /// Moves finished lines out, up to the first that is not. Gives how many were snapshots and gaps.
  mutating func drain(into buffer: inout ByteBuffer) -> (snapshots: Int, gaps: Int) {
    var moved = (snapshots: 0, gaps: 0)
    while head < slots.count, let line = slots[head].line {
      buffer.append(line)
      if slots[head].isGap { moved.gaps += 1 } else { moved.snapshots += 1 }
      head += 1
    }
    if head > Self.bound {
      slots.removeFirst(head)
      head = 0
    }
    return moved
  }
}
