import Glibc
import JSONBytes
import Plumbing

@testable import KIS

/// Answers of the exchange to requests: the body in pieces, the envelope, the snapshots.
final class AnswerTarget: FuzzTarget {
  private static let statuses = [
    200, 200, 200, 200, 201, 299, 300, 301, 400, 401, 403, 404, 429, 500, 503, 0, -1, .max, .min,
  ]
  private static let works: [RestWork] = [
    .price(Instrument("005930", .krx)), .multi([Instrument("005930", .krx)]), .token, .approval,
  ]
  private static let moment = SnapshotMoment(
    time: Milliseconds(1_790_000_000_123), source: .rest, latency: Nanoseconds(12_300_000))

  private var builder = SnapshotBuilder(sessionID: "fuzz", mode: "TEST", seed: 1)
  private var output = ByteBuffer()
  private var line = SnapshotLine()

  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64 {
    var kind = Kind()
    let sent = Array(input.bytes)
    try collect(sent, &random)
    let work = Self.works[random.below(Self.works.count)]
    let answer = RestAnswer(work, status: Self.statuses[random.below(Self.statuses.count)], body: sent)
    try check(answer, work, &kind)
    let body = answer.body
    guard answer.isRepaired ? String(validating: body, as: UTF8.self) != nil : body == sent else {
      throw Broken("repaired \(answer.isRepaired), and another body")
    }
    guard let value = answer.json?["output"] else { return kind.value }
    output.removeAll()
    output.append("before\n")
    for row in (value.elements ?? [value]).prefix(4) {
      // Both builders get every row: what is no row of theirs must leave no trace.
      try checkPrice(row, body, random.below(4), &kind)
      try checkMulti(row, body, &kind)
    }
    return kind.value
  }

  /// In pieces the body is the same as at once, and never longer than the limit.
  private func collect(_ body: [UInt8], _ random: inout Generator) throws(Broken) {
    let limit = max(0, body.count + [0, 0, 1, -1, -random.below(body.count + 1)][random.below(5)])
    var whole = BoundedBody(limit: limit)
    whole.append(body)
    var pieces = BoundedBody(limit: limit)
    var at = 0
    while at < body.count {
      let size = min(body.count - at, random.below(200))
      pieces.append(body[at..<at + size])
      at += size
      guard pieces.isTooLarge == (at > limit), pieces.bytes.elementsEqual(at > limit ? [] : body[..<at])
      else {
        throw Broken("\(pieces.bytes.count) bytes kept of \(at), limit \(limit)")
      }
    }
    guard whole.bytes == pieces.bytes, whole.isTooLarge == pieces.isTooLarge else {
      throw Broken("in pieces it is another body")
    }
  }

  private func check(_ answer: RestAnswer, _ work: RestWork, _ kind: inout Kind) throws(Broken) {
    kind.add(words: answer.json == nil ? "none" : "\(answer.reaction)")
    guard answer.summary.utf8.count < 1000 else { throw Broken("a long summary") }
    guard answer.reaction == .accept else { return }
    let isUsable =
      switch work {
      case .token: answer.json?["access_token"]?.string != nil
      case .approval: answer.json?["approval_key"]?.string != nil
      case .price: answer.json?["output"]?.members != nil
      case .multi: answer.json?["output"]?.elements != nil
      }
    guard isUsable, answer.status / 100 == 2 else { throw Broken("accepted: \(answer.summary)") }
  }

  private func checkPrice(
    _ row: JSONValue, _ body: [UInt8], _ length: Int, _ kind: inout Kind
  ) throws(Broken) {
    // A recording may call its symbol anything.
    let symbol = String(decoding: body.suffix(length), as: UTF8.self)
    let before = output.count
    let isMade = body.withUnsafeBufferPointer {
      builder.appendPrice(
        body: $0, output: row, symbol: symbol, venue: .unified, at: Self.moment, to: &output)
    }
    kind.add(isMade ? 1 : 0)
    guard try take(isMade, row, body, before, symbol) else { return }
    let facts = AnswerFacts(row: row, code: row.marketText("prdy_vrss_sign"))
    try facts.checkEqual(
      line,
      [
        ("price", "stck_prpr"), ("volume", "acml_vol"), ("open", "stck_oprc"), ("high", "stck_hgpr"),
        ("low", "stck_lwpr"), ("value", "acml_tr_pbmn"), ("base_price", "stck_sdpr"),
        ("upper_limit", "stck_mxpr"), ("lower_limit", "stck_llam"), ("vwap", "wghn_avrg_stck_prc"),
      ], &kind)
    try facts.checkSigned(line, [("change", "prdy_vrss"), ("change_rate", "prdy_ctrt")])
    try facts.checkPreviousClose(line, "stck_prpr", "prdy_vrss", &kind)
  }

  private func checkMulti(_ row: JSONValue, _ body: [UInt8], _ kind: inout Kind) throws(Broken) {
    let before = output.count
    let isMade = body.withUnsafeBufferPointer {
      builder.appendMulti(body: $0, row: row, venue: .krx, at: Self.moment, to: &output)
    }
    kind.add(isMade ? 1 : 0)
    guard try take(isMade, row, body, before, SnapshotBuilder.multiSymbol(row) ?? "") else { return }
    let facts = AnswerFacts(row: row, code: row.marketText("prdy_vrss_sign"))
    try facts.checkEqual(
      line,
      [
        ("price", "inter2_prpr"), ("volume", "acml_vol"), ("open", "inter2_oprc"), ("high", "inter2_hgpr"),
        ("low", "inter2_lwpr"), ("value", "acml_tr_pbmn"), ("base_price", "inter2_sdpr"),
        ("bid_price", "inter2_bidp"), ("ask_price", "inter2_askp"), ("total_bid_size", "total_bidp_rsqn"),
        ("total_ask_size", "total_askp_rsqn"),
      ], &kind)
    try facts.checkSigned(line, [("change", "inter2_prdy_vrss"), ("change_rate", "prdy_ctrt")])
    if let close = MarketNumber(row.marketText("inter2_prdy_clpr")), close.value > 0 {
      try facts.checkEqual(line, [("prev_close", "inter2_prdy_clpr")], &kind)
    } else {
      try facts.checkPreviousClose(line, "inter2_prpr", "inter2_prdy_vrss", &kind)
    }
  }

  /// False when nothing was made, and then nothing was appended.
  private func take(
    _ isMade: Bool, _ row: JSONValue, _ body: [UInt8], _ before: Int, _ symbol: String
  ) throws(Broken) -> Bool {
    guard isMade else {
      guard output.count == before else { throw Broken("false, and \(output.count - before) bytes") }
      return false
    }
    guard output.bytes.starts(with: "before\n".utf8) else { throw Broken("earlier output changed") }
    try line.take(UnsafeBufferPointer(rebasing: output.bytes[before...]))
    try line.checkRaw(body[row.range])
    guard let text = line.text(of: SnapshotLine.symbol), let back = try? JSONValue.parse(text).string,
      back.utf8.elementsEqual(symbol.utf8)
    else { throw Broken("not the symbol '\(symbol)'") }
    return true
  }
}
