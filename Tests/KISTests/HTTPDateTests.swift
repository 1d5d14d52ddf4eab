import Plumbing
import Testing

@testable import KIS

struct HTTPDateTests {
  @Test(arguments: [
    ("Mon, 23 Nov 2026 08:53:21 GMT", 1_795_424_001_000 as Milliseconds?),
    ("Sun, 29 Feb 2032 23:59:59 GMT", 1_961_711_999_000),
    ("Tue, 31 Dec 2030 23:59:60 GMT", 1_924_992_000_000),
    ("Mon, 29 Feb 2027 08:53:21 GMT", nil), ("Mon, 31 Apr 2026 08:53:21 GMT", nil),
    ("Mon, 23 Nov 2026 08:x:53:21 GMT", nil), ("Mon, 23 Nov 2026 08:53:21 KST", nil),
    ("Mon, +3 Nov 2026 08:53:21 GMT", nil), ("Mon, 23 nov 2026 08:53:21 GMT", nil),
    ("Mon, 23 Nov 2026 24:00:00 GMT", nil), ("Mon, 23 Nov 99999 08:53:21 GMT", nil), ("", nil),
  ])
  func dateHeader(_ text: String, _ expected: Milliseconds?) { #expect(HTTPDate.parse(text) == expected) }
}
