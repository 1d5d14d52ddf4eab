// observer-fuzz TARGET CORPUS [--seconds N] [--executions N] [--seed N] [--last FILE]
//
// Built by `make fuzz` only, with access to the modules' inner parts. Ends with 1 at a broken promise; after a crash
// FILE holds the input in hand (its length in the first eight bytes).
import Glibc

let words = CommandLine.arguments
func option(_ name: String) -> String? {
  words.firstIndex(of: name).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
}
guard words.count >= 3, let target = fuzzTargets.first(where: { $0.name == words[1] }) else {
  print("usage: observer-fuzz TARGET CORPUS [--seconds N] [--executions N] [--seed N] [--last FILE]")
  print("targets: \(fuzzTargets.map(\.name).joined(separator: ", "))")
  exit(64)
}
let corpus = readCorpus(words[2])
guard !corpus.isEmpty else {
  print("no seed in \(words[2])")
  exit(66)
}
#if LIBFUZZER
  exit(runLibFuzzer(target.make(), corpus: corpus))
#else
  let fuzzer = Fuzzer(
    name: target.name, seed: option("--seed").flatMap { UInt64($0) } ?? UInt64(time(nil)),
    seconds: option("--seconds").flatMap { Int($0) } ?? 10,
    limit: option("--executions").flatMap { Int($0) } ?? .max,
    last: option("--last") ?? "/tmp/observer-fuzz-\(getpid()).last")
  let held = fuzzer.run(target.make(), corpus: corpus)
  if option("--last") == nil { unlink(fuzzer.last) }
  exit(held ? 0 : 1)
#endif
