import Completeness
import Glibc
import Plumbing

/// Readers at work on blocks, each on a thread of its own; the facts come back in the order in which blocks were given.
///
/// A ring of blocks: given ones are read by whichever reader is free. Giving waits while the whole ring is in use, so memory
/// is bounded, and the lines of one input are read in parallel too.
final class ReaderPool: @unchecked Sendable {
  private let ring: [LineBlock]
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  /// Blocks given, taken by readers, and given back, since the start.
  private var given = 0
  private var taken = 0
  private var returned = 0

  /// Starts `readers` threads. They end with the process, so take all facts before.
  ///
  /// - Throws: 74 when the system has no thread left.
  init(readers: Int, blockSize: Int) throws(ToolFailure) {
    ring = (0..<(readers * 2 + 1)).map { _ in LineBlock(capacity: blockSize) }
    mutex = .allocate(capacity: 1)
    changed = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
    for number in 0..<readers { try start(number) }
  }

  private func start(_ number: Int) throws(ToolFailure) {
    let work = Unmanaged.passRetained(Work(self, number))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        work.pool.readForEver(work.number)
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      throw ToolFailure(.ioError, "no thread for a reader: give --jobs 1")
    }
    pthread_detach(thread)
  }

  private final class Work {
    let pool: ReaderPool
    let number: Int

    init(_ pool: ReaderPool, _ number: Int) {
      self.pool = pool
      self.number = number
    }
  }

  private func readForEver(_ number: Int) -> Never {
    var reader = FactReader()
    while true {
      pthread_mutex_lock(mutex)
      while taken == given { pthread_cond_wait(changed, mutex) }
      let block = ring[taken % ring.count]
      taken += 1
      pthread_mutex_unlock(mutex)
      block.read(by: &reader, number: number)
      pthread_mutex_lock(mutex)
      block.isRead = true
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }
  }

  /// A block to fill, or nil while all are in use: then `next` gives one back.
  var free: LineBlock? { given - returned < ring.count ? ring[given % ring.count] : nil }

  /// Gives the block that `free` was for reading.
  func give() {
    pthread_mutex_lock(mutex)
    given += 1
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }

  /// The block that was given first, once its facts are there; nil when nothing is given.
  func next() -> LineBlock? {
    guard returned < given else { return nil }
    let block = ring[returned % ring.count]
    pthread_mutex_lock(mutex)
    while !block.isRead { pthread_cond_wait(changed, mutex) }
    pthread_mutex_unlock(mutex)
    return block
  }

  /// Takes back the block that `next` gave.
  func takeBack() { returned += 1 }
}
