/// An answer's body as it comes in, piece by piece; no more than `limit` bytes are ever held.
struct BoundedBody: Sendable {
  let limit: Int
  /// What came so far; nothing once it was too much.
  private(set) var bytes: [UInt8] = []
  /// Whether more came than the limit. This does not end: half a body is no answer.
  private(set) var isTooLarge = false

  init(limit: Int) { self.limit = limit }

  mutating func append(_ piece: some Collection<UInt8>) {
    guard !isTooLarge else { return }
    if piece.count > limit - bytes.count {
      isTooLarge = true
      bytes = []
    } else {
      bytes.append(contentsOf: piece)
    }
  }
}
