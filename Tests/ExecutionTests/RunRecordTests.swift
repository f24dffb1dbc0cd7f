import Basics
import Diagnostics
import Execution
import ObjectStore
import Testing
import Workflow

@Suite struct RunRecordTests {
  @Test func runIsRecordedWithItsStepsAndMetrics() throws {
    let bench = try TestBench()
    let report = try bench.run([step("a"), step("b", reads: ["a"])], [FakeKind()])
    let run = try #require(try bench.store.runs().first)
    #expect(run.id == report.id)
    #expect(run.start.workflow == "test")
    #expect(run.start.file == "test.yaml")
    #expect(run.start.settings["seed"] == 1)
    #expect(run.start.settings["steps"]?["a"]?["settings"]?["text"] == "a")
    let end = try #require(run.end)
    #expect(run.status == .done)
    #expect(end.steps.map(\.name) == ["a", "b"])
    #expect(end.steps.map(\.status) == ["done", "done"])
    #expect(end.steps.map(\.outputs) == report.steps.map(\.outputs))
    #expect(end.metrics.map(\.key) == ["all.length", "all.length"])
    #expect(end.metrics.map(\.value) == [1, 2])
  }

  @Test func resultsOfStepsCanBeLookedUpFromTheRun() throws {
    let bench = try TestBench()
    try bench.run([step("a")], [FakeKind()])
    let record = try #require(try bench.store.runs().first?.end?.steps.first?.result)
    let result = try bench.store.result(record)
    #expect(result.report["report"]?["text"] == "a")
    #expect(result.report["summary"] == "1 bytes")
  }

  @Test func runThatOnlyTookResultsIsRecordedToo() throws {
    let bench = try TestBench()
    try bench.run([step("a")], [FakeKind()])
    let second = try bench.run([step("a")], [FakeKind()])
    #expect(try bench.store.runs().count == 2)
    #expect(try bench.store.run(second.id).end?.steps.map(\.status) == ["cached"])
  }

  @Test(arguments: [
    (Verdict.pass, RunStatus.done), (.refuse, .refused), (.inconclusive, .inconclusive),
  ])
  func verdictIsTheStatusOfTheRun(_ verdict: Verdict, _ status: RunStatus) throws {
    let bench = try TestBench()
    try bench.run([step("a")], [FakeKind(verdict: verdict, makes: .verdict)])
    let run = try #require(try bench.store.runs().first)
    #expect(run.status == status)
    #expect(run.end?.verdict == verdict.rawValue)
  }

  @Test func runThatFailedBehindAGateHasNoVerdict() throws {
    let bench = try TestBench()
    let kinds = [
      FakeKind(name: "gate", verdict: .pass, makes: .verdict),
      FakeKind(act: { _, _, _ in throw Trouble(failure: .stepFailed) }),
    ]
    let report = try bench.run([step("g", "gate"), step("b", after: ["g"])], kinds)
    #expect(report.statuses == ["g: done", "b: failed"])
    #expect(report.verdict == nil)
    #expect(try bench.store.runs().first?.end?.verdict == nil)
  }

  @Test func failedStepLeavesItsProblemsInTheRecord() throws {
    let bench = try TestBench()
    try bench.run([step("a")], [FakeKind(act: { _, _, _ in throw Trouble(failure: .stepFailed) })])
    let run = try #require(try bench.store.runs().first)
    #expect(run.status == .failed)
    let problem = try #require(run.end?.steps.first?.detail["problems"]?.arrayValue?.first)
    #expect(Diagnostic(json: problem)?.message == "there is trouble")
  }

  @Test func reportOfAnUncachedStepIsInTheRecordOfTheRun() throws {
    let bench = try TestBench()
    try bench.run([step("a")], [FakeKind(isCached: false)])
    let step = try #require(try bench.store.runs().first?.end?.steps.first)
    #expect(step.result == nil)
    #expect(step.detail["report"]?["text"] == "a")
  }

  @Test func runIsFoundByTheIndexRebuiltFromTheObjects() throws {
    let bench = try TestBench()
    let report = try bench.run([step("a"), step("b", reads: ["a"])], [FakeKind()])
    try bench.store.reindex()
    #expect(try bench.store.runs().map(\.id) == [report.id])
    #expect(try bench.run([step("a"), step("b", reads: ["a"])], [FakeKind()]).statuses == ["a: cached", "b: cached"])
  }

  @Test func documentOfTheRunHasItsStableKeys() throws {
    let report = try TestBench().run([step("a")], [FakeKind()])
    #expect(
      report.json.objectValue?.keys.sorted()
        == ["deployed", "deployments", "metrics", "model", "run", "seconds", "steps", "verdict", "workflow"])
    let step = try #require(report.json["steps"]?.arrayValue?.first)
    for key in ["name", "kind", "status", "seconds", "outputs"] { #expect(step[key] != nil, "\(key)") }
    #expect(report.json["metrics"] == ["all": ["length": 1.0]])
  }
}
