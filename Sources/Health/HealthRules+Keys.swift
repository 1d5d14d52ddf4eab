import Plumbing

/// Several app keys: one that fails loses nothing, so only this check tells.
extension HealthRules {
  static let keys: Rule = { facts in
    guard let sample = fetched(facts) else { return [] }
    let serving = sample.each(.keyServing)
    guard serving.count > 1 else { return [] }
    let failed = sample.each(.keyFailed).map { (number: Sample.word($0.labels[0]), status: $0.labels[1]) }
      .sorted { $0.number < $1.number }
    guard let first = failed.first else {
      return [.good("keys", "all \(serving.count) app keys serve", "앱키 \(serving.count)개가 모두 동작합니다")]
    }
    let names = failed.map { "key \($0.number)" }.joined(separator: ", ")
    return [
      .broken(
        "keys",
        "\(names) of \(serving.count) \(failed.count > 1 ? "do" : "does") not serve: the others do its work",
        "앱키 \(serving.count)개 중 \(failed.map(\.number).joined(separator: ", "))번을 쓸 수 없어 나머지가 대신합니다",
        fix: fix(first.status, facts))
    ]
  }

  /// What is to be done about a key that ended with this exit status.
  private static func fix(_ status: String, _ facts: HealthFacts) -> String {
    switch status {
    case "75":
      "\(facts.logs("kis-fetch"))  # stop the other session of that key; it is tried again within the hour"
    case "77": "\(facts.restart)  # once its file of --credentials is mended"
    default: "\(facts.logs("kis-fetch"))  # \"Key fails\" says why; it is tried again within the hour"
    }
  }
}
