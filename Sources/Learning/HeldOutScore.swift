internal import Statistics

/// How a fit is judged on rows it was not fitted to.
package struct HeldOutScore: Sendable {
  package var name: String
  package var smallerIsBetter: Bool
  /// From linear predictors (rows × outputs, column-major; offsets are in them), targets as in
  /// `DesignSource.readTargets`, and weights of the rows (nil where all count alike) to a number; NaN where it is
  /// undefined for these rows.
  package var evaluate: @Sendable (_ predictors: [Double], _ targets: [Double], _ weights: [Double]?) throws -> Double

  /// For least squares, the score from the mean squared error where that decides it; nil where single rows matter.
  package var ofSquaredError: (@Sendable (Double) -> Double)?

  package init(
    name: String, smallerIsBetter: Bool, ofSquaredError: (@Sendable (Double) -> Double)? = nil,
    evaluate: @escaping @Sendable (_ predictors: [Double], _ targets: [Double], _ weights: [Double]?) throws -> Double
  ) {
    self.ofSquaredError = ofSquaredError
    self.name = name
    self.smallerIsBetter = smallerIsBetter
    self.evaluate = evaluate
  }

  /// Mean of (y − ŷ)².
  package static let squaredError = HeldOutScore(name: "mse", smallerIsBetter: true, ofSquaredError: { $0 }) {
    predictors, targets, weights in
    weightedMean(zip(predictors, targets).map { ($0 - $1) * ($0 - $1) }, weights)
  }

  /// Root of the mean of (y − ŷ)².
  package static let rootSquaredError = HeldOutScore(
    name: "rmse", smallerIsBetter: true, ofSquaredError: { $0.squareRoot() }
  ) { predictors, targets, weights in
    try squaredError.evaluate(predictors, targets, weights).squareRoot()
  }

  /// Mean of −ln P(class), in nats, for a binary (one output) or multinomial (several) model.
  package static let logLoss = HeldOutScore(name: "log_loss", smallerIsBetter: true) { predictors, targets, weights in
    let rows = targets.count
    let outputs = rows == 0 ? 1 : predictors.count / rows
    if outputs == 1 {
      return weightedMean(zip(predictors, targets).map { Elementary.softplus($1 > 0.5 ? -$0 : $0) }, weights)
    }
    return weightedMean(
      (0..<rows).map { row in
        var scores = (0..<outputs).map { predictors[$0 * rows + row] }
        let own = scores[Int(targets[row])]
        return scores.withUnsafeMutableBufferPointer { buffer in
          buffer.baseAddress.map { Elementary.softmax($0, count: outputs) - own } ?? .nan
        }
      }, weights)
  }

  /// Mean of 2·(y·ln(y/μ) − y + μ) with μ = eˢ.
  package static let poissonDeviance = HeldOutScore(name: "poisson_deviance", smallerIsBetter: true) {
    predictors, targets, weights in
    weightedMean(
      zip(predictors, targets).map { score, target in
        2 * ((target > 0 ? target * (Elementary.log(target) - score) : 0) - target + Elementary.exp(score))
      }, weights)
  }

  /// The loss that the objective minimises, up to a factor.
  package static func loss(of objective: Objective) -> HeldOutScore {
    switch objective {
    case .linear: squaredError
    case .poisson: poissonDeviance
    case .logistic, .multinomial: logLoss
    }
  }
}

/// Σ weight·value / Σ weight; the plain mean without weights.
private func weightedMean(_ values: [Double], _ weights: [Double]?) -> Double {
  guard let weights else { return mean(values) }
  return compensatedSum(zip(values, weights).lazy.map { $0 * $1 }) / compensatedSum(weights)
}
