import Basics
import Diagnostics
import Workflow

/// A few kinds with a setting of every shape, and what tests do with them. The real kinds are tried by `StepsTests`.
enum Sample {
  static let parser = WorkflowParser(kinds: sampleKinds) { name in ["DATA": "datasets"][name] }

  static func parse(_ text: String, overrides: [String] = []) -> ParseResult {
    parser.parse(text, file: "test.yaml", overrides: overrides)
  }

  /// The document of a workflow that must be sound.
  static func document(_ text: String, overrides: [String] = []) throws -> WorkflowDocument {
    try parse(text, overrides: overrides).get()
  }

  /// One step of each kind but `command`, nothing wired by hand.
  static let chain = """
    workflow: chain
    description: A chain needs no wiring.
    seed: 7
    steps:
      data: { ingest: { source: a.csv, missing: [NA] } }
      quality:
        validate:
          rows: { min: 300 }
          columns:
            mass: { min: 1000, missing: 5% }
            species: { values: [Adelie, no] }
      parts: { split: 25% }
      model: { train: { objective: linear, penalty: { l2: tune } } }
      scores: { evaluate: }
      bar: { gate: { require: [rmse <= 3, "r2 >= 0.5"] } }
      release: { deploy: { model: penguins } }
    """
}

let sampleKinds = [ingest, validate, split, train, evaluate, gate, deploy, command]

private let anyNumber = Shape.number(-Double.infinity...Double.infinity)

private let ingest = KindGrammar(
  name: "ingest", summary: "read a data file",
  settings: [
    SettingGrammar("source", "the file to read", .path, isRequired: true),
    SettingGrammar("missing", "texts that mean a missing value", .list(.scalar), fallback: [""]),
    SettingGrammar("columns", "types of columns", .map(.choice(["integer", "number", "text", "category"]))),
  ],
  outputs: [.table], bareSetting: "source")

private let validate = KindGrammar(
  name: "validate", summary: "look at a table",
  settings: [
    SettingGrammar("data", "the table to look at", .artifact([.table]), isRequired: true),
    SettingGrammar(
      "rows", "how many rows there must be",
      .record([
        SettingGrammar("min", "at least", .integer(0...Int.max)),
        SettingGrammar("max", "at most", .integer(0...Int.max)),
      ])),
    SettingGrammar(
      "columns", "what columns must be like",
      .map(
        .record([
          SettingGrammar("min", "the least value", anyNumber),
          SettingGrammar("max", "the greatest value", anyNumber),
          SettingGrammar("values", "the allowed values", .list(.scalar)),
          SettingGrammar("unique", "no value twice", .boolean, fallback: false),
          SettingGrammar("missing", "the allowed share of missing values", .share),
        ]))),
  ],
  outputs: [.table], replaces: "data")

private let split = KindGrammar(
  name: "split", summary: "cut the rows of a table into parts",
  settings: [
    SettingGrammar("data", "the table to split", .artifact([.table]), isRequired: true),
    SettingGrammar("test", "the share or number of rows to test on", .shareOrCount, isRequired: true),
    SettingGrammar("validation", "the share or number of rows to choose by", .shareOrCount),
  ],
  outputs: [.split], replaces: "data", bareSetting: "test")

private let train = KindGrammar(
  name: "train", summary: "fit a model",
  settings: [
    SettingGrammar("data", "the rows to learn from", .artifact([.split, .table]), isRequired: true),
    SettingGrammar("objective", "what is minimised", .choice(["linear", "logistic"]), isRequired: true),
    SettingGrammar(
      "features", "how columns become numbers",
      .record([
        SettingGrammar("scale", "how numbers are scaled", .choice(["standard", "none"]), fallback: "standard"),
        SettingGrammar(
          "categories", "what happens to categories",
          .record([SettingGrammar("rare", "the share below which values are one", .share, fallback: 0.01)]),
          fallback: [:]),
      ]), fallback: [:]),
    SettingGrammar(
      "penalty", "how coefficients are held small",
      .anyOf([
        .choice(["none"]),
        .record([
          SettingGrammar(
            "l2", "its strength", .anyOf([.number(0...Double.infinity), .choice(["tune"])]), isRequired: true)
        ]),
      ]),
      fallback: "none"),
    SettingGrammar("intercept", "whether there is an intercept", .boolean, fallback: true),
    SettingGrammar("tolerance", "when to stop", .number(.leastNonzeroMagnitude...Double.infinity), fallback: 1e-8),
  ],
  outputs: [.model])

private let evaluate = KindGrammar(
  name: "evaluate", summary: "measure a model",
  settings: [
    SettingGrammar("model", "the model to measure", .artifact([.model]), isRequired: true),
    SettingGrammar(
      "data", "the rows to measure on", .artifact([.split, .table]), isRequired: true,
      fallbackFrom: .init(setting: "model", theirSetting: "data")),
  ],
  outputs: [.scores])

private let gate = KindGrammar(
  name: "gate", summary: "hold scores against conditions",
  settings: [
    SettingGrammar("scores", "the scores to judge", .artifact([.scores]), isRequired: true),
    SettingGrammar(
      "require", "conditions that must hold", .list(.checked(name: "gate condition", check: checkCondition)),
      isRequired: true),
  ],
  outputs: [.verdict])

private let deploy = KindGrammar(
  name: "deploy", summary: "serve a model",
  settings: [
    SettingGrammar("candidate", "the model to deploy", .artifact([.model]), isRequired: true),
    SettingGrammar("model", "the name to serve it under", .text, isRequired: true),
  ],
  outputs: [.deployment],
  waitsFor: { step, document in
    guard let model = step.input("candidate")?.step else { return [] }
    let before = document.lineage(of: model)
    return document.steps.filter { other in
      (other.kind == "gate" && document.lineage(of: other.name).contains(model))
        || (other.kind == "validate" && before.contains(other.name))
    }.map(\.name)
  })

private let command = KindGrammar(
  name: "command", summary: "run any command",
  settings: [
    SettingGrammar(
      "command", "the words of the command, or a line", .anyOf([.list(.scalar), .text]), isRequired: true),
    SettingGrammar(
      "inputs", "what it may read: steps and paths by name", .map(.anyOf([.artifact(ArtifactType.allCases), .path]))),
    SettingGrammar("outputs", "files it makes, by name", .map(.path)),
    SettingGrammar("env", "environment variables", .map(.secret)),
  ],
  outputs: nil, bareSetting: "command")

/// Conditions hold a comparison; `=>` is none.
@Sendable private func checkCondition(_ text: String) -> [TextProblem] {
  let words = text.split(separator: " ", omittingEmptySubsequences: false)
  guard let position = words.firstIndex(of: "=>") else { return [] }
  let offset = words[..<position].reduce(0) { $0 + $1.utf8.count + 1 }
  return [TextProblem(offset: offset, length: 2, code: "bad-condition", message: "'=>' is no comparison")]
}
