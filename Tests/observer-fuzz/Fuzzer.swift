import Glibc

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
  func run(_ target: any FuzzTarget, corpus: [[UInt8]]) -> Bool {
    let memory = Self.shared(last)
    var input = Input(at: memory + 8, count: 0)
    var mutator = Mutator(random: Generator(seed: seed))
    var pool = corpus
    var kinds = Set<UInt64>()
    var executions = 0
    let begin = time(nil)
    while executions < limit {
      if executions & 1023 == 0 && time(nil) - begin >= seconds { break }
      if executions < corpus.count {
        input.set(corpus[executions])
      } else {
        // The shorter of two: long inputs take most of the time and seldom say more.
        let (one, other) = (mutator.random.below(pool.count), mutator.random.below(pool.count))
        input.set(pool[one].count < pool[other].count ? pool[one] : pool[other])
        mutator.mutate(&input, other: pool[mutator.random.below(pool.count)])
      }
      target.prepare(&input)
      memory.withMemoryRebound(to: Int.self, capacity: 1) { $0.pointee = input.count }
      do {
        let kind = try target.executeCopy(input, &mutator.random)
        if kinds.insert(kind).inserted && pool.count < Self.poolLimit { pool.append(Array(input.bytes)) }
      } catch {
        print("\(name): BROKEN after \(executions) executions with seed \(seed): \(error.what)")
        print("input (hex): \(hexadecimal(input.bytes))")
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
    let size = 8 + Input.capacity
    let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0, ftruncate(file, off_t(size)) == 0,
      let map = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), map != MAP_FAILED
    else { fatalError("cannot keep the input in hand in \(path)") }
    close(file)
    return map.bindMemory(to: UInt8.self, capacity: size)
  }
}
