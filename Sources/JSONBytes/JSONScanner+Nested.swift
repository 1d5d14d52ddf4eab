/// Values in which no member matters: a loop with a stack of bytes, where calls would cost more than the bytes they read.
extension JSONScanner {
  /// Any value, at its first byte; the result is just after its last one. `depth` containers are open around it.
  @inline(never)
  mutating func nested(_ first: UnsafePointer<UInt8>, depth: Int) -> UnsafePointer<UInt8>? {
    let stack = self.stack
    let room = depthLimit &- depth
    var at = first
    /// Containers that are open here, and the byte that opened the innermost one.
    var level = 0
    var kind: UInt8 = 0
    /// Values in the outermost one.
    var members: Int32 = 0
    while true {
      if kind == Self.brace {
        guard at.pointee == 0x22 else { return fail(.expectedName, at) }
        guard let nameEnd = string(at + 1) else { return nil }
        at = skipSpace(nameEnd)
        guard at.pointee == 0x3A else { return fail(.expectedColon, at) }
        at = skipSpace(at + 1)
      }
      if level == 1 { members &+= 1 }
      let byte = at.pointee
      if byte == Self.brace || byte == Self.bracket {
        guard level < room else { return fail(.tooDeep, at) }
        stack[level] = kind
        level &+= 1
        kind = byte
        at = skipSpace(at + 1)
        if at.pointee != byte &+ 2 { continue }
      } else {
        guard let next = scalar(at) else { return nil }
        at = skipSpace(next)
      }
      // After a value, or at the end of an empty container.
      while at.pointee == kind &+ 2 {
        at += 1
        level &-= 1
        if level == 0 {
          if kind == Self.brace { lastMembers = members }
          return at
        }
        kind = stack[level]
        at = skipSpace(at)
      }
      guard at.pointee == 0x2C else {
        return fail(kind == Self.brace ? .expectedCommaOrBrace : .expectedCommaOrBracket, at)
      }
      at = skipSpace(at + 1)
    }
  }

  private static var brace: UInt8 { 0x7B }
  private static var bracket: UInt8 { 0x5B }
}
