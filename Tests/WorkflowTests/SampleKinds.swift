import Basics
import Diagnostics
import Workflow

/// Step kinds as close to the real ones as the framework needs to be tried on.
let sampleKinds = [ingest, validate, split, train, evaluate, gate, deploy, command]

private let columnTypes = Shape.choice(["integer", "number", "boolean", "date", "category", "text"])
private let anyNumber = Shape.number(-Double.infinity...Double.infinity)
private let strength = Shape.anyOf([.number(0...Double.infinity), .choice(["tune"])])

private let ingest = KindGrammar(
  name: "ingest", summary: "read a data file into a typed table",
  settings: [
    SettingGrammar("source", "the CSV file to read", .path, isRequired: true),
    SettingGrammar("target", "the column to predict", .text),
    SettingGrammar("missing", "texts that mean a missing value", .list(.scalar), fallback: [""]),
    SettingGrammar("columns", "types of columns that should not be inferred", .map(columnTypes)),
    SettingGrammar(
      "sha256", "the digest that the file must have", .checked(name: "SHA-256 digest", check: checkDigest)),
    SettingGrammar("delimiter", "what separates fields", .text, fallback: ","),
    SettingGrammar("drop_missing_target", "leave out rows without a target", .boolean, fallback: false),
  ],
  outputs: [.table], bareSetting: "source",
  check: { step, _ in
    guard let source = step.settings["source"]?.stringValue, source.hasPrefix("missing/") else { return [] }
    return [
      missingFileDiagnostic(written: source, resolved: "/workspace/\(source)", place: step.place(of: "source"))
    ]
  })

private let validate = KindGrammar(
  name: "validate", summary: "hold a table against expectations",
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
          SettingGrammar("type", "the type of the column", columnTypes),
          SettingGrammar("min", "the least value", anyNumber),
          SettingGrammar("max", "the greatest value", anyNumber),
          SettingGrammar("values", "the allowed values", .list(.scalar)),
          SettingGrammar("unique", "no value twice", .boolean, fallback: false),
          SettingGrammar("missing", "the allowed share of missing values", .share),
        ]))),
    SettingGrammar("on_findings", "what findings do to the run", .choice(["fail", "warn"]), fallback: "fail"),
  ],
  outputs: [.table], replaces: "data")

private let split = KindGrammar(
  name: "split", summary: "cut the rows of a table into parts",
  settings: [
    SettingGrammar("data", "the table to split", .artifact([.table]), isRequired: true),
    SettingGrammar("test", "the share or number of rows to test on", .shareOrCount, isRequired: true),
    SettingGrammar("validation", "the share or number of rows to choose by", .shareOrCount),
    SettingGrammar("stratify", "keep the shares of this column's values", .text),
    SettingGrammar("group", "keep rows with one value of this column together", .text),
    SettingGrammar("time", "test on the latest rows by this column", .text),
    SettingGrammar("seed", "a seed of its own", .integer(0...Int.max)),
  ],
  outputs: [.split], replaces: "data", bareSetting: "test")

private let train = KindGrammar(
  name: "train", summary: "fit a model",
  settings: [
    SettingGrammar("data", "the rows to learn from", .artifact([.split, .table]), isRequired: true),
    SettingGrammar(
      "objective", "what is minimised", .choice(["linear", "logistic", "multinomial"]), isRequired: true),
    SettingGrammar("target", "the column to predict", .text),
    SettingGrammar(
      "features", "how columns become numbers",
      .record([
        SettingGrammar("drop", "columns to leave out", .list(.text)),
        SettingGrammar(
          "numeric", "what happens to numbers",
          .record([
            SettingGrammar("impute", "what fills gaps", .choice(["mean", "median", "none"]), fallback: "median"),
            SettingGrammar("scale", "how numbers are scaled", .choice(["standard", "none"]), fallback: "standard"),
          ]), fallback: [:]),
        SettingGrammar(
          "categorical", "what happens to categories",
          .record([
            SettingGrammar("encode", "how they are encoded", .choice(["one-hot", "drop"]), fallback: "one-hot"),
            SettingGrammar("rare", "below this share values are lumped together", .share, fallback: 0.01),
          ]), fallback: [:]),
      ]), fallback: [:]),
    SettingGrammar(
      "penalty", "how coefficients are held small",
      .anyOf([.choice(["none"]), .record([SettingGrammar("l2", "its strength", strength, isRequired: true)])]),
      fallback: "none"),
    SettingGrammar(
      "tune", "how strengths are chosen",
      .record([
        SettingGrammar("folds", "the number of folds", .integer(2...100), fallback: 5),
        SettingGrammar("metric", "what is compared", .choice(["log_loss", "rmse", "accuracy"])),
      ])),
    SettingGrammar("intercept", "whether there is an intercept", .boolean, fallback: true),
    SettingGrammar("max_iterations", "when to give up", .integer(1...1_000_000), fallback: 1000),
    SettingGrammar("tolerance", "when to stop", .number(.leastNonzeroMagnitude...Double.infinity), fallback: 1e-8),
  ],
  outputs: [.model])

