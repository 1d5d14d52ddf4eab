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

/// One stage's numbers at one time. A sample is called by its name and its labels but `stage`:
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

  /// The number called `name`.
  public subscript(name: String) -> Double? { values[name] }

  /// The time called `name`, in seconds there, here in milliseconds since 1970.
  func time(_ name: String) -> Int64? { values[name].map { Timestamp.milliseconds($0) } }

  /// The sum over all labels of `name`.
  public func sum(_ name: String) -> Double {
    let labelled = name + "{"
    return values.reduce(0) { $1.key.hasPrefix(labelled) || $1.key == name ? $0 + $1.value : $0 }
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

  /// The text of a label of `name`'s only sample.
  func label(of name: String, _ label: String) -> String? {
    let start = "\(name){\(label)="
    return values.keys.first { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count).dropLast()) }
  }

  private static func key(_ series: Substring) -> String {
    guard let brace = series.firstIndex(of: "{") else { return String(series) }
    let labels = series[series.index(after: brace)...].dropLast().split(separator: ",")
      .filter { !$0.hasPrefix("stage=") }.map { $0.filter { $0 != "\"" } }
    return String(series[..<brace]) + (labels.isEmpty ? "" : "{" + labels.joined(separator: ",") + "}")
  }
}
