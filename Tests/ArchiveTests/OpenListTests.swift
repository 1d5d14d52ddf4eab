import Testing

@testable import Archive

private func sample() -> OpenList {
  var list = OpenList()
  list.isComplete = true
  for number in 0..<3 { list.enter(DurableMark(name: "f\(number).jsonl", offset: Int64(number)), open: []) }
  list.closed = DurableMark(name: "closed.jsonl", offset: 77)
  return list
}

@Test func openListIsReadAsItWasWritten() {
  for isComplete in [false, true] {
    var list = sample()
    list.isComplete = isComplete
    let text = list.text(pid: 7, inode: 12)
    #expect(text.utf8.count == OpenList.size && text.hasPrefix("pid 7\n"))
    #expect(OpenList(text[...], inode: 12) == list)
  }
}

/// A byte that is wrong, a half that was not written, another inode: then the list says nothing of other files.
@Test func damagedOpenListIsNotBelieved() {
  let text = sample().text(pid: 7, inode: 12)
  #expect(!OpenList(text[...], inode: 13).isComplete)
  let written = text.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ").utf8.count
  for at in 0..<written {
    var bytes = Array(text.utf8)
    bytes[at] ^= 1
    let changed = String(decoding: bytes, as: UTF8.self)
    // A changed blank before the padding is no change of what is said.
    let list = OpenList(changed[...], inode: 12)
    #expect(!list.isComplete || list == sample(), "byte \(at)")
    let cut = String(decoding: text.utf8.prefix(at), as: UTF8.self)
    #expect(
      !OpenList(cut[...], inode: 12).isComplete || OpenList(cut[...], inode: 12) == sample(), "cut at \(at)")
  }
  #expect(OpenList("pid 7\ndurable 5 a.jsonl\n", inode: 1).marks == [DurableMark(name: "a.jsonl", offset: 5)])
  #expect(sample().offset(of: "closed.jsonl") == 77 && sample().offset(of: "f2.jsonl") == 2)
  #expect(OpenList("durable 5 ../a\ndurable -1 a\ndurable x a\n", inode: 1).marks.isEmpty)
}

@Test func openFilesStayOnTheList() {
  var list = OpenList()
  list.enter(DurableMark(name: "open", offset: 1), open: ["open"])
  for number in 0..<40 { list.enter(DurableMark(name: "f\(number)", offset: 0), open: ["open"]) }
  #expect(list.marks.count == OpenList.limit && list.marks[0].name == "open" && list.marks[15].name == "f39")
  list.update([DurableMark(name: "open", offset: 9), DurableMark(name: "unknown", offset: 9)])
  #expect(list.marks[0].offset == 9 && list.marks.count == OpenList.limit)
}
