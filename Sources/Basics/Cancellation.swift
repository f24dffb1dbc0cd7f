import CPlatform
package import Diagnostics
import Glibc
import Synchronization

/// Says to long work that it should stop. Work asks at least every 50 ms or so: `try cancellation.check()`.
///
/// A token is stopped by `cancel()`, by its deadline, by its parent, or, for `.process`, by SIGINT or SIGTERM.
package final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)
  private let parent: Cancellation?
  /// Monotonic nanoseconds, or nil for none.
  private let deadline: Int64?
  private let watchesSignals: Bool

  package init(parent: Cancellation? = nil, timeout: Duration? = nil) {
    self.parent = parent
    deadline = timeout.map { duration in
      let parts = duration.components
      return cplatform_monotonic_ns() + parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }
    watchesSignals = false
  }

  private init(watchesSignals: Bool) {
    parent = nil
    deadline = nil
    self.watchesSignals = watchesSignals
  }

  /// Stopped by the first SIGINT or SIGTERM, once `cplatform_watch_signals` was called.
  package static let process = Cancellation(watchesSignals: true)

  package func cancel() { flag.store(true, ordering: .relaxed) }

  /// Why work must stop, or nil while it may go on.
  package var reason: Cancelled? {
    if watchesSignals, cplatform_received_signal() != 0 { return .signal(cplatform_received_signal()) }
    if let reason = parent?.reason { return reason }
    if flag.load(ordering: .relaxed) { return .asked }
    if let deadline, cplatform_monotonic_ns() > deadline { return .timedOut }
    return nil
  }

  package func check() throws(Cancelled) {
    if let reason { throw reason }
  }
}

/// Thrown by work that was told to stop.
package enum Cancelled: Error, Sendable, Hashable {
  case asked
  case timedOut
  /// The number of the signal.
  case signal(Int32)

  /// What a command that was stopped this way ends with.
  package var failure: Failure { self == .signal(SIGTERM) ? .terminated : .interrupted }
}

/// Waits until there is something to read from a descriptor, or its end, and asks meanwhile whether to stop: a read that
/// waits would go on after a signal.
package func waitUntilReadable(_ descriptor: Int32, _ cancellation: Cancellation) throws(Cancelled) {
  while true {
    try cancellation.check()
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let ready = poll(&wanted, 1, 100)
    // What is wrong with the descriptor, the read tells.
    if ready > 0 || ready < 0 && errno != EINTR { return }
  }
}
