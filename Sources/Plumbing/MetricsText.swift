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

  /// One number; nothing is written for one that is not known.
  public mutating func put(_ metric: Metric, _ value: Double?) {
    guard let value else { return }
    begin(metric, labels: 0)
    sample(metric.rawValue, [], value)
  }

  /// One number.
  public mutating func put(_ metric: Metric, _ value: Int) { put(metric, Double(value)) }

  /// A number for each of a few values of the metric's label.
  public mutating func put(_ metric: Metric, _ values: [(String, Double)]) {
    let labels = begin(metric, labels: 1)
    for (value, number) in values { sample(metric.rawValue, [(labels[0], value)], number) }
  }

  /// A number for each of a few values of the metric's label.
  public mutating func put(_ metric: Metric, _ values: [(String, Int)]) {
    put(metric, values.map { ($0.0, Double($0.1)) })
  }

  /// A number for each of a few values of the metric's two labels; nothing is written for none.
  public mutating func put(_ metric: Metric, _ values: [(String, String, Double)]) {
    guard !values.isEmpty else { return }
    let labels = begin(metric, labels: 2)
    for (one, other, number) in values {
      sample(metric.rawValue, [(labels[0], one), (labels[1], other)], number)
    }
  }

  /// A distribution.
  public mutating func put(_ metric: Metric, _ values: Histogram) {
    begin(metric, labels: 0)
    values.append(metric.rawValue, to: &self)
  }

  /// Writes the head, and gives the metric's labels, which are as many as the caller has values for.
  @discardableResult
  private mutating func begin(_ metric: Metric, labels: Int) -> [String] {
    let (name, definition) = (metric.rawValue, metric.definition)
    precondition(definition.labels.count == labels, "\(name) has \(definition.labels.count) labels")
    buffer.append(
      text: "# HELP \(name) \(definition.help)\n# TYPE \(name) \(definition.kind.rawValue)\n")
    return definition.labels
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
