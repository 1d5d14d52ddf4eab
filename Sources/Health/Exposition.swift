import Plumbing

/// Prometheus text as the stages write it.
public struct Exposition: Sendable {
  /// One metric with all its samples.
  public struct Family: Sendable {
    /// `# HELP` and `# TYPE` lines.
    public var head: [Substring] = []
    /// Sample lines, unchanged.
    public var samples: [Substring] = []
  }

  /// Families by name, in the order in which they first appeared.
  public private(set) var families: [String: Family] = [:]
  private var order: [String] = []

  /// Nothing.
  public init() {}

  /// Adds a stage's text. A family that is known already keeps its first head; what is no sample is left out.
  public mutating func add(_ text: String) {
    var current = ""
    var isNew = false
    for line in text.lines {
      if line.hasPrefix("# ") {
        let words = line.split(separator: " ", maxSplits: 3)
        guard words.count >= 3, words[1] == "HELP" || words[1] == "TYPE" else { continue }
        if String(words[2]) != current {
          current = String(words[2])
          isNew = families[current] == nil
          if isNew {
            order.append(current)
            families[current] = Family()
          }
        }
        if isNew { families[current]?.head.append(line) }
      } else if line.hasPrefix(current), !current.isEmpty {
        families[current]?.samples.append(line)
      }
    }
  }

  /// All families, each with its head once.
  public var text: String {
    var text = ""
    for name in order {
      guard let family = families[name] else { continue }
      for line in family.head + family.samples { text += line + "\n" }
    }
    return text
  }
}

/// One stage's numbers at one time, keyed by metric name plus labels, without `stage`:
/// `observer_rejects_total{reason=missing}`.
public struct Sample: Equatable, Sendable {
  /// The numbers.
  public var values: [String: Double]

  /// A sample made of numbers.
  public init(_ values: [String: Double]) { self.values = values }

  /// Reads a stage's text.
  public init(text: String) {
    values = [:]
    for line in text.lines where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]),
        Self.range.contains(value)
      else { continue }
      values[Self.key(line[..<space])] = value
    }
  }

  /// What a number of a stage can be. Another program may write any: the whole numbers that a double holds can be
  /// added up and subtracted, and no NaN or infinity comes of it.
  static let range = -9_007_199_254_740_992.0...9_007_199_254_740_992.0

  /// The number of a metric; of one with labels, the number for these values of them, in the definition's order.
  subscript(metric: Metric, labels: String...) -> Double? { values[Self.key(metric, labels)] }

  /// The time that a metric tells, in seconds there.
  func time(_ metric: Metric) -> Milliseconds? { self[metric].map { Timestamp.clamping($0) } }

  /// The sum over all labels of a metric.
  func sum(_ metric: Metric) -> Double {
    let (name, labelled) = (metric.rawValue, metric.rawValue + "{")
    return values.reduce(0) { $1.key.hasPrefix(labelled) || $1.key == name ? $0 + $1.value : $0 }
  }

  /// The numbers of a metric with labels, by their values, in the order of these.
  func each(_ metric: Metric) -> [(labels: [String], value: Double)] {
    let start = metric.rawValue + "{"
    return values.filter { $0.key.hasPrefix(start) }.sorted { $0.key < $1.key }
      .compactMap { key, value in
        Self.labels(metric, key.dropFirst(start.count).dropLast()).map { ($0, value) }
      }
  }

  /// What a label says where it is shown in a sentence: a few words of letters and digits. Another program may have
  /// written anything.
  static func word(_ label: some StringProtocol) -> String {
    String(
      label.unicodeScalars.prefix(40).map {
        $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_")
          ? Character($0) : "?"
      })
  }

  private static func key(_ metric: Metric, _ labels: [String]) -> String {
    guard !labels.isEmpty else { return metric.rawValue }
    let pairs = zip(metric.definition.labels, labels).map { $0 + "=" + $1 }
    return "\(metric.rawValue){\(pairs.joined(separator: ","))}"
  }

  /// The values in `a=1,b=2`; nil when these are not the metric's labels.
  private static func labels(_ metric: Metric, _ text: Substring) -> [String]? {
    let names = metric.definition.labels
    var rest = text
    var values: [String] = []
    for (index, name) in names.enumerated() {
      guard rest.hasPrefix(name + "=") else { return nil }
      rest = rest.dropFirst(name.count + 1)
      let next = index + 1 < names.count ? rest.firstRange(of: ",\(names[index + 1])=") : nil
      values.append(String(rest[..<(next?.lowerBound ?? rest.endIndex)]))
      rest = next.map { rest[rest.index(after: $0.lowerBound)...] } ?? ""
    }
    return values.isEmpty ? nil : values
  }

  private static func key(_ series: Substring) -> String {
    guard let brace = series.firstIndex(of: "{") else { return String(series) }
    let labels = series[series.index(after: brace)...].dropLast().split(separator: ",")
      .filter { !$0.hasPrefix("stage=") }.map { $0.filter { $0 != "\"" } }
    return String(series[..<brace]) + (labels.isEmpty ? "" : "{" + labels.joined(separator: ",") + "}")
  }
}
