import Execution
import Testing

/// a → b → d, a → c, e alone.
private func diamond(keepsGoing: Bool) -> RunState {
  RunState(
    order: ["a", "b", "c", "d", "e"], dependencies: ["b": ["a"], "c": ["a"], "d": ["b"]], keepsGoing: keepsGoing)
}

@Suite struct RunStateTests {
  @Test func stepsBeginInOrderOnceWhatTheyNeedSucceeded() {
    var state = diamond(keepsGoing: false)
    #expect(state.begin() == "a")
    #expect(state.begin() == "e")
    #expect(state.begin() == nil)
    #expect(state.runningCount == 2)
    state.succeed("a")
    #expect(state.begin() == "b")
    #expect(state.begin() == "c")
    state.succeed("c")
    #expect(state.begin() == nil)
    state.succeed("b")
    #expect(state.begin() == "d")
    state.succeed("d")
    #expect(!state.isOver)
    state.succeed("e")
    #expect(state.isOver)
    #expect(state.runningCount == 0)
  }

  @Test func failureSkipsAllThatHasNotBegun() {
    var state = diamond(keepsGoing: false)
    _ = state.begin()
    #expect(state.fail("a") == ["b", "c", "d", "e"])
    #expect(state.phase(of: "a") == .failed)
    #expect(state.phase(of: "e") == .skipped)
    #expect(state.isOver)
  }

  @Test func failureLeavesWhatIsRunningAlone() {
    var state = diamond(keepsGoing: false)
    _ = (state.begin(), state.begin())
    #expect(state.fail("a") == ["b", "c", "d"])
    #expect(state.phase(of: "e") == .running)
    #expect(!state.isOver)
    state.succeed("e")
    #expect(state.isOver)
  }

  @Test func runThatKeepsGoingSkipsOnlyWhatDependsOnTheFailure() {
    var state = diamond(keepsGoing: true)
    _ = state.begin()
    state.succeed("a")
    _ = state.begin()
    #expect(state.fail("b") == ["d"])
    #expect(state.begin() == "c")
    #expect(state.begin() == "e")
    state.succeed("c")
    state.succeed("e")
    #expect(state.isOver)
    #expect(state.phase(of: "d") == .skipped)
  }

  @Test func skippingReachesThroughSkippedSteps() {
    var state = diamond(keepsGoing: true)
    _ = state.begin()
    #expect(state.fail("a") == ["b", "c", "d"])
    #expect(state.begin() == "e")
  }

  @Test(arguments: [(true, ["b", "c", "d"]), (false, ["b", "c", "d", "e"])])
  func refusalSkipsLikeAFailureButTheStepSucceeded(keepsGoing: Bool, skipped: [String]) {
    var state = diamond(keepsGoing: keepsGoing)
    _ = state.begin()
    #expect(state.block("a") == skipped)
    #expect(state.phase(of: "a") == .succeeded)
    #expect(state.phase(of: "b") == .skipped)
  }

  @Test func stoppingSkipsAllThatWaitsAndOnlyOnce() {
    var state = diamond(keepsGoing: true)
    _ = state.begin()
    #expect(state.stop() == ["b", "c", "d", "e"])
    #expect(state.stop() == [])
    #expect(state.phase(of: "a") == .running)
    #expect(state.begin() == nil)
  }

  /// With `--until` steps outside of the run are no one's business.
  @Test func dependenciesOutsideOfTheRunDoNotHoldAStepUp() {
    var state = RunState(order: ["b"], dependencies: ["b": ["a"]], keepsGoing: false)
    #expect(state.phase(of: "a") == nil)
    #expect(state.begin() == "b")
  }
}
