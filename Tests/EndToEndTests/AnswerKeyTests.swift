import Basics
import Foundation
import Testing

/// The keys of every command's JSON document against the table in `docs/cli.md`.
@Suite struct AnswerKeyTests {
  /// A call of each command in the table, run in this order in one workspace. `RUN` is the first run, `DIGEST` the first model.
  private static let calls = [
    "init": "init datasets/wine/wine.csv --name mine", "check": "check workflows/wine.yaml",
    "plan": "plan workflows/wine.yaml", "train": "train workflows/wine.yaml",
    "promote": "promote wine --to staging --first", "runs list": "runs list", "runs show": "runs show RUN",
    "runs diff": "runs diff RUN", "models list": "models list", "models show": "models show wine",
    "models diff": "models diff wine@1 wine@production", "models history": "models history wine",
    "models verify": "models verify", "lineage": "lineage wine", "store verify": "store verify",
    "store gc": "store gc --dry-run", "store show": "store show DIGEST", "store reindex": "store reindex",
    "graph": "graph workflows/wine.yaml", "doctor": "doctor", "rollback": "rollback wine",
  ]

  /// The rows `| `command` | `key` `key` … | … |` of the page.
  private func table() throws -> [(command: String, keys: Set<String>)] {
    let page = try String(contentsOfFile: Tool.root + "/docs/cli.md", encoding: .utf8)
    let section = page.components(separatedBy: "\n## JSON\n").last ?? ""
    return section.components(separatedBy: "\n").compactMap { line in
      let cells = line.components(separatedBy: " | ")
      guard cells.count == 3, let command = words(in: cells[0]).first, Self.calls[command] != nil else { return nil }
      return (command, Set(words(in: cells[1])))
    }
  }

  private func words(in text: String) -> [String] {
    text.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
  }

  @Test func everyCommandAnswersWithTheKeysOfThePage() throws {
    let table = try table()
    #expect(Set(table.map(\.command)) == Set(Self.calls.keys))
    let sandbox = try Sandbox()
    // Two versions, so that there is one to go back to; the first run's id and model for those that want one.
    let first = try sandbox.run("train", "workflows/wine.yaml", "--format", "json").json()
    let other = ["train", "workflows/wine.yaml", "--set", "steps.model.train.penalty.l2=0.01"]
    #expect(try sandbox.run(other).code == 0)
    let run = try #require(first["run"]?.stringValue)
    let digest = try #require(first.modelDigest)
    for (command, keys) in table {
      let call = Self.calls[command]?.replacing("RUN", with: run).replacing("DIGEST", with: digest) ?? command
      let ending = try sandbox.run(call.components(separatedBy: " ") + ["--format", "json"])
      let answer = try ending.json().objectValue ?? [:]
      // A tree has its files beside what every object has.
      let found = Set(answer.keys).subtracting(command == "store show" ? ["files", "record"] : [])
      #expect(found == keys, "'\(call)' (exit \(ending.code))")
    }
  }

  @Test func aFailureHasItsKeysAndItsName() throws {
    let page = try String(contentsOfFile: Tool.root + "/docs/cli.md", encoding: .utf8)
    let sandbox = try Sandbox()
    for (arguments, code, name) in [
      (["check", "nowhere.yaml"], 65, "badInput"), (["train"], 64, "usage"),
      (["rollback", "nothing"], 64, "usage"),
      (["store", "show", "zz"], 64, "usage"),
    ] {
      let ending = try sandbox.run(arguments + ["--format", "json"])
      let answer = try ending.json()
      #expect(ending.code == code)
      #expect(Set((answer.objectValue ?? [:]).keys) == ["diagnostics", "exit", "failure"])
      #expect(answer["exit"]?.intValue == code)
      #expect(answer["failure"]?.stringValue == name)
      #expect(page.contains("| \(code) | `\(name)` |"))
    }
  }
}
