import Testing

@testable import KIS

/// A field put into a record, or taken out of it, moves all that follow: no such record is read as if it had not.
@Suite struct FrameLayoutTests {
  @Test(arguments: RealFrames.all)
  func everyRealFrameIsRead(_ frame: String) {
    guard case .records = ParsedFrame.parse(frame) else {
      Issue.record("\(ParsedFrame.parse(frame)): \(frame.prefix(60))")
      return
    }
  }

  @Test func theColumnIsNamed() {
    var fields = FrameSamples.book63.split(separator: "^", omittingEmptySubsequences: false)
    fields.insert("KRX", at: 3)
    let fault = FrameFault.layoutMoved(Channel(.book, .krx), stride: 64, field: "ASKP1")
    #expect(ParsedFrame.parse(fields.joined(separator: "^")) == .fault(fault))
    #expect(fault.channel == Channel(.book, .krx) && fault.column == "ASKP1")
    #expect("\(fault)".contains("H0STASP0") && "\(fault)".contains("ASKP1"))
  }

  @Test func aChannelIsUnreadableWhenOnlyRefusalsCome() {
    var account = FrameAccount()
    let (book, trades) = (Channel(.book, .krx), Channel(.trades, .krx))
    let fault = FrameFault.layoutMoved(book, stride: 64, field: "ASKP1")
    let became = (0..<5).map { account.refused(fault, at: .milliseconds($0)) }
    #expect(became == [false, false, true, false, false])
    #expect(account.isUnreadable(book) && !account.isUnreadable(trades))
    #expect(account[book].lastColumn == "ASKP1" && account[book].lastAt == 4 && account[book].refused == 5)
    let others = [account.read(trades), account.read(trades)]
    #expect(others == [.none, .none] && account.isUnreadable(book))
    let recovered = [account.read(book), account.read(book)]
    #expect(recovered == [.channel, .none] && !account.isUnreadable(book) && account[book].inRow == 0)
    let headless = account.refused(.noFrame, at: 9)
    #expect(!headless && account.refused == 6)
  }

  /// Frames that name no channel may be of any: where only such come, nothing can be read.
  @Test func framesWithoutANameMakeAllUnreadable() {
    var account = FrameAccount()
    let (book, trades) = (Channel(.book, .krx), Channel(.trades, .krx))
    let odd = [account.refused(.noFrame, at: 1), account.refused(.unknownChannel("H0STXXX0"), at: 2)]
    #expect(odd == [false, false] && account.read(trades) == .none && account.nameless == 0)
    let became = (0..<5).map { account.refused(.noFrame, at: .milliseconds($0)) }
    #expect(became == [false, false, true, false, false])
    #expect(account.isUnreadable(book) && account.isUnreadable(trades) && account[book].refused == 0)
    let recovered = [account.read(trades), account.read(book)]
    #expect(recovered == [.all, .none] && !account.isUnreadable(book) && account.refused == 7)
  }

  /// Odd frames between good ones make no feed unreadable.
  @Test func oddFramesBetweenGoodOnesAreNoOutage() {
    var account = FrameAccount()
    let trades = Channel(.trades, .krx)
    for _ in 0..<100 {
      let became = account.refused(.tooShort(trades, stride: 10), at: 0)
      let recovered = account.read(trades)
      #expect(!became && recovered == .none)
    }
    #expect(account[trades].refused == 100 && account[trades].read == 100)
  }

  @Test(arguments: [
    (FrameSamples.midpoint, ["005930"]),
    (FrameSamples.bundle, ["005930", "005930", "005930"]),
    ("0|H0STCNT0|001|X^" + FrameSamples.midpointFields, ["005930"]),
    ("0|H0STCNT0|-01|" + FrameSamples.midpointFields, ["005930"]),
    ("0|H0STASP0|001|005930^KRX^140610^0", []), ("", []), ("^", []), ("005930^140610", ["005930"]),
    ("0|H0STCNT0|001|Q500001^090000^1", ["Q500001"]),
  ])
  func suspects(_ frame: String, _ expected: [String]) {
    var found: [String] = []
    Array(frame.utf8).withUnsafeBufferPointer { bytes in
      FrameSuspects.visit(bytes, of: Channel(.trades, .krx)) {
        found.append(String(decoding: $0, as: UTF8.self))
      }
    }
    #expect(found == expected)
  }
}
