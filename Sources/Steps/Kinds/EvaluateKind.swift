import Basics
import Diagnostics
import Evaluation
package import Execution
import Inference
import ObjectStore
import Tabular
package import Workflow

/// `evaluate`: a model and data → metrics by part, on the whole and on slices.
package struct EvaluateKind: StepKind {
  package init() {}
  package let implementation = 2

  package var grammar: KindGrammar {
    KindGrammar(
      name: "evaluate", summary: "Compute the metrics of a model on every part of its data.",
      settings: [
        SettingGrammar("model", "The model.", .artifact([.model]), isRequired: true),
        SettingGrammar(
          "data", "What it is evaluated on; left out, the data it was trained on.", .artifact([.split, .table]),
          isRequired: true, fallbackFrom: .init(setting: "model", theirSetting: "data")),
        SettingGrammar(
          "weight", "The column that says how much a row counts; left out, that of the model.", .text),
        SettingGrammar("slices", "Columns by whose values metrics are told apart.", .list(.text), fallback: []),
      ],
      outputs: [.scores])
  }

  package func action(
    for step: StepSpec, inputs: [Action.Input], in context: PlanContext
  ) throws -> Action {
    var settings = step.settings
    settings["target"] = try TargetRole(for: step, in: context.document).json
    return Action(kind: "evaluate", implementation: implementation, settings: settings, inputs: inputs)
  }

  package func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let modelInput = try action.requiredInput("model")
    let dataInput = try action.requiredInput("data")
    let model = try context.store.openModel(modelInput.digest, cancellation: context.cancellation)
    let data = try PartitionedTable(dataInput, in: context.store, cancellation: context.cancellation)
    let target = TargetRole(json: action.settings["target"] ?? [:])
    let weight = action.settings["weight"]?.stringValue ?? model.weightColumn
    let scorer = RowScoring(model: model, role: target, weight: weight, threads: context.threads)
    var outcome = StepOutcome(outputs: [])
    var parts: [String: JSON] = [:]
    var slices: [String: JSON] = [:]
    let scored = try data.parts.enumerated().map { index, part in
      context.progress(0.7 * Double(index) / Double(data.parts.count))
      return try scorer.score(data.table, rows: data.rows(of: part), cancellation: context.cancellation)
    }
    context.progress(0.7)
    let reports = MetricReport.all(of: scored.map(\.scored), threads: context.threads)
    for (index, part) in data.parts.enumerated() {
      try context.cancellation.check()
      let (report, scored, rows) = (reports[index], scored[index].scored, scored[index].rows)
      outcome.metrics[part] = report.values
      parts[part] = report.json
      if part != data.trainingPart { outcome.warnings += strangers(model, scored, data.table, rows, part) }
      if part == data.judgedPart {
        for name in (action.settings["slices"]?.arrayValue ?? []).compactMap(\.stringValue) {
          slices[name] = try sliceMetrics(name, scored, rows, data.table)
        }
      }
    }
    var report: JSON = ["judged": .string(data.judgedPart), "parts": .object(parts), "slices": .object(slices)]
    report["weight"] = weight.map { .string($0) }
    var scores = report
    scores["format"] = "mlflowctl-scores/v1"
    scores["model"] = JSON(modelInput.digest)
    scores["table"] = JSON(data.tableDigest)
    scores["data"] = ["type": .string(dataInput.type), "digest": JSON(dataInput.digest)]
    scores["target"] = target.json
    let bytes = scores.canonicalBytes
    let digest = try context.store.put(bytes)
    outcome.outputs = [ActionResult.Output(name: "scores", type: "scores", digest: digest, size: bytes.count)]
    // A gate judges the same rows.
    if let index = data.parts.firstIndex(of: data.judgedPart), scored[index].size <= context.memory / 8 {
      context.carried.keep(scored[index], beside: digest)
    }
    outcome.report = report
    outcome.summary = headline(outcome.metrics[data.judgedPart] ?? [:], of: model)
    return outcome
  }

  /// What of a part the model has not seen in training: classes, and levels of categories.
  private func strangers(
    _ model: Model, _ scored: ScoredRows, _ table: Table, _ rows: [Int], _ part: String
  ) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    let classes = scored.targetClasses.count { $0 < 0 }
    if classes > 0 {
      warnings.append(
        .warning(
          "unseen-class",
          "\(classes) of \(rows.count) rows of the part '\(part)' are of a class that the training rows do not have",
          help: ["stratify the split by '\(model.target.name)', or use more data: these rows count as mistakes"]))
    }
    for unseen in model.encoder.unseenLevels(in: table, rows: .rows(rows)) {
      warnings += unseen.warnings(total: rows.count, part: part)
    }
    return warnings
  }

  private func sliceMetrics(_ name: String, _ scored: ScoredRows, _ rows: [Int], _ table: Table) throws -> JSON {
    guard let column = table.column(named: name) else {
      throw SettingProblem(["slices"], unknownColumn(name, in: table, role: "the slice"))
    }
    if let refusal = refusalOfSparse(column, name) { throw SettingProblem(["slices"], refusal) }
    var masks: [String: [Bool]] = [:]
    for (position, row) in rows.enumerated() {
      let value = column.text(row) ?? ""
      masks[value, default: [Bool](repeating: false, count: rows.count)][position] = true
      if masks.count > 200 {
        throw SettingProblem(
          ["slices"],
          .error(
            "too-many-slices", "column '\(name)' has more than 200 different values, which are too many slices",
            help: ["slice by a column with fewer values"]))
      }
    }
    return .object(masks.mapValues { MetricReport(scored.selecting($0)).json })
  }

  private func headline(_ metrics: [String: Double], of model: Model) -> String {
    let names =
      switch model.objective {
      case .linear: ["rmse", "r2"]
      case .logistic: ["auc", "log_loss", "accuracy"]
      case .multinomial: ["accuracy", "log_loss"]
      case .poisson: ["poisson_deviance", "d2", "rmse"]
      }
    return names.compactMap { name in metrics[name].map { "\(name) \(shortNumber($0))" } }.joined(separator: ", ")
  }
}

extension MetricReport {
  /// The metrics that have a value, by key.
  fileprivate var values: [String: Double] {
    Dictionary(entries.compactMap { entry in entry.value.number.map { (entry.key, $0) } }, uniquingKeysWith: { $1 })
  }
}
