import Basics
import Foundation
import Testing

@Suite struct RegistryTests {
  private let train = ["train", "workflows/wine.yaml", "--format", "json"]

  private func penalty(_ value: String) -> [String] { ["--set", "steps.model.train.penalty={l2: \(value)}"] }

  @Test func rollbackNeedsNoArgumentsAndQuarantines() throws {
    let sandbox = try Sandbox()
    let first = try sandbox.run(train + penalty("0.01")).json().modelDigest
    let second = try sandbox.run(train + penalty("0.02")).json().modelDigest
    #expect(sandbox.served("wine") == second)
    let back = try sandbox.run("rollback", "wine")
    #expect(back.code == 0, "\(back.diagnostics)")
    #expect(sandbox.served("wine") == first)
    let again = try sandbox.run(train + penalty("0.02"))
    #expect(again.code == 1)
    #expect(again.diagnostics.contains("quarantined"))
    #expect(sandbox.served("wine") == first)
    let lifted = try sandbox.run(train + penalty("0.02") + ["--lift-quarantine"])
    #expect(lifted.code == 0, "\(lifted.diagnostics)")
    #expect(sandbox.served("wine") == second)
    #expect(try sandbox.run("models", "history", "wine").code == 0)
    #expect(try sandbox.run("models", "verify", "wine").code == 0)
  }

  @Test func aNumberIsNeverTakenForADigest() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.run(train + penalty("0.01"))
    for number in 2...9 { #expect(try sandbox.run("models", "show", "wine@\(number)").code == 64) }
  }

  @Test func aTamperedHistoryIsFound() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.run(train + penalty("0.01"))
    _ = try sandbox.run(train + penalty("0.02"))
    let text = try sandbox.read("models/wine/history.jsonl")
    try sandbox.write(
      text.replacingOccurrences(of: "\"production\"", with: "\"staging\""), to: "models/wine/history.jsonl")
    #expect(try sandbox.run("models", "verify", "wine").code == 1)
  }

  @Test func promoteMovesAChannelThatHasPassed() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.run(train + ["--no-deploy"])
    #expect(sandbox.served("wine") == nil)
    let empty = try sandbox.run("promote", "wine@1", "--to", "production")
    #expect(empty.code == 64)
    #expect(empty.diagnostics.contains("--first"))
    let first = try sandbox.run("promote", "wine@1", "--to", "production", "--first", "--format", "json")
    #expect(first.code == 0, "\(first.diagnostics)")
    #expect(sandbox.served("wine") != nil)
    let staging = try sandbox.run("promote", "wine@production", "--to", "staging", "--first")
    #expect(staging.code == 0)
    #expect(sandbox.served("wine", "staging") == sandbox.served("wine"))
  }

  @Test func promoteRefusesWhatTheGateRefused() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.run(train + penalty("0.01"))
    let before = sandbox.served("wine")
    let refused = try sandbox.run(train + penalty("30") + ["--set", "steps.bar.gate.require=[log_loss <= 0.001]"])
    #expect(refused.code == 1)
    let promote = try sandbox.run("promote", "wine@2", "--to", "production")
    #expect(promote.code == 1)
    #expect(sandbox.served("wine") == before)
  }

  @Test func lineageLeadsFromTheModelToTheFileAndBack() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.run(train).json()
    let source = Digest(of: [UInt8](try Data(contentsOf: URL(filePath: sandbox.folder + "/datasets/wine/wine.csv"))))
      .hex
    let up = try sandbox.run("lineage", "wine", "--format", "json")
    #expect(up.code == 0, "\(up.diagnostics)")
    #expect(up.output.contains(source))
    let down = try sandbox.run("lineage", source, "--format", "json")
    #expect(down.code == 0, "\(down.diagnostics)")
    #expect(down.output.contains(run.modelDigest ?? "?"))
  }

  @Test func runsAndModelsAreListedShownAndCompared() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.run(train + penalty("0.01"))
    _ = try sandbox.run(train + penalty("0.5"))
    let runs = try sandbox.run("runs", "list", "--format", "json").json()
    let ids = (runs["runs"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
    #expect(ids.count == 2)
    let shown = try sandbox.run("runs", "show", ids[0])
    #expect(shown.code == 0)
    for word in ["coefficient", "accuracy", "train", "test"] {
      #expect(shown.output.contains(word), "no '\(word)' in runs show")
    }
    let difference = try sandbox.run("runs", "diff", ids[1], ids[0])
    #expect(difference.code == 0)
    #expect(difference.output.contains("l2"))
    for arguments in [
      ["models", "list"], ["models", "show", "wine"], ["models", "diff", "wine@1", "wine@2"],
      ["models", "history", "wine"],
    ] {
      let ending = try sandbox.run(arguments)
      #expect(ending.code == 0, "\(arguments): \(ending.diagnostics)")
      let json = try sandbox.run(arguments + ["--format", "json"])
      #expect(throws: Never.self) { try json.json() }
    }
  }

  @Test func gcKeepsWhatWasEverServedAndDryRunRemovesNothing() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.run(train + penalty("0.01"))
    _ = try sandbox.run(train + penalty("0.02"))
    let before = sandbox.objects
    #expect(try sandbox.run("store", "gc", "--dry-run").code == 0)
    #expect(sandbox.objects == before)
    #expect(try sandbox.run("store", "gc").code == 0)
    #expect(try sandbox.run("store", "verify").code == 0)
    #expect(try sandbox.run("rollback", "wine").code == 0)
    #expect(try sandbox.run("models", "verify", "wine").code == 0)
  }
}
