extension String {
  /// The lines that are not empty. Splitting at the character would miss a line feed behind a carriage return: the
  /// two are one character.
  var lines: [Substring] { utf8.split(separator: 0x0A).map(Substring.init) }
}
