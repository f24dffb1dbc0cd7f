import Basics
import DataValidation
import Diagnostics
package import Execution
import Inference
import Learning
import LinearAlgebra
import ObjectStore
import Tabular
package import Workflow

/// `train`: the training part of a table → a model.
package struct TrainKind: StepKind {
  package init() {}
  package let implementation = 1

  package var grammar: KindGrammar {
    KindGrammar(
      name: "train", summary: "Fit a linear or logistic model with its encoder.",
      settings: [
        SettingGrammar(
          "data", "A split, whose training part is used, or a whole table.", .artifact([.split, .table]),
          isRequired: true),
        SettingGrammar("target", "The column to tell; left out, that of the ingest step.", .text),
        SettingGrammar(
          "objective", "What is minimised: squared error, binary or multinomial log loss.",
          .choice(ModelObjective.allCases.map(\.rawValue)), isRequired: true),
        SettingGrammar("positive", "The class that probabilities and recall are of, in a binary model.", .scalar),
        SettingGrammar(
          "features", "Which columns are used and how they are encoded.", .record(FeatureGrammar.settings),
          fallback: [:]),
        SettingGrammar(
          "penalty", "How large coefficients are held down.",
          .anyOf([
            .choice(["none"]),
            .record([
              SettingGrammar(
                "l2", "The penalty l2/2·‖w‖² on standardised columns: a number, or `tune`.",
                .anyOf([.number(0...Double.infinity), .choice(["tune"])]), isRequired: true)
            ]),
          ]), fallback: ["l2": "tune"]),
        SettingGrammar(
          "tune", "How `tune` searches.",
          .record([
            SettingGrammar("folds", "Number of folds.", .integer(2...100), fallback: 5),
            SettingGrammar(
              "metric", "What is minimised on the held-out fold; left out, that of the objective.",
              .choice(["log_loss", "mse", "rmse"])),
            SettingGrammar(
              "one_standard_error", "Take the largest penalty within one standard error of the best.", .boolean,
              fallback: false),
          ]), fallback: [:]),
        SettingGrammar("intercept", "Whether to fit an intercept, which is never penalised.", .boolean, fallback: true),
        SettingGrammar("max_iterations", "Most passes of the solver.", .integer(1...1_000_000), fallback: 200),
        SettingGrammar(
          "tolerance", "Relative gradient norm at which the solver stops.", .number(1e-15...1), fallback: 1e-8),
      ],
      outputs: [.model],
      check: { step, document in checkTarget(step, document) + checkPositive(step) + checkTuneMetric(step) })
  }

  package func action(
    for step: StepSpec, inputs: [Action.Input], in context: PlanContext
  ) throws -> Action {
    var settings = step.settings
    settings["target"] = try TargetRole(for: step, in: context.document).json
    // What means a missing value in the training data must mean it in new data too.
    let ingest = context.document.origins(of: step.name).first { $0.kind == "ingest" }
    settings["missing"] = ingest?.settings["missing"] ?? []
    var action = Action(kind: "train", implementation: implementation, settings: settings, inputs: inputs)
    if settings["penalty"]?["l2"]?.stringValue == "tune" { action.seed = context.document.seed }
    action.libraries = ["blas": BLASLibrary.current.identity]
    return action
  }

  package func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let trainer = try ModelTrainer(action: action, context: context)
    let trained = try trainer.train()
    let folder = context.staging + "/model"
    try Files.makeFolder(folder)
    try trained.model.write(to: folder)
    try durableWrite(folder + "/profile.json", bytes: trained.profile.canonicalBytes)
    let tree = try context.store.putTree(folder: folder, cancellation: context.cancellation)
    var outcome = StepOutcome(outputs: [
      ActionResult.Output(
        name: "model", type: "model", digest: tree.digest, size: tree.size, isTree: true)
    ])
    outcome.report = trained.report
    outcome.warnings = trained.warnings
    outcome.summary = trained.summary
    return outcome
  }
}

/// Some step must name the column to tell; whether the data has it is seen when they are read.
private func checkTarget(_ step: StepSpec, _ document: WorkflowDocument) -> [Diagnostic] {
  // What a faulty step lacks is told there.
  guard document.origins(of: step.name).allSatisfy(\.isSound) else { return [] }
  do {
    _ = try TargetRole(for: step, in: document)
    return []
  } catch {
    return [error.diagnostic]
  }
}

/// Only two classes have a positive one.
private func checkPositive(_ step: StepSpec) -> [Diagnostic] {
  guard step.settings["positive"] != nil, let objective = step.settings["objective"]?.stringValue,
    objective != ModelObjective.logistic.rawValue
  else { return [] }
  return [
    .error(
      "positive-for-objective", "objective '\(objective)' has no positive class", at: step.keyPlace(of: "positive"),
      help: ["remove it"])
  ]
}

/// What `tune` compares must exist for the objective.
private func checkTuneMetric(_ step: StepSpec) -> [Diagnostic] {
  guard let metric = step.settings["tune"]?["metric"]?.stringValue,
    let objective = step.settings["objective"]?.stringValue.flatMap(ModelObjective.init(rawValue:)),
    (metric == "log_loss") == (objective == .linear)
  else { return [] }
  let fitting = objective == .linear ? "mse or rmse" : "log_loss"
  return [
    .error(
      "metric-for-objective", "metric '\(metric)' does not exist for objective '\(objective.rawValue)'",
      at: step.place(ofPath: ["tune", "metric"]), help: ["use \(fitting)"])
  ]
}
