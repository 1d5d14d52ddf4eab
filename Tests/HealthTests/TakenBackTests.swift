import KIS
import Testing

@testable import Health

struct TakenBackTests {
  /// The rules of completeness know causes by their text alone.
  @Test func causesThatTakeBackAreThoseOfTheLedger() {
    #expect(HealthRules.takingBack == LossCause.allCases.filter(\.takesBack).map(\.rawValue))
  }
}
