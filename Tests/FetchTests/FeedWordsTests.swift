import Configuration
import Foundation
import KIS
import Plumbing
import TestSupport
import Testing

/// What `--feed` and `fetch.feeds` take is what the feed table serves, and what config/README.md describes.
@Suite struct FeedWordsTests {
  @Test func theWordsAreThoseOfTheTable() throws {
    guard case .list(let words) = ConfigKey.fetchFeeds.kind else {
      Issue.record("fetch.feeds is no list of words")
      return
    }
    let served = Set(FeedTable.rows.map(\.feed.rawValue)).union(Feed.polled.map(\.rawValue))
    #expect(served.subtracting(words) == [], "feeds that --feed does not offer")
    #expect(Set(words).subtracting(served) == [], "words of --feed that no channel serves")
    #expect(Set(words).count == words.count)
    let path = Tool.repository.path + "/config/README.md"
    let readme = try String(contentsOfFile: path, encoding: .utf8)
    let unknown = FeedTable.rows.map(\.feed.rawValue).filter { !readme.contains("| `\($0)` | `") }
    #expect(unknown == [], "feeds whose inputs config/README.md does not describe")
  }

  @Test(arguments: [("tradez", false), ("trades,tradez", false), ("trades,book", true), ("multi", true)])
  func anotherWordIsRefused(_ value: String, _ isTaken: Bool) {
    #expect((ConfigKey.fetchFeeds.kind.accept(value) != nil) == isTaken)
  }
}
