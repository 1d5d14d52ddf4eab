#if LIBFUZZER
  import Glibc

  /// libFuzzer's own main, without its `main`.
  @_silgen_name("LLVMFuzzerRunDriver")
  private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ execute: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
  ) -> Int32

  /// A C function carries nothing along.
  nonisolated(unsafe) private var current: (any FuzzTarget)?

  /// The same targets under libFuzzer, which is guided by the branches that an input takes.
  ///
  /// The corpus becomes a file a seed, as it wants it, in the folder that `--last` names; what it finds is kept there.
  func runLibFuzzer(_ target: any FuzzTarget, corpus: [[UInt8]]) -> Int32 {
    current = target
    let folder = option("--last") ?? "/tmp/observer-fuzz-\(getpid())"
    mkdir(folder, 0o700)
    for (index, seed) in corpus.enumerated() {
      guard let file = fopen("\(folder)/seed-\(index)", "w") else {
        fatalError("cannot write into \(folder)")
      }
      fwrite(seed, 1, seed.count, file)
      fclose(file)
    }
    let words = [
      "observer-fuzz", folder, "-artifact_prefix=\(folder)-", "-max_len=\(Input.capacity)",
      "-max_total_time=\(option("--seconds") ?? "10")", "-verbosity=0", "-print_final_stats=1",
    ]
    var arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: words.count + 1)
    for (index, word) in words.enumerated() { arguments[index] = strdup(word) }
    arguments[words.count] = nil
    var count = Int32(words.count)
    return runDriver(&count, &arguments) { start, count in
      executeCurrent(UnsafeBufferPointer(start: start, count: count))
      return 0
    }
  }

  private func executeCurrent(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let current else { return }
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
    defer { memory.deallocate() }
    if let start = bytes.baseAddress { memory.update(from: start, count: bytes.count) }
    var input = Input(at: memory, count: bytes.count)
    current.prepare(&input)
    var kind = Kind()
    kind.add(bytes)
    // Chance comes from the input, so that an input does the same again.
    var random = Generator(seed: kind.value)
    do {
      _ = try current.executeCopy(input, &random)
    } catch {
      print("BROKEN: \(error.what)\ninput (hex): \(hexadecimal(bytes))")
      abort()
    }
  }
#endif
