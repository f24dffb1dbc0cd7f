import Basics
import Diagnostics
import Execution
import ObjectStore
import Testing
import Workflow

@Suite struct FailureTests {
  private func kind(_ name: String = "make", failing step: String, _ failure: Failure = .stepFailed) -> FakeKind {
    FakeKind(name: name, act: { name, _, _ in if name == step { throw Trouble(failure: failure) } })
  }

  /// a → b → c, d alone.
  private let steps = [step("a"), step("b", reads: ["a"]), step("c", reads: ["b"]), step("d")]

  @Test func failureEndsTheRunAndSaysWhyOthersWereSkipped() throws {
    let report = try TestBench().run(steps, [kind(failing: "b")])
    #expect(report.statuses == ["a: done", "b: failed", "c: skipped", "d: skipped"])
    #expect(report.failure == .stepFailed)
    #expect(report.step("b")?.problems.map(\.message) == ["there is trouble"])
    #expect(report.step("c")?.summary == "step 'b' failed")
    #expect(report.step("d")?.summary == "step 'b' failed")
  }

  @Test func runThatKeepsGoingSkipsOnlyWhatDependsOnTheFailure() throws {
    let report = try TestBench().run(steps, [kind(failing: "b")], RunOptions { $0.keepGoing = true })
    #expect(report.statuses == ["a: done", "b: failed", "c: skipped", "d: done"])
    #expect(report.failure == .stepFailed)
  }

  @Test(arguments: [Failure.badInput, .inputOutput, .unavailable, .internalError])
  func failureOfAStepIsThatOfTheRun(_ failure: Failure) throws {
    #expect(try TestBench().run(steps, [kind(failing: "a", failure)]).failure == failure)
  }

  @Test func badInputIsPlacedAtItsStepAndSettingsAtTheirs() throws {
    let bench = try TestBench()
    let placed = try bench.run([step("a")], [kind(failing: "a", .badInput)])
    #expect(placed.step("a")?.problems.first?.place?.line == 1)
    let setting = try bench.run([step("a", settings: ["unmakeable": "no such file"])], [FakeKind()])
    #expect(setting.statuses == ["a: failed"])
    #expect(setting.step("a")?.problems.map(\.message) == ["no such file"])
    #expect(setting.failure == .badInput)
  }

  @Test func unknownErrorsAreBugsAndSaySo() throws {
    struct Surprise: Error {}
    let report = try TestBench().run([step("a")], [FakeKind(act: { _, _, _ in throw Surprise() })])
    #expect(report.failure == .internalError)
    #expect(report.step("a")?.problems.first?.code == "internal")
  }

  @Test func refusalOfAValidationSkipsWhatDependsOnIt() throws {
    let check = FakeKind(name: "check", refusalStopsDependants: true, verdict: .refuse)
    let bench = try TestBench()
    let steps = [
      step("a"), step("q", "check", reads: ["a"]), step("b", reads: ["q"]), step("c", after: ["q"]), step("d"),
    ]
    for expected in ["done", "cached"] {
      let report = try bench.run(steps, [FakeKind(), check], RunOptions { $0.keepGoing = true })
      #expect(report.statuses.suffix(4) == ["q: \(expected)", "b: skipped", "c: skipped", "d: \(expected)"])
      #expect(report.step("b")?.summary == "step 'q' refused")
      #expect(report.verdict == .refuse)
      #expect(report.failure == .answerIsNo)
    }
  }

  @Test func refusalOfAGateLetsWhatFollowsBegin() throws {
    let gate = FakeKind(name: "gate", verdict: .refuse, makes: .verdict)
    let report = try TestBench().run([step("g", "gate"), step("b", after: ["g"])], [FakeKind(), gate])
    #expect(report.statuses == ["g: done", "b: done"])
    #expect(report.failure == .answerIsNo)
  }

  @Test func undecidedGateEndsAsInconclusive() throws {
    let report = try TestBench().run(
      [step("g", "gate")], [FakeKind(name: "gate", verdict: .inconclusive, makes: .verdict)])
    #expect(report.failure == .inconclusive)
  }

  @Test func missingOutputIsAFailureNotACrash() throws {
    let nothing = StepSpec(
      name: "b", kind: "make", settings: [:],
      inputs: ["data": [ArtifactReference(step: "a", output: "other", type: .file)]],
      place: Place(file: "test.yaml"))
    let report = try TestBench().run([step("a"), nothing], [FakeKind()])
    #expect(report.statuses == ["a: done", "b: failed"])
    #expect(report.step("b")?.problems.first?.code == "missing-output")
  }

  @Test func unregisteredKindIsAnInternalError() throws {
    #expect(try TestBench().run([step("a", "nothing")], [FakeKind()]).failure == .internalError)
  }
}

@Suite struct RetryTests {
  @Test(arguments: [Failure.stepFailed, .unavailable, .inputOutput])
  func failuresThatMayPassAreTriedAgain(_ failure: Failure) throws {
    let bench = try TestBench()
    let kind = FakeKind(act: { _, call, _ in if call == 1 { throw Trouble(failure: failure) } })
    let report = try bench.run([step("a", retry: 2)], [kind])
    #expect(report.statuses == ["a: done"])
    #expect(report.step("a")?.attempts == 2)
    #expect(bench.told.contains("retry a 2"))
  }

  @Test(arguments: [Failure.badInput, .usage, .internalError, .answerIsNo])
  func failuresThatWouldOnlyRepeatAreNot(_ failure: Failure) throws {
    let kind = FakeKind(act: { _, _, _ in throw Trouble(failure: failure) })
    #expect(try TestBench().run([step("a", retry: 2)], [kind]).statuses == ["a: failed"])
    #expect(kind.calls["a"] == 1)
  }

  @Test func theLastFailureStandsOnceAttemptsAreUsedUp() throws {
    let kind = FakeKind(act: { _, _, _ in throw Trouble(failure: .stepFailed) })
    let report = try TestBench().run([step("a", retry: 1)], [kind])
    #expect(report.step("a")?.attempts == 2)
    #expect(kind.calls["a"] == 2)
    #expect(report.failure == .stepFailed)
  }

  @Test func everyAttemptHasAnEmptyStagingFolderThatGoesAfterwards() throws {
    let bench = try TestBench()
    let kind = FakeKind(act: { _, call, context in
      #expect(try Files.list(context.staging) == [])
      try durableWrite(context.staging + "/rest", bytes: [1])
      if call == 1 { throw Trouble(failure: .stepFailed) }
    })
    #expect(try bench.run([step("a", retry: 1)], [kind]).statuses == ["a: done"])
    #expect(try Files.list(bench.workspace.temporaryFolder) == [])
  }

  @Test func timeoutEndsTheStepAsFailed() throws {
    let kind = FakeKind(act: { _, _, context in while true { try context.cancellation.check() } })
    let report = try TestBench().run([step("a", timeout: .milliseconds(20))], [kind])
    #expect(report.failure == .stepFailed)
    #expect(report.interruption == nil)
    #expect(report.step("a")?.problems.map(\.message) == ["step 'a' ran into its timeout"])
  }
}
