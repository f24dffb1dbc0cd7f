import Basics
import Diagnostics
import Execution
import Inference
import Learning

/// Scores of rows that the model which gave them was not fitted on: what calibration and thresholds are learned from.
struct HeldOutScores: Sendable {
  var source: HeldOutSource
  /// Linear predictors, rows × outputs, column-major.
  var predictors: [Double]
  var targets: [Double]
  var weights: [Double]?

  /// Each fold's rows, by a model of the rows that the fold learns from.
  init(
    _ settings: TrainingSettings, _ penalty: Penalty, _ data: TrainingData, _ plan: FoldPlan, _ context: StepContext,
    fitSettings: (TrainingSettings, Penalty, Encoder) -> FitSettings
  ) throws {
    source = .folds
    targets = []
    var weights: [Double] = []
    var parts: [[Double]] = []
    for fold in 0..<plan.count {
      try context.cancellation.check()
      let inside = data.training.picking(plan.inside(fold))
      let outside = data.training.picking(plan.outside(fold))
      let encoder = try data.encoder(settings, on: inside, dropsLevel: penalty.isNone, threads: context.threads).encoder
      parts.append(
        try data.failures.telling {
          let fit = try fit(
            data.fitted(inside, encoder, settings), fitSettings(settings, penalty, encoder),
            cancellation: context.cancellation)
          return try linearPredictors(
            of: fit, on: data.judged(outside, encoder), threads: context.threads, cancellation: context.cancellation)
        })
      targets += outside.targets
      weights += outside.weights ?? []
    }
    self.weights = data.training.weights == nil ? nil : weights
    let outputs = targets.isEmpty ? 1 : parts.reduce(0) { $0 + $1.count } / targets.count
    predictors = (0..<outputs).flatMap { output in
      parts.flatMap { part in part[output * (part.count / outputs)..<(output + 1) * (part.count / outputs)] }
    }
  }

  /// The rows of the validation part, by the final fit.
  init(
    _ rows: TrainingRows, _ fit: Fit, _ encoder: Encoder, _ data: TrainingData, _ context: StepContext
  ) throws {
    source = .validation
    targets = rows.targets
    weights = rows.weights
    predictors = try data.failures.telling {
      try linearPredictors(
        of: fit, on: data.judged(rows, encoder), threads: context.threads, cancellation: context.cancellation)
    }
  }
}
