import Testing

@testable import Health

struct RateBudgetTests {
  @Test func aBurstThenOneAnInterval() {
    var budget = RateBudget(burst: 4, interval: 100)
    for _ in 0..<4 {
      #expect(budget.due <= 1000)
      budget.take(1000)
    }
    #expect(budget.due == 1100)
    budget.take(1100)
    #expect(budget.due == 1200)
    // After a while of nothing, the whole burst again and no more.
    for _ in 0..<4 {
      #expect(budget.due <= 9000)
      budget.take(9000)
    }
    #expect(budget.due == 9100)
  }

  @Test func comesBackOneByOne() {
    var budget = RateBudget(burst: 2, interval: 100)
    budget.take(0)
    budget.take(0)
    #expect(budget.due == 100)
    // One has come back, one has not.
    budget.take(150)
    #expect(budget.due == 200)
  }
}
