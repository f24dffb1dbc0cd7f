import Basics
import Glibc
import Synchronization

/// What a step can do before its action is known. It gets a context of its own: staging folder, cancellation and progress are
/// not those of the run that follows.
package typealias HeadStartWork = @Sendable (StepContext) throws -> any Sendable

/// Work of a step that began while its action was looked up: a large file is read while its digest is taken.
///
/// Whoever has one takes its result, which lies in its staging folder, and abandons it in the end.
package final class HeadStart: Sendable {
  private struct State {
    var result: Result<any Sendable, any Error>?
    var progress: @Sendable (Double) -> Void = { _ in }
    var isAbandoned = false
  }

  private final class Shared: Sendable {
    let state = Mutex(State())
  }

  /// Since it began.
  let watch = Stopwatch()
  private let shared = Shared()
  private let staging: String
  private let cancellation: Cancellation
  private let thread: OwnThread

  /// Begins `work` on a thread of its own. The staging folder of `context` is made, and removed by `abandon`.
  init(_ context: StepContext, _ work: @escaping HeadStartWork) throws {
    try Files.makeFolder(context.staging)
    let (shared, cancellation) = (shared, Cancellation(parent: context.cancellation))
    var own = context
    own.cancellation = cancellation
    own.progress = { fraction in shared.state.withLock { $0.progress }(fraction) }
    let beginning = own
    staging = context.staging
    self.cancellation = cancellation
    thread = OwnThread {
      let result = Result { try work(beginning) }
      shared.state.withLock { $0.result = result }
    }
  }

  /// Waits for the result, telling the progress of `context` on the way. Throws what the work threw, and `Cancelled`.
  package func result(in context: StepContext) throws -> any Sendable {
    shared.state.withLock { $0.progress = context.progress }
    while true {
      if let result = shared.state.withLock({ $0.result }) {
        try context.cancellation.check()
        return try result.get()
      }
      if context.cancellation.reason != nil { cancellation.cancel() }
      usleep(1000)
    }
  }

  /// Stops the work where it is not done, waits for its end and removes what it left in its staging folder. Once is enough.
  func abandon() {
    let isFirst = shared.state.withLock { state in
      defer { state.isAbandoned = true }
      return !state.isAbandoned
    }
    guard isFirst else { return }
    cancellation.cancel()
    thread.join()
    // What cannot be removed now is swept by a later process.
    try? Files.removeTree(staging)
  }
}
