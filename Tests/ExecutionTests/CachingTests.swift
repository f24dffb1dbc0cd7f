import Basics
import Diagnostics
import Execution
import ObjectStore
import Testing
import Workflow

@Suite struct CachingTests {
  private let chain = [step("a"), step("b", reads: ["a"]), step("c", reads: ["b"])]

  @Test func secondRunTakesEverythingFromTheStore() throws {
    let bench = try TestBench()
    let kind = FakeKind()
    let first = try bench.run(chain, [kind])
    #expect(first.statuses == ["a: done", "b: done", "c: done"])
    let second = try bench.run(chain, [kind])
    #expect(second.statuses == ["a: cached", "b: cached", "c: cached"])
    #expect(kind.calls["a"] == 1 && kind.calls["b"] == 1 && kind.calls["c"] == 1)
    for (before, after) in zip(first.steps, second.steps) {
      #expect(before.outputs == after.outputs)
      #expect(before.metrics == after.metrics)
      #expect(before.report == after.report)
      #expect(before.summary == after.summary)
      #expect(before.record == after.record)
    }
  }

  @Test func changedSettingRunsTheStepAndWhatFollows() throws {
    let bench = try TestBench()
    let kind = FakeKind()
    try bench.run(chain, [kind])
    var changed = chain
    changed[1] = step("b", reads: ["a"], text: "B")
    #expect(try bench.run(changed, [kind]).statuses == ["a: cached", "b: done", "c: done"])
    #expect(try bench.run(chain, [kind]).statuses == ["a: cached", "b: cached", "c: cached"])
  }

  @Test func changeThatMakesTheSameOutputGoesNoFurther() throws {
    let bench = try TestBench()
    let kind = FakeKind()
    var steps = [step("a"), step("b", reads: ["a"], settings: ["constant": "same"]), step("c", reads: ["b"])]
    try bench.run(steps, [kind])
    steps[0] = step("a", text: "another")
    #expect(try bench.run(steps, [kind]).statuses == ["a: done", "b: done", "c: cached"])
  }

  @Test func resultsAreSharedBetweenStepsAndWorkflowsWhateverTheirNames() throws {
    let bench = try TestBench()
    let kind = FakeKind()
    try bench.run([step("a", text: "x")], [kind])
    #expect(try bench.run([step("other", text: "x")], [kind]).statuses == ["other: cached"])
  }

  @Test func newCodeOfAKindRunsItsStepsAgain() throws {
    let bench = try TestBench()
    try bench.run(chain, [FakeKind()])
    let newer = FakeKind(implementation: 2)
    // The outputs are the same, but every step is of this kind.
    #expect(try bench.run(chain, [newer]).statuses == ["a: done", "b: done", "c: done"])
  }

  @Test func forcedStepRunsAndOthersStayCached() throws {
    let bench = try TestBench()
    let kind = FakeKind()
    try bench.run(chain, [kind])
    let report = try bench.run(chain, [kind], RunOptions { $0.force = ["b"] })
    #expect(report.statuses == ["a: cached", "b: done", "c: cached"])
    #expect(kind.calls["b"] == 2)
  }

  @Test func untilLeavesOutWhatTheStepDoesNotNeed() throws {
    let bench = try TestBench()
    let steps = chain + [step("d"), step("e", after: ["a"])]
    #expect(try bench.run(steps, [FakeKind()], RunOptions { $0.until = "b" }).statuses == ["a: done", "b: done"])
    #expect(try bench.run(steps, [FakeKind()], RunOptions { $0.until = "e" }).statuses == ["a: cached", "e: done"])
  }

  @Test func kindThatActsOnTheWorldRunsEveryTime() throws {
    let bench = try TestBench()
    let deploy = FakeKind(name: "deploy", isCached: false)
    let steps = [step("a"), step("out", "deploy", reads: ["a"])]
    let kinds = [FakeKind(), deploy]
    try bench.run(steps, kinds)
    #expect(try bench.run(steps, kinds).statuses == ["a: cached", "out: done"])
    #expect(deploy.calls["out"] == 2)
  }

  @Test func stepThatFoundTheWorldAsItShouldBeCountsAsCached() throws {
    let bench = try TestBench()
    let kinds = [FakeKind(), FakeKind(name: "deploy", isCached: false, changesNothing: true)]
    let steps = [step("a"), step("out", "deploy", reads: ["a"])]
    try bench.run(steps, kinds)
    #expect(try bench.plan(steps, kinds).steps.map(\.decision) == [.cached, .cached])
    #expect(try bench.run(steps, kinds).statuses == ["a: cached", "out: cached"])
  }

  @Test func failedStepIsNotCached() throws {
    let bench = try TestBench()
    let kind = FakeKind(act: { _, call, _ in if call == 1 { throw Trouble(failure: .badInput) } })
    #expect(try bench.run([step("a")], [kind]).statuses == ["a: failed"])
    #expect(try bench.run([step("a")], [kind]).statuses == ["a: done"])
  }

  @Test func damagedOutputIsComputedAgainAndSaidAloud() throws {
    let bench = try TestBench()
    let kind = FakeKind()
    let first = try bench.run(chain, [kind])
    let digest = try #require(first.step("b")?.outputs.first?.digest)
    try bench.damage(digest)
    let second = try bench.run(chain, [kind])
    #expect(second.statuses == ["a: cached", "b: done", "c: cached"])
    #expect(bench.told.contains("log b: object \(digest.short)… is damaged; it is computed again"))
    #expect(try Digest(of: bench.store.read(digest)) == digest)
  }

  @Test func deletedOutputIsComputedAgain() throws {
    let bench = try TestBench()
    let kind = FakeKind()
    let first = try bench.run(chain, [kind])
    let digest = try #require(first.step("c")?.outputs.first?.digest)
    try Files.remove(bench.store.path(of: digest))
    #expect(try bench.run(chain, [kind]).statuses == ["a: cached", "b: cached", "c: done"])
    #expect(bench.told.contains("log c: object \(digest.short)… is gone; it is computed again"))
  }
}