private let evaluate = KindGrammar(
  name: "evaluate", summary: "measure a model on rows it has not seen",
  settings: [
    SettingGrammar("model", "the model to measure", .artifact([.model]), isRequired: true),
    SettingGrammar(
      "data", "the rows to measure on", .artifact([.split, .table]), isRequired: true,
      fallbackFrom: .init(setting: "model", theirSetting: "data")),
    SettingGrammar("slices", "columns to measure by", .list(.text)),
  ],
  outputs: [.scores])

private let gate = KindGrammar(
  name: "gate", summary: "hold scores against conditions",
  settings: [
    SettingGrammar("scores", "the scores to judge", .artifact([.scores]), isRequired: true),
    SettingGrammar(
      "require", "conditions that must hold", .list(.checked(name: "gate condition", check: checkCondition)),
      isRequired: true),
    SettingGrammar("against", "the champion, as model@channel", .text),
  ],
  outputs: [.verdict],
  check: { step, document in
    // A metric must exist for the objective of the model that was scored.
    guard let scores = step.input("scores").flatMap({ document.step(named: $0.step) }),
      let model = scores.input("model").flatMap({ document.step(named: $0.step) }),
      let objective = model.settings["objective"]?.stringValue
    else { return [] }
    let known = objective == "linear" ? ["rmse", "mae", "r2"] : ["accuracy", "log_loss", "recall", "auc"]
    return (step.settings["require"]?.arrayValue ?? []).enumerated().compactMap { index, condition in
      let metric = String((condition.stringValue ?? "").prefix { $0 != " " && $0 != "(" })
      if known.contains(metric) { return nil }
      return .error(
        "unknown-metric", "metric '\(metric)' does not exist for a \(objective) model",
        at: step.place(of: "require", "[\(index)]", within: 0..<metric.utf8.count),
        help: nearestName(to: metric, among: known).map { ["did you mean '\($0)'?"] } ?? [])
    }
  })

private let deploy = KindGrammar(
  name: "deploy", summary: "register a model and serve it",
  settings: [
    SettingGrammar("candidate", "the model to deploy", .artifact([.model]), isRequired: true),
    SettingGrammar("model", "the name to serve it under", .text, isRequired: true),
    SettingGrammar("channel", "the channel to move", .text, fallback: "production"),
  ],
  outputs: [.deployment],
  check: { step, document in
    let earlier = document.steps.prefix { $0.name != step.name }.first {
      $0.kind == "deploy" && $0.settings["model"] == step.settings["model"]
        && $0.settings["channel"] == step.settings["channel"]
    }
    guard let earlier else { return [] }
    return [
      .error(
        "same-channel", "steps '\(earlier.name)' and '\(step.name)' deploy to the same channel",
        at: step.keyPlace(of: "model"), notes: [.init("the first is here", at: earlier.place)])
    ]
  },
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
      "command", "the words of the command, or a shell line", .anyOf([.list(.scalar), .text]), isRequired: true),
    SettingGrammar(
      "inputs", "what it may read: steps and paths by name", .map(.anyOf([.artifact(ArtifactType.allCases), .path]))),
    SettingGrammar("outputs", "files it makes, by name", .map(.path)),
    SettingGrammar("env", "environment variables", .map(.secret)),
  ],
  outputs: nil, bareSetting: "command")

@Sendable private func checkDigest(_ text: String) -> [TextProblem] {
  Digest(hex: text) != nil
    ? []
    : [
      TextProblem(offset: 0, length: text.utf8.count, code: "bad-digest", message: "a SHA-256 digest has 64 hex digits")
    ]
}

/// Just enough of the condition language: `metric op …`.
@Sendable private func checkCondition(_ text: String) -> [TextProblem] {
  let words = text.split(separator: " ", omittingEmptySubsequences: false)
  let operators = [">=", "<=", ">", "<"]
  if words.contains(where: { operators.contains(String($0)) }) { return [] }
  if let position = words.firstIndex(of: "=>") {
    let offset = words[..<position].reduce(0) { $0 + $1.utf8.count + 1 }
    return [
      TextProblem(
        offset: offset, length: 2, code: "bad-condition", message: "'=>' is no comparison", help: ["did you mean '>='?"]
      )
    ]
  }
  return [
    TextProblem(
      offset: 0, length: text.utf8.count, code: "bad-condition", message: "the condition compares nothing",
      help: ["write it as 'metric >= number'"])
  ]
}
