import Glibc

/// A promise that did not hold.
struct Broken: Error {
  let what: String
  init(_ what: String) { self.what = what }
}

/// Something that takes any bytes and has promises to keep.
protocol FuzzTarget: AnyObject {
  /// Makes the bytes fit to be fed (no line feed inside a line).
  func prepare(_ input: inout Input)
  /// Feeds the bytes and checks what comes out. The result says what kind of outcome it was: inputs with a new kind
  /// are kept and changed further.
  func execute(_ input: inout Input, _ random: inout Generator) throws(Broken) -> UInt64
}

extension FuzzTarget {
  func prepare(_ input: inout Input) {}
}

/// Runs one target over changed inputs until the time or the number of executions is over.
struct Fuzzer {
  let name: String
  let seed: UInt64
  let seconds: Int
  let limit: Int
  /// Where the input in hand is kept, so that it survives a crash.
  let last: String
  private static let poolLimit = 1024

  /// The number of executions; prints the input and ends the process at a broken promise.
  func run(_ target: some FuzzTarget, corpus: [[UInt8]]) -> Bool {
    let memory = Self.shared(last)
    var input = Input(at: memory + 8)
    var mutator = Mutator(random: Generator(seed: seed))
    var pool = corpus
    var kinds = Set<UInt64>()
    var executions = 0
    let begin = time(nil)
    while executions < limit {
      if executions & 1023 == 0 && time(nil) - begin >= seconds { break }
      let base = mutator.random.below(pool.count)
      input.set(pool[base])
      if executions >= corpus.count { mutator.mutate(&input, other: pool[mutator.random.below(pool.count)]) }
      if executions < corpus.count { input.set(corpus[executions]) }
      target.prepare(&input)
      memory.withMemoryRebound(to: Int.self, capacity: 1) { $0.pointee = input.count }
      let before = executions % 64 == 0 ? Array(input.bytes) : []
      do {
        let kind = try target.execute(&input, &mutator.random)
        if kinds.insert(kind).inserted && pool.count < Self.poolLimit { pool.append(Array(input.bytes)) }
      } catch {
        print("\(name): BROKEN after \(executions) executions with seed \(seed): \(error.what)")
        print(
          "input (hex): \(input.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())"
        )
        return false
      }
      if !before.isEmpty && !input.bytes.elementsEqual(before) {
        print("\(name): BROKEN with seed \(seed): the input's bytes were changed")
        return false
      }
      executions += 1
    }
    let took = max(1, time(nil) - begin)
    print(
      "\(name): \(executions) executions in \(took) s (\(executions / took)/s), \(kinds.count) kinds of outcome, seed \(seed)"
    )
    return true
  }

  private static func shared(_ path: String) -> UnsafeMutablePointer<UInt8> {
    let size = 8 + Input.capacity + Input.padding
    let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0, ftruncate(file, off_t(size)) == 0,
      let map = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), map != MAP_FAILED
    else { fatalError("cannot keep the input in hand in \(path)") }
    close(file)
    return map.bindMemory(to: UInt8.self, capacity: size)
  }
}

/// A hash for kinds of outcome (FNV-1a).
struct Kind {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ number: Int) {
    value = (value ^ UInt64(truncatingIfNeeded: number)) &* 0x0000_0100_0000_01B3
  }
  mutating func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { add(Int(byte)) } }
  /// Words without their numbers, so that an offset makes no new kind.
  mutating func add(words: String) {
    for byte in words.utf8 where byte < 0x30 || byte > 0x39 { add(Int(byte)) }
  }
}
