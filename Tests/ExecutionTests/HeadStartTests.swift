import Basics
import Diagnostics
import Execution
import Glibc
import ObjectStore
import Synchronization
import Testing
import Workflow

/// Work of a step that begins while its action is looked up.
@Suite struct HeadStartTests {
  private let two = RunOptions { $0.threads = 2 }

  /// What was left in the workspace for a while.
  private func leftovers(_ bench: TestBench) throws -> [String] { try Files.list(bench.workspace.temporaryFolder) }

  /// Leaves a file in its staging folder and says where it is.
  private let writing: HeadStartWork = { context in
    try durableWrite(context.staging + "/early", bytes: Array("early".utf8))
    context.progress(0.5)
    return context.staging + "/early"
  }

  @Test func theRunTakesWhatBeganAndNothingIsLeft() throws {
    let bench = try TestBench()
    let taken = Mutex<[String]>([])
    let kind = FakeKind(
      act: { _, _, context in
        let path = try #require(try context.headStart?.result(in: context) as? String)
        #expect(!path.hasPrefix(context.staging))
        taken.withLock { $0.append((try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? "") }
      }, ahead: writing)
    #expect(try bench.run([step("a")], [kind], two).statuses == ["a: done"])
    #expect(taken.withLock { $0 } == ["early"])
    #expect(try leftovers(bench).isEmpty)
  }

  @Test func withOneThreadNothingBegins() throws {
    let bench = try TestBench()
    let kind = FakeKind(act: { _, _, context in #expect(context.headStart == nil) }, ahead: writing)
    #expect(try bench.run([step("a")], [kind]).statuses == ["a: done"])
    #expect(kind.calls["a"] == 1)
  }

  @Test func whatIsNotNeededIsStoppedAndRemoved() throws {
    let bench = try TestBench()
    let stopped = Mutex(0)
    let endless: HeadStartWork = { context in
      try durableWrite(context.staging + "/early", bytes: [1])
      while context.cancellation.reason == nil { usleep(1000) }
      stopped.withLock { $0 += 1 }
      return ""
    }
    // The first run does not ask, the second finds its result, the third has no action.
    let kind = FakeKind(ahead: endless)
    #expect(try bench.run([step("a")], [kind], two).statuses == ["a: done"])
    #expect(try bench.run([step("a")], [kind], two).statuses == ["a: cached"])
    #expect(
      try bench.run([step("b", settings: ["unmakeable": "no"])], [kind], two).statuses == ["b: failed"])
    #expect(stopped.withLock { $0 } == 3)
    #expect(try leftovers(bench).isEmpty)
  }

  @Test func itsErrorIsThatOfTheStepAndASecondAttemptDoesWithout() throws {
    let bench = try TestBench()
    let asking: @Sendable (String, Int, StepContext) throws -> Void = { _, _, context in
      _ = try context.headStart?.result(in: context)
    }
    let kind = FakeKind(act: asking, ahead: { _ in throw Trouble(failure: .inputOutput) })
    let report = try bench.run([step("a")], [kind], two)
    #expect(report.steps[0].problems.map(\.code) == ["trouble"])
    #expect(try bench.run([step("a", retry: 1)], [kind], two).statuses == ["a: done"])
    #expect(kind.calls["a"] == 3)
    #expect(try leftovers(bench).isEmpty)
  }

  @Test func aTimeoutOfTheStepStopsIt() throws {
    let bench = try TestBench()
    let kind = FakeKind(
      act: { _, _, context in _ = try context.headStart?.result(in: context) },
      ahead: { context in
        while true {
          try context.cancellation.check()
          usleep(1000)
        }
      })
    let report = try bench.run([step("a", timeout: .milliseconds(50))], [kind], two)
    #expect(report.steps[0].problems.map(\.code) == ["timed-out"])
    #expect(try leftovers(bench).isEmpty)
  }
}
