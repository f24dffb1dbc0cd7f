import ArgumentParser
import Basics
import Diagnostics
import Inference
import ModelRegistry
import ObjectStore
import Steps
import Tabular

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "List, show, compare and verify models and what is served.",
    subcommands: [
      ModelsListCommand.self, ModelsShowCommand.self, ModelsDiffCommand.self, ModelsHistoryCommand.self,
      ModelsVerifyCommand.self,
    ], defaultSubcommand: ModelsListCommand.self)
}

struct ModelsListCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List models, their versions and channels.")

  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let (registry, _) = try shared.registry()
    var table = TextTable(
      ("model", .left), ("version", .right), ("digest", .left), ("verdict", .left), ("created", .left),
      ("channels", .left))
    var documents: [JSON] = []
    for name in try registry.models() {
      let channels = try registry.serving(name).channels()
      for version in try registry.versions(of: name) {
        let serving = channels.filter { $0.value == version.digest }.keys.sorted()
        documents.append(version.json(channels: serving))
        table.rows.append([
          name, String(version.number), version.digest.short, version.verdict ?? "–", version.created.text,
          serving.joined(separator: ", "),
        ])
      }
    }
    if shared.format == .json {
      console.answer(["models": .array(documents)])
    } else {
      console.answer(documents.isEmpty ? "no models yet" : table.text)
    }
    return nil
  }
}

struct ModelsShowCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one version: verdict, gate, metrics, coefficients.")

  @Argument(help: "MODEL, MODEL@VERSION, MODEL@CHANNEL or MODEL@DIGEST.") var model: String
  @Flag(help: "Only the coefficients, as CSV or, with --format json, as JSON.") var coefficients = false
  @Flag(help: "Only coefficients and statistics of the fit, as tables or, with --format json, as JSON.")
  var statistics =
    false
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let (registry, store) = try shared.registry()
    let version = try registry.resolve(model)
    let content = try store.openModel(version.digest, cancellation: .process)
    let table = coefficients ? content.coefficientsJSON : content.reportedCoefficientsJSON
    if coefficients {
      if shared.format == .json { console.answer(table) } else { console.answer(coefficientCSV(table)) }
      return nil
    }
    let facts = content.statisticsJSON
    if statistics {
      if shared.format == .json {
        console.answer(["coefficients": table, "statistics": facts ?? .null])
      } else {
        console.answer(
          ([coefficientTable(table, facts)] + [facts.map(statisticsText)].compactMap(\.self)).joined(separator: "\n\n"))
      }
      return nil
    }
    let channels = try registry.serving(version.model).channels().filter { $0.value == version.digest }.keys.sorted()
    let verdict = try version.report.map { try store.readJSON($0) }
    if shared.format == .json {
      var value = version.json(channels: channels)
      value["facts"] = content.facts
      value["gate"] = verdict ?? .null
      value["coefficients"] = table
      value["statistics"] = facts ?? .null
      console.answer(value)
      return nil
    }
    var lines = [
      "\(version.model) version \(version.number)", "digest \(version.digest.hex)", "created \(version.created.text)",
      "workflow \(version.workflow ?? "–"), run \(version.run.map { String($0.prefix(12)) } ?? "–")",
      "verdict \(version.verdict ?? "no gate")",
      "channels \(channels.isEmpty ? "none" : channels.joined(separator: ", "))",
    ]
    // The condition number is among the statistics.
    let told = (content.facts.objectValue ?? [:]).filter { $0.key != "condition" }
    lines += told.sorted { $0.key < $1.key }.map { key, value in
      "\(key) \(value.doubleValue.map(shortNumber) ?? value.stringValue ?? value.canonical)"
    }
    var blocks = [lines.joined(separator: "\n")]
    if let conditions = verdict?["conditions"]?.arrayValue {
      blocks.append(RunSummary.conditions(conditions, title: "gate", colour: console.hasColour.output))
    }
    blocks.append(coefficientTable(table, facts))
    if let facts { blocks.append(statisticsText(facts)) }
    console.answer(blocks.joined(separator: "\n\n"))
    return nil
  }
}

struct ModelsDiffCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compare two versions: facts, encoder, coefficients.")

  @Argument(help: "One version, such as penguins@1.") var first: String
  @Argument(help: "The other one.") var second: String
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let (registry, store) = try shared.registry()
    func comparable(_ version: ModelVersion) throws -> JSON {
      let model = try store.openModel(version.digest, cancellation: .process)
      let coefficients = (model.coefficientsJSON.arrayValue ?? []).compactMap { entry -> (String, JSON)? in
        guard let name = entry["name"]?.stringValue else { return nil }
        let label = entry["class"]?.stringValue.map { "\(name) (\($0))" } ?? name
        return (label, entry["standardised"] ?? .null)
      }
      return [
        "facts": model.facts, "verdict": version.verdict.map { .string($0) } ?? .null,
        "classes": JSON(model.target.classes),
        "coefficients": .object(Dictionary(coefficients, uniquingKeysWith: { $1 })),
      ]
    }
    let versions = (try registry.resolve(first), try registry.resolve(second))
    let changes = differences(from: try comparable(versions.0), to: try comparable(versions.1))
    if shared.format == .json {
      console.answer([
        "changes": .array(changes.map { ["path": .string($0.path), "from": $0.old ?? .null, "to": $0.new ?? .null] })
      ])
    } else {
      console.answer(changeTable(changes, titles: (first, second)))
    }
    return nil
  }
}

struct ModelsHistoryCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show who moved which channel, from what, to what, on which verdict.")

  @Argument(help: "The model.") var model: String
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let (registry, _) = try shared.registry()
    _ = try registry.latest(model)
    let entries = try registry.history(model).entries
    if shared.format == .json {
      console.answer(["history": .array(entries.map(\.json))])
      return nil
    }
    var table = TextTable(
      ("time", .left), ("event", .left), ("channel", .left), ("from", .left), ("to", .left), ("verdict", .left),
      ("by", .left))
    table.rows = entries.map { entry in
      [
        entry.time.text, entry.event.rawValue, entry.channel ?? "", entry.from?.short ?? "–", entry.to?.short ?? "–",
        entry.verdict ?? "–", entry.actor,
      ]
    }
    console.answer(entries.isEmpty ? "nothing was released yet" : table.text)
    return nil
  }
}

struct ModelsVerifyCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check the served files against their digests and the history against its chain.")

  @Argument(help: "The model; all when left out.") var model: String?
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let (registry, _) = try shared.registry()
    var problems: [Diagnostic] = []
    let names = try model.map { [$0] } ?? registry.models()
    for name in names { problems += try registry.problems(of: name, cancellation: .process) }
    if !problems.isEmpty {
      console.report(problems, failure: .answerIsNo)
      return .answerIsNo
    }
    if shared.format == .json {
      console.answer(["models": JSON(names), "problems": []])
    } else {
      console.answer("\(names.joined(separator: ", ")): files and history are sound")
    }
    return nil
  }
}

extension ModelVersion {
  func json(channels: [String]) -> JSON {
    [
      "model": .string(model), "version": JSON(number), "digest": JSON(digest),
      "verdict": verdict.map { .string($0) } ?? .null,
      "run": run.map { .string($0) } ?? .null, "workflow": workflow.map { .string($0) } ?? .null,
      "created": .string(created.text), "channels": JSON(channels),
    ]
  }
}
