/// Things in the order of their arrival, each once. Adding, removing and finding cost O(1), whatever their number.
public struct ArrivalOrder<Element: Hashable & Sendable>: Sendable {
  private var places: [Element: Int] = [:]
  /// The things in order; nil stands where one was removed. A copy is a stable view for a walk in pieces.
  public private(set) var slots: [Element?] = []

  /// Nothing.
  public init() {}

  /// How many there are.
  public var count: Int { places.count }
  /// Whether there is none.
  public var isEmpty: Bool { places.isEmpty }
  /// All, the oldest first.
  public var elements: [Element] { slots.compactMap { $0 } }

  /// Whether it is there.
  public func contains(_ element: Element) -> Bool { places[element] != nil }
  /// The one that was added, of those that are equal to `element`.
  public func own(_ element: Element) -> Element? { places[element].flatMap { slots[$0] } }

  /// Adds at the end; false when it was there.
  public mutating func append(_ element: Element) -> Bool {
    guard places[element] == nil else { return false }
    places[element] = slots.count
    slots.append(element)
    return true
  }

  /// Removes; false when it was not there.
  public mutating func remove(_ element: Element) -> Bool {
    guard let place = places.removeValue(forKey: element) else { return false }
    slots[place] = nil
    if slots.count > 64 + 2 * places.count { close() }
    return true
  }

  /// Closes up, once half of the slots are free: so a removal costs O(1) over time.
  private mutating func close() {
    slots = elements
    for (place, element) in slots.enumerated() { if let element { places[element] = place } }
  }
}
