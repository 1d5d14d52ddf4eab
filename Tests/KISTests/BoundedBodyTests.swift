import Testing

@testable import KIS

struct BoundedBodyTests {
  private static let whole = Array("0123456789".utf8)

  private static func body(limit: Int, pieces size: Int) -> BoundedBody {
    var body = BoundedBody(limit: limit)
    for start in stride(from: 0, to: whole.count, by: size) {
      body.append(whole[start..<min(start + size, whole.count)])
    }
    return body
  }

  @Test(arguments: 1...10, [10, 11, 1000])
  func piecesMakeTheWhole(size: Int, limit: Int) {
    let body = Self.body(limit: limit, pieces: size)
    #expect(body.bytes == Self.whole && !body.isTooLarge)
  }

  @Test(arguments: 1...10, [0, 1, 5, 9])
  func overTheLimitNothingIsKept(size: Int, limit: Int) {
    var body = Self.body(limit: limit, pieces: size)
    #expect(body.bytes.isEmpty && body.isTooLarge)
    // A piece that would fit does not make half a body out of it.
    body.append([0x30].prefix(limit))
    #expect(body.bytes.isEmpty && body.isTooLarge)
  }
}
