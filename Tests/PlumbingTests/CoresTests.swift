import Testing

@testable import Plumbing

struct CoresTests {
  @Test(arguments: [
    ("Cpus_allowed:\t3\n", 2), ("Name:\tx\nCpus_allowed:\tff,80000001\nMems:\t1\n", 10), ("", nil),
  ])
  func coresAreThoseOfTheMask(status: String, cores: Int?) {
    #expect(System.cores(allowed: status) == cores)
  }

  @Test func thereIsOneAtLeast() { #expect(System.availableCores >= 1) }
}
