import CPlatform

/// Seconds since it was made, by the monotonic clock.
package struct Stopwatch: Sendable {
  private let start = cplatform_monotonic_ns()

  package init() {}

  package var seconds: Double { Double(cplatform_monotonic_ns() - start) / 1e9 }
}
