import CPlatform
import Glibc

/// Seconds since it was made, by the monotonic clock.
package struct Stopwatch: Sendable {
  private let start = cplatform_monotonic_ns()

  package init() {}

  package var seconds: Double { Double(cplatform_monotonic_ns() - start) / 1e9 }
}

/// Nanoseconds of processor time that the calling thread has used.
package func threadProcessorTime() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
