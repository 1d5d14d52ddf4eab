import Glibc

/// An address in network byte order: 4 bytes of IPv4 or 16 of IPv6.
struct IPAddress: Equatable {
  let bytes: [UInt8]

  /// Reads figures, IPv6 without brackets; nil when `text` is a name.
  init?(_ text: String) {
    for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
      var bytes = [UInt8](repeating: 0, count: count)
      if inet_pton(family, text, &bytes) == 1 {
        self.bytes = bytes
        return
      }
    }
    return nil
  }

  /// Whether the address is this host: 127.0.0.0/8 or ::1.
  var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 }
  }

  /// Whether the first `bits` bits are those of `other`, an address of the same family.
  func matches(_ other: IPAddress, bits: Int) -> Bool {
    guard bytes.count == other.bytes.count, (0...bytes.count * 8).contains(bits) else {
      return false
    }
    let whole = bits / 8
    guard bytes[..<whole] == other.bytes[..<whole] else { return false }
    let rest = bits % 8
    return rest == 0 || (bytes[whole] ^ other.bytes[whole]) >> UInt8(8 - rest) == 0
  }
}

/// This host itself.
public enum Loopback {
  /// Whether `host` (a name, or an address without brackets) is this host: `localhost`, 127.0.0.0/8 or ::1.
  public static func holds(_ host: String) -> Bool {
    host.lowercased() == "localhost" || IPAddress(host)?.isLoopback ?? false
  }
}
