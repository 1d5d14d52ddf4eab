import Plumbing

/// What fits into 64 bits and leaves the lowest of all numbers unused.
protocol Packable: Equatable {
  init(packed: Int64)
  var packed: Int64 { get }
}

/// A number that may be missing, in the room of the number: a line has many, and a memory is 256 bytes so.
@propertyWrapper
struct Packed<Value: Packable>: Equatable {
  private var bits = Int64.min

  @inline(__always)
  init(wrappedValue: Value?) { if let wrappedValue { bits = wrappedValue.packed } }

  @inline(__always)
  var wrappedValue: Value? {
    get { bits == .min ? nil : Value(packed: bits) }
    set { bits = newValue?.packed ?? .min }
  }
}

extension Amount: Packable {
  @inline(__always) init(packed: Int64) { self.init(millionths: packed) }
  @inline(__always) var packed: Int64 { millionths }
}

extension Milliseconds: Packable {
  @inline(__always) init(packed: Int64) { self.init(packed) }
  @inline(__always) var packed: Int64 { count }
}
