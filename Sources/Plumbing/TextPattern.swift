extension String {
  /// The numbers in a text of one fixed form, in order: `"2026-12-25".numbers(like: "0000-00-00")`.
  ///
  /// - Parameter pattern: a run of `0` is a number of as many digits, `?` is an ASCII letter, all else is itself.
  /// - Returns: nil when the text has another form.
  public func numbers(like pattern: StaticString) -> [Int]? {
    guard utf8.count == pattern.utf8CodeUnitCount else { return nil }
    var numbers: [Int] = []
    var isInside = false
    for (index, byte) in utf8.enumerated() {
      let wanted = pattern.utf8Start[index]
      if wanted == 0x30 {
        guard (0x30...0x39).contains(byte) else { return nil }
        if !isInside { numbers.append(0) }
        numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int(byte - 0x30)
      } else {
        guard wanted == byte || wanted == 0x3F && (byte | 0x20) &- 0x61 < 26 else { return nil }
      }
      isInside = wanted == 0x30
    }
    return numbers
  }
}
