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

/// `train`: the training part of a table → a model, and the table of what was tuned.
package struct TrainKind: StepKind {
  package init() {}
  package let implementation = 6

  package var grammar: KindGrammar {
    KindGrammar(
      name: "train", summary: "Fit a linear, logistic, multinomial or Poisson model with its encoder.",
      settings: TrainGrammar.settings, outputs: [.model], check: TrainChecks.problems)
  }

  package func action(
    for step: StepSpec, inputs: [Action.Input], in context: PlanContext
  ) throws -> Action {
    var settings = step.settings
    settings["target"] = try TargetRole(for: step, in: context.document).json
    // What means a missing value in the training data must mean it in new data too.
    let ingest = context.document.origins(of: step.name).first { $0.kind == "ingest" }
    settings["missing"] = ingest?.settings["missing"] ?? []
    // So must the way in which the data was read.
    if let ingest { settings["source"] = reading(of: ingest, in: context) }
    // One penalty, however it is written.
    settings["penalty"] = TrainingSettings.normalisedPenalty(settings["penalty"])
    let read = TrainingSettings(settings)
    var action = Action(
      kind: "train", implementation: implementation, settings: settings, inputs: inputs)
    if read.isTuned || read.needsHeldOut { action.seed = context.document.seed }
    action.libraries = ["blas": BLASLibrary.current.identity, "kernels": RowKernels.identity]
    return action
  }

  /// How the source of an `ingest` step was read, where that is not usual: the dialect of a text, the table of a database. A
  /// query is for the data that was there; nil where there is nothing to say.
  private func reading(of ingest: StepSpec, in context: PlanContext) -> JSON? {
    if let table = ingest.settings["table"] { return ["table": table] }
    return context.reports[ingest.name]?["dialect"]
  }

  package func run(_ action: Action, in context: StepContext) throws -> StepOutcome {
    let folder = context.staging + "/model"
    try Files.makeFolder(folder)
    let trained: TrainedModel
    do {
      trained = try ModelTrainer(action: action, context: context).train()
      try trained.model.write(to: folder)
    } catch let error as InferenceError {
      throw error.placed(in: TrainingSettings(action.settings))
    }
    try durableWrite(folder + "/profile.json", bytes: trained.profile.canonicalBytes(threads: context.threads))
    let tree = try context.store.putTree(folder: folder, cancellation: context.cancellation)
    var outcome = StepOutcome(outputs: [
      ActionResult.Output(
        name: "model", type: "model", digest: tree.digest, size: tree.size, isTree: true)
    ])
    if let tuning = trained.tuning {
      let bytes = tuning.canonicalBytes
      outcome.outputs.append(
        ActionResult.Output(
          name: "tuning", type: "tuning", digest: try context.store.put(bytes), size: bytes.count))
    }
    outcome.report = trained.report
    outcome.warnings = trained.warnings
    outcome.summary = trained.summary
    return outcome
  }
}
