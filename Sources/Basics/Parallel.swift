import Glibc
import Synchronization

/// Calls `body` once for each index below `count`, on at most `threads` threads of our own (the caller's is one of them),
/// each taking the next index that is free. The first error stops the rest and is thrown.
///
/// Which thread runs which index is not fixed; results must be stored by index, so that they do not depend on it.
package func parallelFor<Failure: Error>(
  count: Int, threads: Int, _ body: @Sendable (Int) throws(Failure) -> Void
) throws(Failure) {
  let workers = min(threads, count)
  if workers <= 1 {
    for index in 0..<max(0, count) { try body(index) }
    return
  }
  let next = Atomic<Int>(0)
  let failure = Mutex<Failure?>(nil)
  withoutActuallyEscaping(body) { body in
    let work: @Sendable () -> Void = {
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        if index >= count { return }
        do throws(Failure) { try body(index) } catch {
          failure.withLock { if $0 == nil { $0 = error } }
          next.store(count, ordering: .relaxed)
        }
      }
    }
    let helpers = (1..<workers).map { _ in OwnThread(work) }
    work()
    for helper in helpers { helper.join() }
  }
  if let error = failure.withLock({ $0 }) { throw error }
}

/// What `body` gives for each index below `count`, in their order, computed as by `parallelFor`.
package func parallelMap<Element: Sendable, Failure: Error>(
  count: Int, threads: Int, _ body: @Sendable (Int) throws(Failure) -> Element
) throws(Failure) -> [Element] {
  let results = OrderedResults<Element>(count: count)
  try parallelFor(count: count, threads: threads) { index throws(Failure) in
    results.store(try body(index), at: index)
  }
  return results.values
}

/// Results of parallel work by index, whatever the order in which they come.
package final class OrderedResults<Element: Sendable>: Sendable {
  private let slots: Mutex<[Element?]>

  package init(count: Int) { slots = Mutex([Element?](repeating: nil, count: count)) }

  package func store(_ element: Element, at index: Int) { slots.withLock { $0[index] = element } }

  /// All results; call when every one is stored.
  package var values: [Element] { slots.withLock { $0.compactMap { $0 } } }
}

/// A thread of our own for blocking work, off the cooperative pool, with an 8 MiB stack.
package final class OwnThread: @unchecked Sendable {
  private var thread: pthread_t = 0
  private final class Box {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
  }

  package init(_ work: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 8 << 20)
    let box = Unmanaged.passRetained(Box(work))
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().work() }
        return nil
      }, box.toOpaque())
    pthread_attr_destroy(&attributes)
    precondition(status == 0, "the system refused a thread")
  }

  /// Waits until the work is done. Call once.
  package func join() { pthread_join(thread, nil) }
}
