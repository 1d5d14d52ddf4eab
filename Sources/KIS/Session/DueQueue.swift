import Plumbing

/// What is due when: adding, and taking what is due first, cost O(log n). Among equal times the first that was added
/// comes first.
struct DueQueue<Element: Sendable, Time: TimeUnit>: Sendable {
  private struct Entry: Sendable {
    let time: Time
    let order: Int
    let element: Element

    static func < (left: Entry, right: Entry) -> Bool { (left.time, left.order) < (right.time, right.order) }
  }

  private var entries: [Entry] = []
  private var added = 0

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty }

  /// All, in no order.
  var elements: [Element] { entries.map(\.element) }

  /// What is due first.
  var first: (time: Time, element: Element)? { entries.first.map { ($0.time, $0.element) } }

  mutating func add(_ element: Element, at time: Time) {
    entries.append(Entry(time: time, order: added, element: element))
    added += 1
    var child = entries.count - 1
    while child > 0, case let parent = (child - 1) / 2, entries[child] < entries[parent] {
      entries.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes what is due first.
  @discardableResult
  mutating func removeFirst() -> Element {
    entries.swapAt(0, entries.count - 1)
    let first = entries.removeLast()
    var parent = 0
    while case let left = 2 * parent + 1, left < entries.count {
      let right = left + 1
      let least = right < entries.count && entries[right] < entries[left] ? right : left
      guard entries[least] < entries[parent] else { break }
      entries.swapAt(least, parent)
      parent = least
    }
    return first.element
  }
}
