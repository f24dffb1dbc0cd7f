import Basics
import Testing

@testable import Execution

private let before: JSON = [
  "kind": "train", "implementation": 1, "seed": 1,
  "settings": ["objective": "linear", "penalty": ["l2": 1], "drop": ["a"]],
  "inputs": [
    "data": ["type": "table", "digest": .string(String(repeating: "a", count: 64))],
    "old": ["type": "table", "digest": .string(String(repeating: "c", count: 64))],
  ],
  "environment": ["LANG": "C"], "libraries": ["blas": "one"],
]

private func reasons(_ change: (inout JSON) -> Void) -> [String] {
  var after = before
  change(&after)
  return differences(from: before, to: after)
}

@Suite struct ActionDifferenceTests {
  @Test func equalActionsDoNotDiffer() {
    #expect(differences(from: before, to: before) == [])
  }

  @Test func anotherKindIsAllThatIsSaid() {
    #expect(
      reasons {
        $0["kind"] = "split"
        $0["seed"] = 2
      } == ["it is another kind of step now"])
  }

  @Test func settingsAreNamedByTheirPath() {
    #expect(reasons { $0["settings"]?["penalty"] = ["l2": "tune"] } == ["setting 'penalty.l2' changed (1 → tune)"])
    #expect(reasons { $0["settings"]?["drop"] = ["a", "b"] } == [#"setting 'drop' changed (["a"] → ["a","b"])"#])
    #expect(reasons { $0["settings"]?["drop"] = nil } == [#"setting 'drop' changed (["a"] → none)"#])
    #expect(reasons { $0["settings"]?["intercept"] = false } == ["setting 'intercept' changed (none → false)"])
  }

  @Test func longSettingsAreCutShort() {
    let long = String(repeating: "x", count: 100)
    #expect(
      reasons { $0["settings"]?["objective"] = .string(long) }
        == ["setting 'objective' changed (linear → \(long.prefix(57))…)"])
  }

  @Test func inputsAreToldByRoleAndShortDigest() {
    let other = JSON.string(String(repeating: "b", count: 64))
    #expect(
      reasons { $0["inputs"]?["data"]?["digest"] = other } == ["input 'data' changed (aaaaaaaaaaaa → bbbbbbbbbbbb)"])
    #expect(reasons { $0["inputs"]?["new"] = ["digest": other] } == ["input 'new' is new (bbbbbbbbbbbb)"])
    #expect(reasons { $0["inputs"]?["old"] = nil } == ["input 'old' is gone (was cccccccccccc)"])
  }

  @Test func codeSeedEnvironmentAndLibrariesAreTold() {
    let found = reasons {
      $0["implementation"] = 2
      $0["seed"] = nil
      $0["environment"] = ["LANG": "C", "TZ": "UTC"]
      $0["libraries"] = ["blas": "two"]
    }
    #expect(
      found == [
        "the code of this kind of step changed (version 1 → 2)", "it no longer uses the seed",
        "environment variable 'TZ' changed", "library 'blas' changed",
      ])
  }

  @Test func reasonsStandInAFixedOrder() {
    let found = reasons {
      $0["settings"] = ["z": 1, "m": 2, "a": 3, "penalty": ["l2": 1], "drop": ["a"], "objective": "linear"]
    }
    #expect(found.map { $0.split(separator: "'")[1] } == ["a", "m", "z"])
  }
}
