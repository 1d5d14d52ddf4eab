import Glibc

/// A seed a line: text, or bytes in hex behind "hex:".
func readCorpus(_ path: String) -> [[UInt8]] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var found: [[UInt8]] = []
  var line: UnsafeMutablePointer<CChar>?
  defer { free(line) }
  var room = 0
  while true {
    let got = getline(&line, &room, file)
    guard got > 0, let start = line else { break }
    var bytes = UnsafeRawBufferPointer(start: start, count: got).map(\.self)
    if bytes.last == 0x0A { bytes.removeLast() }
    if bytes.starts(with: "hex:".utf8) {
      let digits = bytes.dropFirst(4).map { $0 > 0x60 ? $0 - 0x57 : $0 - 0x30 }
      bytes = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
    found.append(bytes)
  }
  return found
}

/// Bytes as a corpus line spells them behind "hex:".
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
