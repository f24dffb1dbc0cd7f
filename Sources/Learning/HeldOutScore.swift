internal import Statistics

/// How a fit is judged on rows it was not fitted to.
package struct HeldOutScore: Sendable {
  package var name: String
  package var smallerIsBetter: Bool
  /// From linear predictors (rows × outputs, column-major) and targets, as in `DesignSource.readTargets`, to a
  /// number; NaN where it is undefined for these rows.
  package var evaluate: @Sendable (_ predictors: [Double], _ targets: [Double]) throws -> Double

  /// For least squares, the score from the mean squared error where that decides it; nil where single rows matter.
  package var ofSquaredError: (@Sendable (Double) -> Double)?

  package init(
    name: String, smallerIsBetter: Bool, ofSquaredError: (@Sendable (Double) -> Double)? = nil,
    evaluate: @escaping @Sendable (_ predictors: [Double], _ targets: [Double]) throws -> Double
  ) {
    self.ofSquaredError = ofSquaredError
    self.name = name
    self.smallerIsBetter = smallerIsBetter
    self.evaluate = evaluate
  }

  /// Mean of (y − ŷ)².
  package static let squaredError = HeldOutScore(
    name: "squared_error", smallerIsBetter: true, ofSquaredError: { $0 }
  ) { predictors, targets in
    mean(zip(predictors, targets).map { ($0 - $1) * ($0 - $1) })
  }

  /// Root of the mean of (y − ŷ)².
  package static let rootSquaredError = HeldOutScore(
    name: "rmse", smallerIsBetter: true, ofSquaredError: { $0.squareRoot() }
  ) { predictors, targets in
    try squaredError.evaluate(predictors, targets).squareRoot()
  }

  /// Mean of −ln P(class), in nats, for a binary (one output) or multinomial (several) model.
  package static let logLoss = HeldOutScore(name: "log_loss", smallerIsBetter: true) { predictors, targets in
    let rows = targets.count
    let outputs = rows == 0 ? 1 : predictors.count / rows
    if outputs == 1 {
      return mean(zip(predictors, targets).map { Elementary.softplus($1 > 0.5 ? -$0 : $0) })
    }
    return mean(
      (0..<rows).map { row in
        var scores = (0..<outputs).map { predictors[$0 * rows + row] }
        let own = scores[Int(targets[row])]
        return scores.withUnsafeMutableBufferPointer { buffer in
          buffer.baseAddress.map { Elementary.softmax($0, count: outputs) - own } ?? .nan
        }
      })
  }

  /// The loss that the objective minimises, up to a factor.
  package static func loss(of objective: Objective) -> HeldOutScore {
    objective == .linear ? squaredError : logLoss
  }
}
