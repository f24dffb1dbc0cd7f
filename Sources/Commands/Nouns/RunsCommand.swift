import ArgumentParser
import Basics
import Diagnostics
import ObjectStore
import Steps

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "List, show and compare runs.",
    subcommands: [RunsListCommand.self, RunsShowCommand.self, RunsDiffCommand.self],
    defaultSubcommand: RunsListCommand.self)
}

struct RunsListCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List runs, latest first.")

  @Option(help: ArgumentHelp("Only runs of this workflow.", valueName: "name")) var workflow: String?
  @Option(help: "At most so many.") var limit = 20
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let runs = try shared.store().runs(workflow: workflow, limit: limit)
    if shared.format == .json {
      console.answer(["runs": .array(runs.map(\.summaryJSON))])
      return nil
    }
    var table = TextTable(("run", .left), ("workflow", .left), ("started", .left), ("status", .left), ("model", .left))
    table.rows = runs.map { run in
      let model = run.end?.model
      let name = model?["name"]?.stringValue.map { "\($0)@\(model?["version"]?.intValue ?? 0)" } ?? ""
      return [String(run.id.prefix(12)), run.start.workflow, run.start.started.text, run.status.rawValue, name]
    }
    console.answer(runs.isEmpty ? "no runs yet" : table.text)
    return nil
  }
}

struct RunsShowCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a run: steps, metrics, coefficients, conditions, logs.")

  @Argument(help: "The run's id, or the beginning of it; the latest run when left out.") var run: String?
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let store = try shared.store()
    let run = try chosenRun(self.run, in: store)
    let details = try RunDetails(run, in: store)
    if shared.format == .json {
      console.answer(details.json)
    } else {
      console.answer(details.text(colour: console.hasColour.output))
    }
    return nil
  }
}

struct RunsDiffCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compare two runs: settings, inputs, metrics.")

  @Argument(help: "The earlier run.") var first: String
  @Argument(help: "The later run; the latest when left out.") var second: String?
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let store = try shared.store()
    let before = try RunDetails(chosenRun(first, in: store), in: store)
    let after = try RunDetails(chosenRun(second, in: store), in: store)
    let changes = differences(from: before.comparable, to: after.comparable)
    if shared.format == .json {
      console.answer([
        "first": .string(before.run.id), "second": .string(after.run.id),
        "changes": .array(
          changes.map { ["path": .string($0.path), "from": $0.old ?? .null, "to": $0.new ?? .null] }),
      ])
    } else {
      console.answer(changeTable(changes, titles: (String(before.run.id.prefix(12)), String(after.run.id.prefix(12)))))
    }
    return nil
  }
}

private func chosenRun(_ prefix: String?, in store: Store) throws -> Run {
  if let prefix { return try store.run(prefix) }
  guard let latest = try store.runs(limit: 1).first else {
    throw Problems(
      .error("no-runs", "there are no runs yet", help: ["'mlflowctl train WORKFLOW' makes one"]), failure: .usage)
  }
  return latest
}

extension Run {
  var summaryJSON: JSON {
    [
      "id": .string(id), "workflow": .string(start.workflow), "file": .string(start.file),
      "started": .string(start.started.text), "finished": end.map { .string($0.finished.text) } ?? .null,
      "status": .string(status.rawValue), "verdict": end?.verdict.map { .string($0) } ?? .null,
      "model": end?.model ?? .null, "deployed": end?.deployed ?? .null,
    ]
  }
}
