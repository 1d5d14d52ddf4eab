import Plumbing

/// One link of the chain and what was found out about it.
public struct HealthCheck: Equatable, Sendable {
  /// Its name: one word.
  public let name: String
  /// Whether it holds; nil where it could not be looked at.
  public let ok: Bool?
  /// What was found.
  public let detail: String
  /// The same in Korean.
  public let korean: String
  /// The command that puts it right.
  public let fix: String
  /// Whether it is broken only because another link is.
  public let isConsequence: Bool
  /// Whether it holds, but something is to be done before it breaks.
  public let isWarning: Bool

  private init(
    _ name: String, _ ok: Bool?, _ detail: String, korean: String, fix: String = "",
    isConsequence: Bool = false, isWarning: Bool = false
  ) {
    self.name = name
    self.ok = ok
    // Whatever shows a check, a terminal, a page or JSON, shows no secret and is not driven by a peer's text.
    self.detail = SecretMask.mask(detail).printable
    self.korean = SecretMask.mask(korean).printable
    self.fix = SecretMask.mask(fix).printable
    self.isConsequence = isConsequence
    self.isWarning = isWarning
  }

  /// What was found, in the reader's language.
  func said(korean isKorean: Bool) -> String { isKorean ? korean : detail }

  /// The command that puts it right, its comment in the reader's language.
  func fix(korean isKorean: Bool) -> String { isKorean ? FixComments.korean(fix) : fix }

  /// It holds.
  static func good(_ name: String, _ detail: String, _ korean: String) -> HealthCheck {
    HealthCheck(name, true, detail, korean: korean)
  }
  /// It holds, but something is to be done.
  static func warning(_ name: String, _ detail: String, _ korean: String, fix: String) -> HealthCheck {
    HealthCheck(name, true, detail, korean: korean, fix: fix, isWarning: true)
  }
  /// It could not be looked at.
  static func unknown(_ name: String, _ detail: String, _ korean: String) -> HealthCheck {
    HealthCheck(name, nil, detail, korean: korean)
  }
  /// A stage that would tell does not run.
  static func silent(_ name: String, _ stage: String) -> HealthCheck {
    unknown(name, "\(stage) does not run", "\(stage) 가 실행되고 있지 않습니다")
  }
  /// There is no folder to look into.
  static func folderless(_ name: String) -> HealthCheck { unknown(name, "there is no folder", "폴더가 없습니다") }
  /// Where the archive is cannot be told.
  static func placeless(_ name: String) -> HealthCheck {
    unknown(name, "the archive's place is not known", "아카이브 위치를 알 수 없습니다")
  }
  /// It is broken.
  static func broken(
    _ name: String, _ detail: String, _ korean: String, fix: String, isConsequence: Bool = false
  ) -> HealthCheck {
    HealthCheck(name, false, detail, korean: korean, fix: fix, isConsequence: isConsequence)
  }
}

/// All links, in the order of the chain.
public struct HealthReport: Equatable, Sendable {
  /// The links.
  public let checks: [HealthCheck]
  /// Whether the pipeline has ended in order and nothing is expected of it now.
  public let isResting: Bool

  /// Judges `facts`.
  public init(_ facts: HealthFacts) {
    checks = HealthRules.all.flatMap { $0(facts) }
    isResting = facts.isResting
  }

  /// Whether no link is broken.
  public var isHealthy: Bool { !checks.contains { $0.ok == false } }

  /// The first broken link: the one to mend.
  public var first: HealthCheck? {
    checks.first { $0.ok == false && !$0.isConsequence } ?? checks.first { $0.ok == false }
  }

  /// What holds, but is to be dealt with.
  public var warnings: [HealthCheck] { checks.filter(\.isWarning) }

  /// The broken links.
  public var broken: [HealthCheck] { checks.filter { $0.ok == false } }
}
