// observer-fuzz TARGET CORPUS [--seconds N] [--executions N] [--seed N] [--last FILE]
//
// Built by `make fuzz` only, with access to the modules' inner parts. Ends with 1 at a broken promise; after a crash
// FILE holds the input in hand (its length in the first eight bytes).
import Glibc

let words = CommandLine.arguments
func option(_ name: String) -> String? {
  words.firstIndex(of: name).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
}
guard words.count >= 3, let file = fopen(words[2], "r") else {
  print("usage: observer-fuzz TARGET CORPUS [--seconds N] [--executions N] [--seed N] [--last FILE]")
  exit(64)
}

/// A seed a line: text, or bytes in hex behind "hex:".
func seeds(_ file: UnsafeMutablePointer<FILE>) -> [[UInt8]] {
  var found: [[UInt8]] = []
  var line: UnsafeMutablePointer<CChar>?
  var room = 0
  while true {
    let got = getline(&line, &room, file)
    guard got > 0, let start = line else { break }
    var bytes = UnsafeRawBufferPointer(start: start, count: got).map(\.self)
    if bytes.last == 0x0A { bytes.removeLast() }
    if bytes.starts(with: "hex:".utf8) {
      let digits = bytes.dropFirst(4).map {
        UInt8(UnicodeScalar($0).properties.numericType == nil ? $0 - 0x57 : $0 - 0x30)
      }
      bytes = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
    found.append(bytes)
  }
  return found
}

let corpus = seeds(file)
precondition(!corpus.isEmpty, "the corpus has no line")
let fuzzer = Fuzzer(
  name: words[1], seed: option("--seed").flatMap { UInt64($0) } ?? UInt64(time(nil)),
  seconds: option("--seconds").flatMap { Int($0) } ?? 10,
  limit: option("--executions").flatMap { Int($0) } ?? .max,
  last: option("--last") ?? "/tmp/observer-fuzz-\(getpid()).last")
let held: Bool
switch words[1] {
case "scanner": held = fuzzer.run(ScannerTarget(), corpus: corpus)
case "value": held = fuzzer.run(ValueTarget(), corpus: corpus)
case "frame": held = fuzzer.run(FrameTarget(), corpus: corpus)
case "websocket": held = fuzzer.run(WebSocketTarget(), corpus: corpus)
case "control": held = fuzzer.run(ControlTarget(), corpus: corpus)
case "watchlist": held = fuzzer.run(WatchlistTarget(), corpus: corpus)
case "config": held = fuzzer.run(ConfigTarget(), corpus: corpus)
default:
  print("no target \(words[1]): scanner, value, frame, websocket, control, watchlist, config")
  exit(64)
}
if option("--last") == nil { unlink(fuzzer.last) }
exit(held ? 0 : 1)
