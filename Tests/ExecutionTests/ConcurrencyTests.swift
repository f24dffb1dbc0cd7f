import Basics
import Execution
import Glibc
import ObjectStore
import Synchronization
import Testing

/// Where threads meet: `arrive` returns true once `count` of them are there, false after five seconds.
private final class Meeting: Sendable {
  private let arrived = Atomic<Int>(0)
  private let count: Int

  init(of count: Int) { self.count = count }

  func arrive() -> Bool {
    arrived.add(1, ordering: .relaxed)
    let watch = Stopwatch()
    while arrived.load(ordering: .relaxed) < count {
      if watch.seconds > 5 { return false }
    }
    return true
  }
}

@Suite struct ConcurrencyTests {
  @Test func independentStepsRunAtTheSameTime() throws {
    let meeting = Meeting(of: 3)
    let kind = FakeKind(act: { name, _, _ in if name != "end" { #expect(meeting.arrive()) } })
    let steps = [step("a"), step("b"), step("c"), step("end", reads: ["a", "b", "c"])]
    let report = try TestBench().run(steps, [kind], RunOptions { $0.threads = 3 })
    #expect(report.statuses == ["a: done", "b: done", "c: done", "end: done"])
    #expect(report.step("end")?.report["text"] == "abcend")
  }

  @Test func noMoreStepsRunAtOnceThanThereAreThreads() throws {
    let crowd = Crowd()
    let kind = FakeKind(act: { _, _, _ in crowd.visit() })
    try TestBench().run((0..<6).map { step("s\($0)") }, [kind], RunOptions { $0.threads = 2 })
    #expect(crowd.most == 2)
  }

  @Test func ofTwoEqualStepsOneIsComputed() throws {
    let kind = FakeKind(act: { _, _, _ in usleep(50_000) })
    let report = try TestBench().run(
      [step("a", text: "x"), step("b", text: "x")], [kind], RunOptions { $0.threads = 2 })
    #expect(kind.calls["a"] + kind.calls["b"] == 1)
    #expect(Set(report.steps.map(\.status)) == [.cached, .done])
  }

  /// Each with a store of its own, as two processes have.
  @Test func ofTwoRunsAtOnceOneComputesAndTheOtherTakesItsResult() throws {
    let bench = try TestBench()
    let kind = FakeKind(act: { _, _, _ in usleep(50_000) })
    let steps = [step("a"), step("b", reads: ["a"])]
    let reports = Reports()
    try parallelFor(count: 2, threads: 2) { _ in
      let store = try Store.open(bench.workspace)
      reports.add(try bench.executor(steps, [kind], store: store).run(cancellation: Cancellation()) { _ in })
    }
    #expect(kind.calls["a"] == 1)
    #expect(kind.calls["b"] == 1)
    let all = reports.all.withLock { $0 }
    #expect(all.map(\.failure) == [nil, nil])
    #expect(all[0].steps.map(\.outputs) == all[1].steps.map(\.outputs))
    #expect(all[0].steps.map(\.key) == all[1].steps.map(\.key))
  }
}

/// Counts how many are inside at once.
private final class Crowd: Sendable {
  private let counts = Mutex((now: 0, most: 0))

  var most: Int { counts.withLock { $0.most } }

  func visit() {
    counts.withLock {
      $0.now += 1
      $0.most = max($0.most, $0.now)
    }
    usleep(20_000)
    counts.withLock { $0.now -= 1 }
  }
}

private final class Reports: Sendable {
  let all = Mutex<[RunReport]>([])

  func add(_ report: RunReport) { all.withLock { $0.append(report) } }
}
