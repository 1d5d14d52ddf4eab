/// What an `Accept-Language` header asks for, as far as this program can give it. Pure.
enum PreferredLanguage {
  /// Whether Korean is wanted rather than English; nil when neither is asked for.
  static func isKorean(_ header: String) -> Bool? {
    var best: (weight: Double, isKorean: Bool)?
    for item in header.lowercased().split(separator: ",").prefix(32) {
      let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
      let language = parts.first?.split(separator: "-").first
      guard language == "ko" || language == "en" else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      if weight > best?.weight ?? 0 { best = (weight, language == "ko") }
    }
    return best?.isKorean
  }
}
