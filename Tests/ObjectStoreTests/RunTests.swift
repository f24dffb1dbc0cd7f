import Basics
import ObjectStore
import Testing

@Suite struct RunTests {
  private let test: TestWorkspace
  private let store: Store

  init() throws {
    test = try TestWorkspace()
    store = try test.open()
  }

  private func start(_ workflow: String = "w", at milliseconds: Int64 = 1000, id: String = makeRunID()) -> RunStart {
    RunStart(id: id, workflow: workflow, file: "w.yaml", started: Timestamp(milliseconds: milliseconds))
  }

  @Test func runIsRunningThenDone() throws {
    let active = try store.beginRun(start())
    #expect(try store.run(active.start.id).status == .running)
    try store.endRun(active, RunEnd(status: .done, steps: [], verdict: "pass"))
    let run = try store.run(active.start.id)
    #expect(run.status == .done && run.end?.verdict == "pass")
  }

  @Test func runWhoseOwnerIsGoneIsInterrupted() throws {
    let begin = start()
    func die() throws { _ = try store.beginRun(begin) }
    try die()
    #expect(try store.run(begin.id).status == .interrupted)
  }

  @Test func runsAreListedLatestFirst() throws {
    for (index, workflow) in ["a", "b", "a"].enumerated() {
      let active = try store.beginRun(start(workflow, at: Int64(index) * 1000))
      try store.endRun(active, RunEnd(status: .done, steps: []))
    }
    #expect(try store.runs().map(\.start.workflow) == ["a", "b", "a"])
    #expect(try store.runs(limit: 2).map(\.start.started.milliseconds) == [2000, 1000])
    #expect(try store.runs(workflow: "b").count == 1)
  }

  @Test func prefixNamesOneRun() throws {
    let ids = ["ab" + String(repeating: "0", count: 30), "ac" + String(repeating: "0", count: 30)]
    for id in ids { try store.endRun(try store.beginRun(start(id: id)), RunEnd(status: .done, steps: [])) }
    #expect(try store.run("ab").id == ids[0])
    #expect(throws: StoreError.ambiguousRun(prefix: "a", candidates: ids)) { try store.run("a") }
    #expect(throws: StoreError.unknownRun(prefix: "ff")) { try store.run("ff") }
    #expect(throws: StoreError.unknownRun(prefix: "")) { try store.run("") }
    #expect(throws: StoreError.unknownRun(prefix: "%")) { try store.run("%") }
  }

  @Test func lastResultOfAStepIsKnown() throws {
    for index in 1...2 {
      let active = try store.beginRun(start(at: Int64(index)))
      let step = RunStep(name: "model", kind: "train", status: "done", result: Digest(of: "\(index)"))
      try store.endRun(active, RunEnd(status: .done, steps: [step]))
    }
    #expect(try store.lastResult(ofStep: "model", workflow: "w")?.record == Digest(of: "2"))
    #expect(try store.lastResult(ofStep: "model", workflow: "x") == nil)
  }
}
