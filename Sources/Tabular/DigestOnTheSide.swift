import Basics

/// The digest of a source, taken on a thread of its own while the rows are read.
final class DigestOnTheSide: Sendable {
  private let result = Mailbox<Result<Digest, any Error>>()
  private let cancellation: Cancellation
  private let thread: OwnThread?

  /// Begins; on the calling thread, and to the end, unless `besides`.
  init(
    besides: Bool, _ cancellation: Cancellation, _ digest: @escaping @Sendable (Cancellation) throws -> Digest
  ) {
    let (result, own) = (result, Cancellation(parent: cancellation))
    self.cancellation = own
    let work: @Sendable () -> Void = { result.post(Result { try digest(own) }) }
    if besides {
      thread = OwnThread(work)
    } else {
      thread = nil
      work()
    }
  }

  /// Waits for it. Call once.
  func value() throws -> Digest { try result.take().get() }

  /// Stops what is not done and waits for the thread.
  func join() {
    cancellation.cancel()
    thread?.join()
  }
}
