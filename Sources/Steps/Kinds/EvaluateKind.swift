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
  package let implementation = 1

  package var grammar: KindGrammar {
    KindGrammar(
      name: "evaluate", summary: "Compute the metrics of a model on every part of its data.",
      settings: [
        SettingGrammar("model", "The model.", .artifact([.model])),
        SettingGrammar(
          "data", "What it is evaluated on; left out, the data it was trained on.", .artifact([.split, .table]),
          fallbackFrom: .init(setting: "model", theirSetting: "data")),
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
    guard let modelInput = action.inputs.first(where: { $0.role == "model" }),
      let dataInput = action.inputs.first(where: { $0.role == "data" })
    else { return StepOutcome(outputs: []) }
    let model = try context.store.openModel(modelInput.digest)
    let data = try PartitionedTable(dataInput, in: context.store)
    let target = TargetRole(json: action.settings["target"] ?? [:])
    let scorer = RowScoring(model: model, target: target)
    var outcome = StepOutcome(outputs: [])
    var confusion: [String: JSON] = [:]
    var rowCounts: [String: Int] = [:]
    var undefined: [String: JSON] = [:]
    var slices: [String: JSON] = [:]
    for (index, part) in data.parts.enumerated() {
      try context.cancellation.check()
      context.progress(Double(index) / Double(data.parts.count))
      let (scored, rows) = try scorer.score(data.table, rows: data.rows(of: part), cancellation: context.cancellation)
      let metrics = allMetrics(of: scored)
      outcome.metrics[part] = metrics.values
      if !metrics.undefined.isEmpty { undefined[part] = .object(metrics.undefined.mapValues(JSON.string)) }
      rowCounts[part] = rows.count
      if let matrix = confusionMatrix(of: scored) { confusion[part] = matrix }
      if part == data.judgedPart {
        for name in (action.settings["slices"]?.arrayValue ?? []).compactMap(\.stringValue) {
          slices[name] = try sliceMetrics(name, scored, rows, data.table)
        }
      }
    }
    let scores: JSON = [
      "format": "mlflowctl-scores/v1", "model": JSON(modelInput.digest), "table": JSON(data.tableDigest),
      "data": ["type": .string(dataInput.type), "digest": JSON(dataInput.digest)], "target": target.json,
      "judged": .string(data.judgedPart), "rows": .object(rowCounts.mapValues { JSON($0) }),
      "metrics": .object(outcome.metrics.mapValues { .object($0.mapValues(JSON.number)) }),
      "undefined": .object(undefined), "confusion": .object(confusion), "slices": .object(slices),
      "classes": JSON(model.classes),
    ]
    let bytes = scores.canonicalBytes
    outcome.outputs = [
      ActionResult.Output(name: "scores", type: "scores", digest: try context.store.put(bytes), size: bytes.count)
    ]
    outcome.report = [
      "judged": .string(data.judgedPart), "confusion": .object(confusion), "slices": .object(slices),
      "rows": .object(rowCounts.mapValues { JSON($0) }), "undefined": .object(undefined),
      "classes": JSON(model.classes),
    ]
    outcome.summary = headline(outcome.metrics[data.judgedPart] ?? [:], of: model)
    return outcome
  }

  private func sliceMetrics(_ name: String, _ scored: ScoredRows, _ rows: [Int], _ table: Table) throws -> JSON {
    guard let column = table.column(named: name) else {
      throw SettingProblem(["slices"], unknownColumn(name, in: table, role: "the slice"))
    }
    var masks: [String: [Bool]] = [:]
    for (position, row) in rows.enumerated() {
      let value = column.text(row) ?? ""
      masks[value, fallback: [Bool](repeating: false, count: rows.count)][position] = true
      if masks.count > 200 {
        throw SettingProblem(
          ["slices"],
          .error(
            "too-many-slices", "column '\(name)' has more than 200 different values, which are too many slices",
            help: ["slice by a column with fewer values"]))
      }
    }
    return .object(
      masks.mapValues { mask in
        let part = scored.masked(mask)
        return [
          "rows": JSON(part.count), "metrics": .object(allMetrics(of: part).values.mapValues(JSON.number)),
        ]
      })
  }

  private func headline(_ metrics: [String: Double], of model: Model) -> String {
    let names = model.classes.isEmpty ? ["rmse", "r2"] : model.classes.count == 2 ? ["auc", "log_loss", "accuracy"] : ["accuracy", "log_loss"]
    return names.compactMap { name in metrics[name].map { "\(name) \(shortNumber($0))" } }.joined(separator: ", ")
  }
}
