/// Requests and completions as bytes, for the pipe between this program and its HTTP client: a length of four
/// bytes, then the fields, each number in eight bytes and each text or body behind its length.
struct RestWire {
  /// What goes to the client.
  enum Order {
    case start(RestRequest)
    case cancel(Int)
  }

  private var bytes: [UInt8] = []
  private var at = 0

  private init() {}
  private init(_ bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }

  /// Takes the first whole message off `buffer`; nil when there is none yet.
  static func takeFirst(of buffer: inout [UInt8]) -> RestWire? {
    guard buffer.count >= 4 else { return nil }
    let length = buffer[..<4].reduce(0) { $0 << 8 | Int($1) }
    guard buffer.count >= 4 + length else { return nil }
    defer { buffer.removeFirst(4 + length) }
    return RestWire(buffer[4..<4 + length])
  }

  /// The bytes of an order.
  static func encode(_ order: Order) -> [UInt8] {
    var wire = RestWire()
    switch order {
    case .cancel(let id):
      wire.put(0)
      wire.put(id)
    case .start(let request):
      wire.put(1)
      wire.put(request.id)
      wire.put(text: request.method)
      wire.put(text: request.path)
      wire.put(request.headers.count)
      for header in request.headers {
        wire.put(text: header.name)
        wire.put(text: header.value.reveal())
      }
      wire.put(request.body == nil ? 0 : 1)
      wire.put(text: request.body?.reveal() ?? "")
    }
    return wire.framed
  }

  /// Reads an order; nil when the bytes are none.
  mutating func order() -> Order? {
    guard let kind = number(), let id = number() else { return nil }
    if kind == 0 { return .cancel(id) }
    guard let method = text(), let path = text(), let count = number() else { return nil }
    var headers: [(name: String, value: Secret)] = []
    for _ in 0..<count {
      guard let name = text(), let value = text() else { return nil }
      headers.append((name, Secret(value)))
    }
    guard let hasBody = number(), let body = text() else { return nil }
    return .start(
      RestRequest(
        id: id, method: method, path: path, headers: headers, body: hasBody == 1 ? Secret(body) : nil))
  }

  /// The bytes of a completion.
  static func encode(_ completion: RestCompletion) -> [UInt8] {
    var wire = RestWire()
    wire.put(completion.id)
    wire.put(completion.serverTime == nil ? 0 : 1)
    wire.put(Int(completion.serverTime ?? 0))
    switch completion.outcome {
    case .answered(let status, let body):
      wire.put(-1)
      wire.put(status)
      wire.put(body)
    case .failed(let fault):
      wire.put(fault.kind.rawValue)
      wire.put(text: fault.message)
    }
    return wire.framed
  }

  /// Reads a completion; nil when the bytes are none.
  mutating func completion() -> RestCompletion? {
    guard let id = number(), let hasTime = number(), let time = number(), let kind = number() else {
      return nil
    }
    let serverTime = hasTime == 1 ? Int64(time) : nil
    if kind == -1 {
      guard let status = number(), let body = field() else { return nil }
      return RestCompletion(id: id, .answered(status: status, body: Array(body)), serverTime: serverTime)
    }
    guard let fault = RestFault.Kind(rawValue: kind), let message = text() else { return nil }
    return RestCompletion(id: id, .failed(RestFault(fault, message)), serverTime: serverTime)
  }

  private var framed: [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) } + bytes
  }

  private mutating func put(_ number: Int) {
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  private mutating func put(_ body: [UInt8]) {
    put(body.count)
    bytes += body
  }

  private mutating func put(text: String) { put(Array(text.utf8)) }

  private mutating func number() -> Int? {
    guard bytes.count - at >= 8 else { return nil }
    defer { at += 8 }
    return Int(truncatingIfNeeded: bytes[at..<at + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private mutating func field() -> ArraySlice<UInt8>? {
    guard let count = number(), (0...bytes.count - at).contains(count) else { return nil }
    defer { at += count }
    return bytes[at..<at + count]
  }

  private mutating func text() -> String? { field().map { String(decoding: $0, as: UTF8.self) } }
}
