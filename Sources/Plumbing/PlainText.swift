extension BidirectionalCollection {
  /// Without the elements at either end that are blank.
  public func trimmed(_ isBlank: (Element) -> Bool) -> SubSequence {
    let rest = drop(while: isBlank)
    guard let last = rest.lastIndex(where: { !isBlank($0) }) else { return rest[rest.endIndex...] }
    return rest[...last]
  }
}

extension StringProtocol {
  /// A to Z as small letters, everything else as it is.
  public var lowercasedASCII: String {
    String(decoding: utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 }, as: UTF8.self)
  }

  /// a to z as capitals, everything else as it is.
  public var uppercasedASCII: String {
    String(decoding: utf8.map { $0 >= 0x61 && $0 <= 0x7A ? $0 - 32 : $0 }, as: UTF8.self)
  }
}
