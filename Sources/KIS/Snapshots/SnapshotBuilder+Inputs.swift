import JSONBytes
import Plumbing

/// `inputs` of a real-time record: the steps of its layout's program.
extension SnapshotBuilder {
  /// What a record must hold; nil when it does not, else its leading number.
  @inline(__always)
  func lead(_ record: FrameRecord, _ program: FeedProgram) -> SnapshotNumber? {
    let (kind, first, count) = program.requirement
    switch kind {
    case .positive:
      let number = record.number(Int(program.list[first]))
      return number.isPositive ? number : nil
    case .value:
      let number = record.number(Int(program.list[first]))
      return number.isNumber && !number.isZero ? number : nil
    case .any:
      for place in first..<first &+ count {
        let number = record.number(Int(program.list[place]))
        if number.isPositive { return number }
      }
      return nil
    case .present:
      let column = Int(program.list[first])
      return record.length(column) > 0 ? record.number(column) : nil
    case .none: return record.number(0)
    }
  }

  /// Writes the members.
  @inline(__always)
  mutating func putInputs(
    _ record: FrameRecord, _ program: FeedProgram, _ lead: SnapshotNumber, received: Milliseconds,
    to writer: inout SnapshotWriter
  ) {
    // Bit n: price n is there.
    var there: UInt64 = 0
    // Numbers that a later step needs stand in memory: as variables they would be carried through every step.
    kept[0] = lead
    var disagrees = false
    let last = UInt16(truncatingIfNeeded: record.stride &- 1)
    var next = program.ops.baseAddress.unsafelyUnwrapped
    let end = next + program.ops.count
    while next < end {
      writer.put(next.pointee.name, Int(next.pointee.length))
      let op = next.pointee
      next += 1
      if op.need > last {
        writer.put("null")
        continue
      }
      let a = Int(op.a)
      switch op.kind {
      case .lead: writer.put(kept[0])
      case .number: if !writer.putPlain(record, a) { writer.put(record.number(a).asWhole(op.isWhole)) }
      case .price:
        if op.keep == 0, writer.putPlain(record, a) {
          there |= 1 &<< UInt64(op.bit)
          continue
        }
        let number = record.number(a)
        if number.isPositive { there |= 1 &<< UInt64(op.bit) }
        if op.keep != 0 { kept[Int(op.keep)] = number }
        writer.put(price: number)
      case .positive:
        let number = record.number(a)
        if number.isPositive {
          there |= 1 &<< UInt64(op.bit)
          writer.put(number)
        } else {
          writer.put("null")
        }
      case .sized:
        if there &>> UInt64(op.bit) & 1 == 0 {
          writer.put("null")
        } else if !writer.putPlain(record, a) {
          writer.put(record.number(a).asWhole(op.isWhole))
        }
      case .signed:
        put(record.number(a), record.code(Int(op.b)), &disagrees, to: &writer)
      case .signedKept:
        put(kept[3], record.code(Int(op.b)), &disagrees, to: &writer)
      case .signedOf:
        if there &>> UInt64(op.bit) & 1 != 0 {
          put(record.number(a), record.code(Int(op.b)), &disagrees, to: &writer)
        } else {
          writer.put("null")
        }
      case .previousClose:
        kept[3] = record.number(a)
        writer.put(previousCloseOf: kept[0], kept[3], SnapshotDirection(code: record.code(Int(op.b))))
      case .midpoint: writer.put(midpointOf: kept[1], kept[2])
      case .prices:
        writer.put(byte: 0x5B)
        for level in 0..<Int(op.count) {
          if level > 0 { writer.put(byte: 0x2C) }
          let column = Int(program.list[a &+ level])
          let bit: UInt64 = 1 &<< (UInt64(op.bit) &+ UInt64(level))
          if writer.putPlain(record, column) {
            there |= bit
            continue
          }
          let number = record.number(column)
          if number.isPositive { there |= bit }
          writer.put(price: number)
        }
        writer.put(byte: 0x5D)
      case .sizes:
        writer.put(byte: 0x5B)
        for level in 0..<Int(op.count) {
          if level > 0 { writer.put(byte: 0x2C) }
          let column = Int(program.list[a &+ level])
          if there &>> (UInt64(op.bit) &+ UInt64(level)) & 1 == 0 {
            writer.put("null")
          } else if !writer.putPlain(record, column) {
            writer.put(record.number(column).asWhole(op.isWhole))
          }
        }
        writer.put(byte: 0x5D)
      case .word: writer.put(word: program.words, Int(op.b), record.code(a))
      case .time:
        if op.b == FeedOp.none {
          times.put(time: record.field(a), received: received, to: &writer)
        } else {
          times.put(date: record.field(Int(op.b)), time: record.field(a), received: received, to: &writer)
        }
      case .session: putSession(record, op, program.words, to: &writer)
      case .null: writer.put("null")
      case .numbers, .text, .texts, .exchangeTime: putRare(record, op, program, to: &writer)
      }
    }
    if disagrees { complaints.signDisagreements &+= 1 }
  }

  @inline(__always)
  private func put(
    _ number: SnapshotNumber, _ code: UInt8, _ disagrees: inout Bool, to writer: inout SnapshotWriter
  ) {
    let direction = SnapshotDirection(code: code)
    if direction.disagrees(with: number) { disagrees = true }
    writer.put(number, direction)
  }

  /// MARKET_CLS_CODE (from 2026-09-14 on), else the first character of NEW_MKOP_CLS_CODE, which says the same of the first
  /// three.
  @inline(__always)
  private func putSession(
    _ record: FrameRecord, _ op: FeedOp, _ words: UnsafePointer<UInt8>, to writer: inout SnapshotWriter
  ) {
    var code: UInt8 = 0
    if Int(op.a) < record.stride {
      code = record.code(Int(op.a))
    } else if Int(op.b) < record.stride {
      let phase = record.field(Int(op.b))
      if phase.count == 2 && phase[0] >= 0x31 && phase[0] <= 0x33 { code = phase[0] }
    }
    writer.put(word: words, FeedWords.session.rawValue, code)
  }

  /// What trades and books do not have.
  @inline(never)
  private func putRare(
    _ record: FrameRecord, _ op: FeedOp, _ program: FeedProgram, to writer: inout SnapshotWriter
  ) {
    let a = Int(op.a)
    switch op.kind {
    case .text: writer.put(text: record, a)
    case .exchangeTime:
      SnapshotTime.put(
        date: record.field(a), time: record.field(Int(op.b)), koreanDate: record.field(Int(op.c)),
        koreanTime: record.field(Int(op.d)), to: &writer)
    default:
      writer.put(byte: 0x5B)
      for place in a..<a + Int(op.count) {
        if place > a { writer.put(byte: 0x2C) }
        let column = Int(program.list[place])
        if op.kind == .texts {
          writer.put(text: record, column)
        } else {
          writer.put(record.number(column).asWhole(op.isWhole))
        }
      }
      writer.put(byte: 0x5D)
    }
  }
}
