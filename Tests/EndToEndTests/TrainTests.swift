import Basics
import Foundation
import Testing

@Suite struct TrainTests {
  static let examples = ["breast-cancer", "diabetes", "doctor-visits", "penguins", "wine"]

  @Test(arguments: examples)
  func everyExampleTrainsPassesItsGateAndIsServed(_ name: String) throws {
    let sandbox = try Sandbox()
    let ending = try sandbox.run("train", "workflows/\(name).yaml", "--format", "json")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    let run = try ending.json()
    #expect(run["verdict"]?.stringValue == "pass")
    #expect(run["model"]?["name"]?.stringValue == name)
    #expect(run["model"]?["version"]?.intValue == 1)
    #expect(run["deployed"]?["channel"]?.stringValue == "production")
    #expect(sandbox.served(name) == run.modelDigest)
    for part in ["train", "test"] { #expect(run["metrics"]?[part]?.objectValue?.isEmpty == false) }
    let version = "models/\(name)/production/"
    for file in [
      "model.json", "weights.safetensors", "profile.json", "release.json", "card.md", "report.html", "provenance.json",
    ] {
      #expect(sandbox.exists(version + file), "\(file) is missing")
    }
    #expect(try sandbox.run("store", "verify").code == 0)
  }

  @Test func anUnchangedWorkflowRunsNoStepAndReportsTheSameDigests() throws {
    let sandbox = try Sandbox()
    let first = try sandbox.run("train", "workflows/penguins.yaml", "--format", "json").json()
    let second = try sandbox.run("train", "workflows/penguins.yaml", "--format", "json").json()
    #expect(second.statuses == Array(repeating: "cached", count: first.statuses.count))
    let plan = try sandbox.run("plan", "workflows/penguins.yaml")
    #expect(plan.output.contains("nothing to do"))
    #expect(second.modelDigest == first.modelDigest)
    for step in ["data", "quality", "parts", "model", "scores", "bar"] {
      #expect(second.step(step)?["outputs"] == first.step(step)?["outputs"])
    }
    let history = try sandbox.read("models/penguins/history.jsonl").split(separator: "\n")
    #expect(history.count == 1)
  }

  /// Behind its evaluation a gate takes the scores that are still there; alone it scores the rows itself.
  @Test(arguments: ["diabetes", "doctor-visits", "penguins"])
  func aGateThatRunsAloneComesToTheSameVerdict(_ name: String) throws {
    let sandbox = try Sandbox()
    let first = try sandbox.run("train", "workflows/\(name).yaml", "--format", "json").json()
    let second = try sandbox.run("train", "workflows/\(name).yaml", "--force", "bar", "--format", "json").json()
    let statuses = ["scores", "bar"].map { second.step($0)?["status"]?.stringValue }
    #expect(statuses == ["cached", "done"])
    #expect(second.step("bar")?["outputs"] == first.step("bar")?["outputs"])
  }

  @Test func touchingTheDataRerunsNothing() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.run("train", "workflows/wine.yaml")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -1000)], ofItemAtPath: sandbox.folder + "/datasets/wine/wine.csv")
    let run = try sandbox.run("train", "workflows/wine.yaml", "--format", "json").json()
    #expect(run.statuses.allSatisfy { $0 == "cached" })
  }

  @Test func changingThePenaltyRerunsTrainingOnlyAndThePlanSaysSo() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.run("train", "workflows/penguins.yaml")
    let change = ["--set", "steps.model.train.penalty={l2: 0.5}"]
    let plan = try sandbox.run(["plan", "workflows/penguins.yaml", "--format", "json"] + change)
    #expect(plan.code == 0)
    let steps = try plan.json()["steps"]?.arrayValue ?? []
    func decision(_ name: String) -> String? {
      steps.first { $0["name"]?.stringValue == name }?["decision"]?.stringValue
    }
    #expect(decision("data") == "cached")
    #expect(decision("parts") == "cached")
    #expect(decision("model") == "run")
    #expect(decision("scores") == "unknown")
    let reasons = steps.first { $0["name"]?.stringValue == "model" }?["reasons"]?.canonical ?? ""
    #expect(reasons.contains("penalty.l2"))
    let run = try sandbox.run(["train", "workflows/penguins.yaml", "--format", "json"] + change).json()
    #expect(run.step("data")?["status"]?.stringValue == "cached")
    #expect(run.step("parts")?["status"]?.stringValue == "cached")
    #expect(run.step("model")?["status"]?.stringValue == "done")
  }

  @Test func theSameWorkflowGivesTheSameModelAnywhere() throws {
    var digests: Set<String> = []
    for (threads, environment) in [
      ("1", ["TZ": "Asia/Tokyo", "LC_ALL": "C"]),
      ("2", ["TZ": "America/New_York", "LC_ALL": "de_DE.UTF-8", "USER": "somebody"]),
      ("3", ["LANG": "tr_TR.UTF-8"]),
    ] {
      let sandbox = try Sandbox()
      for name in Self.examples {
        let run = try sandbox.run(
          ["train", "workflows/\(name).yaml", "--format", "json", "--threads", threads], environment: environment
        ).json()
        digests.insert(run.modelDigest ?? UUID().uuidString)
      }
    }
    #expect(digests.count == Self.examples.count)
  }

  @Test func eightProcessesAtOnceComputeEachActionOnce() throws {
    let sandbox = try Sandbox()
    let children = try (0..<8).map { _ in
      try sandbox.start("train", "workflows/breast-cancer.yaml", "--format", "json", "--threads", "1")
    }
    let endings = try children.map { try $0.wait() }
    for ending in endings { #expect(ending.code == 0, "\(ending.diagnostics)") }
    let runs = try endings.map { try $0.json() }
    for step in ["data", "parts", "model", "scores"] {
      let done = runs.count { $0.step(step)?["status"]?.stringValue == "done" }
      #expect(done == 1, "step '\(step)' was computed \(done) times")
    }
    #expect(Set(runs.map(\.modelDigest)).count == 1)
    #expect(try sandbox.run("store", "verify").code == 0)
    #expect(try sandbox.read("models/breast-cancer/history.jsonl").split(separator: "\n").count == 1)
  }

  @Test func aRefusedGateLeavesTheChannelAlone() throws {
    let sandbox = try Sandbox()
    let first = try sandbox.run("train", "workflows/wine.yaml", "--format", "json").json()
    let ending = try sandbox.run(
      "train", "workflows/wine.yaml", "--format", "json", "--set", "steps.model.train.penalty={l2: 50}", "--set",
      "steps.bar.gate.require=[accuracy >= 0.999, log_loss <= 0.001]")
    #expect(ending.code == 1)
    let run = try ending.json()
    #expect(run["verdict"]?.stringValue == "refuse")
    #expect(run["deployed"]?.isNull == true)
    #expect(sandbox.served("wine") == first.modelDigest)
    let conditions = run.step("bar")?["report"]?["conditions"]?.arrayValue ?? []
    #expect(conditions.count == 2)
    for condition in conditions {
      #expect(condition["value"]?.doubleValue != nil && condition["bound"]?.doubleValue != nil)
      #expect(condition["margin"]?.doubleValue != nil)
    }
    let version = run["model"]?["version"]?.intValue ?? 0
    #expect(version == 2)
    let shown = try sandbox.run("models", "show", "wine@\(version)")
    #expect(shown.code == 0)
    #expect(shown.output.contains("refuse"))
  }

  @Test func aPinnedSourceThatChangedIsToldWithItsPlace() throws {
    let sandbox = try Sandbox()
    let path = "datasets/breast-cancer/breast-cancer.csv"
    try sandbox.write(try sandbox.read(path) + "\n", to: path)
    let ending = try sandbox.run("train", "workflows/breast-cancer.yaml")
    #expect(ending.code == 65)
    #expect(ending.diagnostics.contains("workflows/breast-cancer.yaml:10:15: error: '\(path)' is not the file"))
    #expect(sandbox.served("breast-cancer") == nil)
  }

  @Test func aDeletedIndexLosesNothing() throws {
    let sandbox = try Sandbox()
    let first = try sandbox.run("train", "workflows/diabetes.yaml", "--format", "json").json()
    let before = try sandbox.run("runs", "list", "--format", "json").json()
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: sandbox.folder + "/.mlflowctl/index.sqlite" + suffix)
    }
    #expect(try sandbox.run("runs", "list", "--format", "json").json() == before)
    let again = try sandbox.run("train", "workflows/diabetes.yaml", "--format", "json").json()
    #expect(again.statuses.allSatisfy { $0 == "cached" })
    #expect(again.modelDigest == first.modelDigest)
  }
}
