/// An answer's body as it comes in, piece by piece; at most `limit` bytes are held.
struct BoundedBody: Sendable {
  let limit: Int
  /// What came so far; nothing once it was too much.
  private(set) var bytes: [UInt8] = []
  /// Whether more than the limit came. It stays true: half a body is not an answer.
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
