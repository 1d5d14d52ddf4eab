import JSONBytes

/// A histogram with fixed bounds: how often a value was at most each of them.
public struct Histogram: Sendable {
  /// Upper bounds, ascending, in the metric's unit.
  public let bounds: [Double]
  private var counts: [Int]
  private var sum = 0.0

  /// An empty histogram; a bucket without bound is added.
  public init(_ bounds: [Double]) {
    self.bounds = bounds
    counts = [Int](repeating: 0, count: bounds.count + 1)
  }

  /// Values seen.
  public var total: Int { counts.reduce(0, +) }

  /// Counts one value.
  public mutating func observe(_ value: Double) {
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] &+= 1
    sum += value
  }

  func append(_ name: String, to text: inout MetricsText) {
    var below = 0
    for (index, bound) in bounds.enumerated() {
      below += counts[index]
      text.sample(name + "_bucket", [("le", "\(bound)")], Double(below))
    }
    text.sample(name + "_bucket", [("le", "+Inf")], Double(total))
    text.sample(name + "_sum", [], sum)
    text.sample(name + "_count", [], Double(total))
  }
}

/// Metrics of one stage in Prometheus' text format. Every sample carries the label `stage`.
public struct MetricsText: ~Copyable {
  private var buffer = ByteBuffer(capacity: 8192)
  private let stage: String

  /// An empty text of `stage`.
  public init(stage: String) { self.stage = stage }

  /// What was written.
  public var bytes: [UInt8] { Array(buffer.bytes) }

  /// A number that only grows while the process lives.
  public mutating func counter(_ name: String, _ help: String, _ value: Double) {
    family(name, "counter", help)
    sample(name, [], value)
  }

  /// A number that only grows while the process lives.
  public mutating func counter(_ name: String, _ help: String, _ value: Int) {
    counter(name, help, Double(value))
  }

  /// A counter for each of a few values of a label.
  public mutating func counter(
    _ name: String, _ help: String, by label: String, _ values: [(String, Int)]
  ) {
    family(name, "counter", help)
    for (value, count) in values { sample(name, [(label, value)], Double(count)) }
  }

  /// A number that goes up and down; nothing is written for one that is not known.
  public mutating func gauge(_ name: String, _ help: String, _ value: Double?) {
    guard let value else { return }
    family(name, "gauge", help)
    sample(name, [], value)
  }

  /// A gauge for each of a few values of a label.
  public mutating func gauge(
    _ name: String, _ help: String, by label: String, _ values: [(String, Double)]
  ) {
    family(name, "gauge", help)
    for (value, number) in values { sample(name, [(label, value)], number) }
  }

  /// A gauge for each of a few values of two labels; nothing is written for none.
  public mutating func gauge(
    _ name: String, _ help: String, by labels: (String, String), _ values: [(String, String, Double)]
  ) {
    if !values.isEmpty { family(name, "gauge", help) }
    for (one, other, number) in values { sample(name, [(labels.0, one), (labels.1, other)], number) }
  }

  /// A distribution.
  public mutating func histogram(_ name: String, _ help: String, _ values: Histogram) {
    family(name, "histogram", help)
    values.append(name, to: &self)
  }

  mutating func family(_ name: String, _ kind: String, _ help: String) {
    buffer.append(text: "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n")
  }

  mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
    buffer.append(text: "\(name){stage=\"\(stage)\"")
    for (label, text) in labels { buffer.append(text: ",\(label)=\"\(Self.escaped(text))\"") }
    let isWhole = value.rounded() == value && abs(value) < 1e15
    buffer.append(text: isWhole ? "} \(Int(value))\n" : "} \(value)\n")
  }

  /// A label's text without secrets, as the format has it.
  private static func escaped(_ text: String) -> String {
    let shown = SecretMask.mask(text).printable
    guard shown.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C }) else { return shown }
    return shown.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : "\($0)" }.joined()
  }
}
