import Basics

/// Calls `decode` for each index below `count` on at most `threads` threads of our own, and `body` with what comes out, in
/// order, on the calling thread. At most `threads` + 1 items are decoded ahead of `body`, which bounds memory. With one
/// thread, both alternate on the calling thread.
///
/// The first error in order, of either, ends it and is thrown.
func decodeInOrder<Item: Sendable>(
  count: Int, threads: Int, _ decode: @escaping @Sendable (Int) throws -> Item, _ body: (Item) throws -> Void
) throws {
  guard threads > 1, count > 1 else {
    for index in 0..<count { try body(decode(index)) }
    return
  }
  /// Nil sends a worker home.
  let tickets = Mailbox<Int?>()
  let decoded = Mailbox<(index: Int, item: Result<Item, any Error>)>()
  let workers = (0..<min(threads, count)).map { _ in
    OwnThread {
      while let index = tickets.take() { decoded.post((index, Result { try decode(index) })) }
    }
  }
  defer {
    for _ in workers { tickets.post(nil) }
    for worker in workers { worker.join() }
  }
  var issued = 0
  var early: [Int: Result<Item, any Error>] = [:]
  for index in 0..<count {
    while issued < min(count, index + threads + 1) {
      tickets.post(issued)
      issued += 1
    }
    while early[index] == nil {
      let (arrived, item) = decoded.take()
      early[arrived] = item
    }
    if let item = early.removeValue(forKey: index) { try body(item.get()) }
  }
}
