import Basics
import Diagnostics
import Execution
import ObjectStore
import Testing

@Suite struct CancellationTests {
  private let steps = [step("a"), step("b", reads: ["a"]), step("c", reads: ["b"])]

  @Test func stoppedRunIsInterruptedAndTheNextGoesOnWhereItStopped() throws {
    let bench = try TestBench()
    let stop = Cancellation()
    let kind = FakeKind(act: { name, call, context in
      guard name == "b", call == 1 else { return }
      stop.cancel()
      try context.cancellation.check()
    })
    let report = try bench.run(steps, [kind], cancellation: stop)
    #expect(report.statuses == ["a: done", "b: failed", "c: skipped"])
    #expect(report.interruption == .interrupted)
    #expect(report.failure == .interrupted)
    #expect(report.step("c")?.summary == "the run was stopped")
    #expect(try bench.store.runs().first?.status == .interrupted)
    #expect(try bench.run(steps, [kind]).statuses == ["a: cached", "b: done", "c: done"])
  }

  @Test func stepThatFinishesAllTheSameIsKept() throws {
    let bench = try TestBench()
    let stop = Cancellation()
    let kind = FakeKind(act: { name, _, _ in if name == "b" { stop.cancel() } })
    #expect(try bench.run(steps, [kind], cancellation: stop).statuses == ["a: done", "b: done", "c: skipped"])
    #expect(try bench.run(steps, [kind]).statuses == ["a: cached", "b: cached", "c: done"])
  }

  @Test func runThatWasDoneBeforeItNoticedIsNotInterrupted() throws {
    let stop = Cancellation()
    let kind = FakeKind(act: { name, _, _ in if name == "c" { stop.cancel() } })
    let report = try TestBench().run(steps, [kind], cancellation: stop)
    #expect(report.statuses == ["a: done", "b: done", "c: done"])
    #expect(report.failure == nil)
  }

  @Test func runStoppedBeforeItBeganSkipsEverything() throws {
    let stop = Cancellation()
    stop.cancel()
    let report = try TestBench().run(steps, [FakeKind()], cancellation: stop)
    #expect(report.statuses == ["a: skipped", "b: skipped", "c: skipped"])
    #expect(report.failure == .interrupted)
  }

  @Test func stoppingEndsWaitsBetweenAttempts() throws {
    let stop = Cancellation()
    let kind = FakeKind(act: { _, _, _ in
      stop.cancel()
      throw Trouble(failure: .unavailable)
    })
    let watch = Stopwatch()
    #expect(try TestBench().run([step("a", retry: 50)], [kind], cancellation: stop).failure == .interrupted)
    #expect(kind.calls["a"] == 1)
    #expect(watch.seconds < 2)
  }

  /// Wherever the instant falls, the run ends: between two steps, in one, or before it looks.
  @Test func runEndsWheneverItIsStopped() throws {
    let bench = try TestBench()
    try bench.run(steps, [FakeKind()])
    for microseconds in stride(from: 0, to: 6000, by: 200) {
      let stop = Cancellation(timeout: .microseconds(microseconds))
      let report = try bench.run(steps, [FakeKind()], cancellation: stop)
      #expect(report.steps.count == 3)
      #expect(report.interruption == (report.steps.allSatisfy { $0.status == .cached } ? nil : .interrupted))
    }
  }

  @Test func planThatIsStoppedThrows() throws {
    let bench = try TestBench()
    let stop = Cancellation()
    stop.cancel()
    #expect(throws: Cancelled.asked) { try bench.executor(steps, [FakeKind()]).plan(cancellation: stop) }
  }
}
