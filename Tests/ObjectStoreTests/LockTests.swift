import Basics
import Glibc
import ObjectStore
import Synchronization
import Testing

@Suite struct LockTests {
  private let test: TestWorkspace

  init() throws { test = try TestWorkspace() }

  @Test func oneActionIsDoneByOneAtATime() throws {
    let workspace = test.workspace
    let key = Digest(of: "k")
    let inside = Atomic<Int>(0)
    let worst = Atomic<Int>(0)
    let done = Atomic<Int>(0)
    try parallelFor(count: 8, threads: 8) { _ in
      let store = try Store.open(workspace)
      try store.withActionLock(key, cancellation: Cancellation()) {
        worst.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
        if case .miss = try store.result(forKey: key, cancellation: Cancellation()) {
          usleep(3000)
          try store.putResult(ActionResult(key: key, action: [:], outputs: [], seconds: 0))
          done.add(1, ordering: .relaxed)
        }
        inside.subtract(1, ordering: .relaxed)
      }
    }
    #expect(worst.load(ordering: .relaxed) == 1)
    #expect(done.load(ordering: .relaxed) == 1)
    #expect(try Files.list(test.workspace.locksFolder).filter { $0.hasPrefix("action-") }.isEmpty)
  }

  @Test func waitingIsToldOnceAndCanBeCancelled() throws {
    let store = try test.open()
    let key = Digest(of: "k")
    try store.withActionLock(key, cancellation: Cancellation()) {
      let timeout = Cancellation(timeout: .milliseconds(60))
      var told = 0
      #expect(throws: Cancelled.timedOut) {
        try store.withActionLock(key, cancellation: timeout, onWait: { told += 1 }) {}
      }
      #expect(told == 1)
    }
  }

  @Test func otherActionsDoNotWait() throws {
    let store = try test.open()
    try store.withActionLock(Digest(of: "a"), cancellation: Cancellation()) {
      try store.withActionLock(Digest(of: "b"), cancellation: Cancellation(timeout: .zero)) {}
    }
  }

  @Test func garbageWaitsForOtherStores() throws {
    let (first, second) = (try test.open(), try test.open())
    #expect(throws: Cancelled.timedOut) {
      try first.collectGarbage(GarbageSettings(), cancellation: Cancellation(timeout: .milliseconds(50)))
    }
    // It has its shared lock again.
    withExtendedLifetime(second) {}
    _ = try first.put([1])
  }
}
