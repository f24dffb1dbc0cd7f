import Basics
import Synchronization

/// Calls `produce` for each index below `count` in turn, and `body` with what comes out, in order, on the calling thread.
/// With `isAhead`, `produce` runs on a thread of its own, one item ahead of `body`; for what must be made one after the
/// other, where `decodeInOrder` makes several at once.
///
/// The first error in order, of either, ends it and is thrown.
func produceInOrder<Item: Sendable>(
  count: Int, isAhead: Bool, _ produce: @escaping @Sendable (Int) throws -> Item, _ body: (Item) throws -> Void
) throws {
  guard isAhead, count > 1 else {
    for index in 0..<count { try body(produce(index)) }
    return
  }
  /// False sends the thread home.
  let tickets = Mailbox<Bool>()
  let produced = Mailbox<Result<Item, any Error>>()
  let thread = OwnThread {
    for index in 0..<count {
      guard tickets.take() else { return }
      let item = Result { try produce(index) }
      produced.post(item)
      if case .failure = item { return }
    }
  }
  defer {
    tickets.post(false)
    thread.join()
  }
  tickets.post(true)
  for index in 0..<count {
    let item = try produced.take().get()
    if index + 1 < count { tickets.post(true) }
    try body(item)
  }
}

/// What `make` gives for each index below `count`, made on at most `threads` threads.
func collect<Item: Sendable>(
  _ count: Int, threads: Int, _ make: @Sendable (Int) throws -> Item
) throws -> [Item] {
  let items = Mutex([Item?](repeating: nil, count: count))
  try parallelFor(count: count, threads: threads) { index in
    let item = try make(index)
    items.withLock { $0[index] = item }
  }
  return items.withLock { $0.compactMap(\.self) }
}
