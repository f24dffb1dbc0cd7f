import Basics
import Diagnostics
import Execution
import ObjectStore
import Testing
import Workflow

extension Plan {
  /// `name: decision` and the reasons of every step.
  fileprivate var lines: [String] {
    steps.map {
      "\($0.name): \($0.decision.rawValue)" + ($0.reasons.isEmpty ? "" : ", " + $0.reasons.joined(separator: "; "))
    }
  }
}

@Suite struct PlanTests {
  private let chain = [step("a"), step("b", reads: ["a"]), step("c", reads: ["b"])]

  @Test func newWorkflowRunsFromTheStart() throws {
    let bench = try TestBench()
    #expect(
      try bench.plan(chain, [FakeKind()]).lines == [
        "a: run, it never ran in this workspace", "b: unknown, it depends on 'a', which will run",
        "c: unknown, it depends on 'b', which will run",
      ])
    #expect(try bench.store.runs().isEmpty)
  }

  @Test func unchangedWorkflowIsCachedSinceItRan() throws {
    let bench = try TestBench()
    let report = try bench.run(chain, [FakeKind()])
    let plan = try bench.plan(chain, [FakeKind()])
    #expect(plan.lines == ["a: cached", "b: cached", "c: cached"])
    #expect(plan.steps.map(\.key) == report.steps.map(\.key))
    #expect(plan.steps.allSatisfy { $0.since != nil })
    #expect(plan.failure == nil)
  }

  @Test func changedSettingIsNamed() throws {
    let bench = try TestBench()
    try bench.run(chain, [FakeKind()])
    var changed = chain
    changed[1] = step("b", reads: ["a"], text: "B")
    #expect(
      try bench.plan(changed, [FakeKind()]).lines == [
        "a: cached", "b: run, setting 'text' changed (b → B)", "c: unknown, it depends on 'b', which will run",
      ])
  }

  @Test func forcedUncachedAndDamagedStepsSayWhy() throws {
    let bench = try TestBench()
    let steps = [step("a"), step("b"), step("c", "deploy")]
    let kinds = [FakeKind(), FakeKind(name: "deploy", isCached: false)]
    let report = try bench.run(steps, kinds)
    let digest = try #require(report.step("b")?.outputs.first?.digest)
    try bench.damage(digest)
    #expect(
      try bench.plan(steps, kinds, RunOptions { $0.force = ["a"] }).lines == [
        "a: run, --force", "b: run, object \(digest.short)… is damaged",
        "c: run, what is served is not what it would release",
      ])
  }

  @Test func stepWhoseActionCannotBeMadeIsAProblemWithAPlace() throws {
    let bench = try TestBench()
    let steps = [step("a", settings: ["unmakeable": "no such file"]), step("b", reads: ["a"]), step("c")]
    let plan = try bench.plan(steps, [FakeKind()])
    #expect(
      plan.lines == [
        "a: run, its action cannot be made", "b: skip, step 'a' cannot run", "c: skip, step 'a' cannot run",
      ])
    #expect(plan.steps[0].problems.map(\.message) == ["no such file"])
    #expect(plan.steps[0].problems.first?.place?.line == 1)
    #expect(plan.failure == .badInput)
    #expect(
      try bench.plan(steps, [FakeKind()], RunOptions { $0.keepGoing = true }).lines.last
        == "c: run, it never ran in this workspace")
  }

  @Test func whatARefusalStopsIsSkipped() throws {
    let bench = try TestBench()
    let check = FakeKind(name: "check", refusalStopsDependants: true, verdict: .refuse)
    let steps = [step("a"), step("q", "check", reads: ["a"]), step("b", reads: ["q"])]
    try bench.run(steps, [FakeKind(), check])
    #expect(
      try bench.plan(steps, [FakeKind(), check]).lines == ["a: cached", "q: cached", "b: skip, step 'q' refused"])
  }

  /// Random graphs, settings and histories: what the plan says is cached is taken from the store, what it says will run
  /// runs, what it says is skipped is skipped.
  @Test func planTellsWhatTheRunThenDoes() throws {
    for seed in UInt64(1)...25 {
      var random = Dice(seed: seed)
      let bench = try TestBench()
      let kinds = [
        FakeKind(), FakeKind(name: "check", refusalStopsDependants: true, verdict: .refuse),
        FakeKind(name: "deploy", isCached: false),
      ]
      var steps: [StepSpec] = []
      for index in 0..<6 {
        let reads = steps.filter { $0.kind == "make" && random.roll(3) == 0 }.map(\.name)
        let kind = index > 0 && random.roll(6) == 0 ? (random.roll(2) == 0 ? "check" : "deploy") : "make"
        steps.append(step("s\(index)", kind, reads: reads))
      }
      let options = RunOptions { $0.keepGoing = random.roll(2) == 0 }
      for _ in 0..<3 {
        let plan = try bench.plan(steps, kinds, options)
        let report = try bench.run(steps, kinds, options)
        for planned in plan.steps {
          let status = report.step(planned.name)?.status
          let expected: [StepReport.Status] =
            switch planned.decision {
            case .cached: [.cached]
            case .run: [.done]
            case .skip: [.skipped]
            case .unknown: [.done, .cached, .skipped]
            }
          // A refusal that is not yet known may skip what was to run.
          let mayBeSkipped = planned.decision == .run && report.verdict == .refuse
          #expect(
            status.map(expected.contains) == true || (mayBeSkipped && status == .skipped),
            "seed \(seed): \(planned.name) was planned as \(planned.decision), became \(String(describing: status))")
          if let key = planned.key, status != .skipped {
            #expect(report.step(planned.name)?.key == key, "seed \(seed)")
          }
        }
        let changed = random.roll(6)
        steps[changed].settings["text"] = .string("changed \(random.roll(2))")
      }
    }
  }
}

/// A small generator for tests (an LCG after Knuth); the seed is printed with every failure.
private struct Dice {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func roll(_ sides: UInt64) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % sides)
  }
}
