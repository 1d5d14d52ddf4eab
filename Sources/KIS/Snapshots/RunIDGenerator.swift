/// Makes the `run_id` of snapshots and the `gap_id` of gaps: 32 hexadecimal digits of a random UUID (RFC 9562, version 4).
///
/// A cryptographic call for each of a million snapshots a second would cost more than the snapshot, so the
/// system's generator seeds a fast one (xoshiro256++) with 256 bits once.
struct RunIDGenerator: Sendable {
  /// Bytes in a `run_id`.
  static let length = 32

  private var random: FastRandom

  /// Makes a generator. A `seed` makes the identifiers repeatable: for replays that must give equal bytes.
  init(seed: UInt64? = nil) { random = FastRandom(seed: seed) }

  /// Writes the next identifier, exactly `length` bytes, to `target`.
  @inline(__always)
  mutating func write(to target: UnsafeMutablePointer<UInt8>) {
    let high = random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
    let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    Self.write(high, to: target)
    Self.write(low, to: target + 16)
  }

  /// The next identifier as text, where speed does not matter.
  mutating func text() -> String {
    String(unsafeUninitializedCapacity: Self.length) { target in
      if let start = target.baseAddress { write(to: start) }
      return Self.length
    }
  }

  /// Sixteen hexadecimal digits, eight at a time: spread the nibbles over bytes, then map 0...15 to text.
  @inline(__always)
  private static func write(_ value: UInt64, to target: UnsafeMutablePointer<UInt8>) {
    let raw = UnsafeMutableRawPointer(target)
    raw.storeBytes(of: digits(UInt32(truncatingIfNeeded: value >> 32)).bigEndian, as: UInt64.self)
    raw.storeBytes(
      of: digits(UInt32(truncatingIfNeeded: value)).bigEndian, toByteOffset: 8, as: UInt64.self)
  }

  /// Each byte of the result is one digit, the most significant first. `(n + 6) >> 4 & 1` is 1 for 10...15,
  /// where the letters are 39 above where the digits would go on.
  @inline(__always)
  private static func digits(_ value: UInt32) -> UInt64 {
    var spread = UInt64(value)
    spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
    spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
    spread = (spread | spread << 4) & 0x0F0F_0F0F_0F0F_0F0F
    let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return spread &+ 0x3030_3030_3030_3030 &+ letters &* 39
  }
}

/// xoshiro256++: fast and statistically sound, not for secrets.
struct FastRandom: Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// Seeds from the system's generator, or repeatably from `seed`.
  init(seed: UInt64? = nil) {
    if let seed {
      // Spreads a small seed over the whole state.
      var mixed = SeededGenerator(seed: seed)
      state = (mixed.next(), mixed.next(), mixed.next(), mixed.next())
    } else {
      var system = SystemRandomNumberGenerator()
      state = (system.next(), system.next(), system.next(), system.next() | 1)
    }
  }

  /// The next 64 random bits.
  @inline(__always)
  mutating func next() -> UInt64 {
    let sum = state.0 &+ state.3
    let result = (sum << 23 | sum >> 41) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = state.3 << 45 | state.3 >> 19
    return result
  }
}
