import Basics
import Diagnostics
import Execution
import Testing

@Suite struct ActionTests {
  private static var action: Action {
    var action = Action(
      kind: "train", implementation: 3, settings: ["penalty": ["l2": 0.5], "objective": "linear"],
      inputs: [
        Action.Input(role: "data", type: "split", digest: Digest(of: "data")),
        Action.Input(role: "champion", type: "model", digest: Digest(of: "champion")),
      ])
    action.seed = 7
    action.environment = ["LANG": "C"]
    action.libraries = ["blas": "OpenBLAS 0.3.29 Haswell"]
    return action
  }

  /// The digest is that of `json.dumps(…, sort_keys=True, separators=(",", ":"))` through Python's hashlib.
  @Test func keyIsTheDigestOfTheCanonicalText() {
    #expect(Self.action.key.hex == "bf1c4078f07264e97d40a9198a6143401772f7e65b90f3d0498bef47c007cd76")
  }

  @Test func keyCoversEverythingTheResultDependsOn() {
    let changes: [(inout Action) -> Void] = [
      { $0.kind = "other" }, { $0.implementation = 4 }, { $0.settings["penalty"] = ["l2": 0.25] },
      { $0.inputs[0].digest = Digest(of: "other") }, { $0.inputs[0].type = "table" }, { $0.inputs[0].role = "rows" },
      { $0.inputs[0].isTree = true }, { $0.inputs.removeLast() }, { $0.seed = 8 }, { $0.seed = nil },
      { $0.environment["LANG"] = "de_DE" },
      { $0.environment = [:] }, { $0.libraries["blas"] = "reference" },
    ]
    var keys: Set<Digest> = [Self.action.key]
    for change in changes {
      var action = Self.action
      change(&action)
      #expect(keys.insert(action.key).inserted, "\(action.json.canonical)")
    }
  }

  @Test func keyLeavesOutHintsAndTheOrderOfInputs() {
    var action = Self.action
    action.hints = ["path": "/home/someone/data.csv", "name": "data"]
    action.inputs.reverse()
    #expect(action.key == Self.action.key)
  }

  @Test func inputsAreFoundByRole() throws {
    #expect(Self.action.input("champion") == Digest(of: "champion"))
    #expect(Self.action.input("nothing") == nil)
    #expect(try Self.action.requiredInput("data").type == "split")
    #expect(throws: Problems.self) { try Self.action.requiredInput("nothing") }
  }
}
