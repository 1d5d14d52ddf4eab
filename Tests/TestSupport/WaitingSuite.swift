import Testing

/// A suite whose tests wait (for programs, sockets, clocks) most of their time.
///
/// Tests share a pool with a thread for each core, and a test that waits holds its thread. Tasks of another priority have
/// threads of their own, so these tests wait beside the others, not in front of them.
public struct WaitingSuite: SuiteTrait, TestScoping {
  /// Runs the whole suite in a task of its own.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    try await withoutActuallyEscaping(function) { body in
      try await Task(priority: .high) { try await body() }.value
    }
  }
}

extension Trait where Self == WaitingSuite {
  /// Gives the suite threads of its own to wait on; for serialized suites, so that it is one test at a time.
  public static var waiting: Self { Self() }
}
