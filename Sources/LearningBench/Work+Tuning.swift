import Basics
import Glibc
import Learning

/// Penalties chosen by five folds of neighbours, and the fit to all rows with the one chosen: what `RidgeCV` and
/// `LogisticRegressionCV` do.
extension Work {
  static func ridgeFolds(_ matrix: NumpyMatrix, _ threads: Int) throws -> JSON {
    try tuned(matrix, threads, .linear, strengths: powersOfTen(from: 6, to: -3), .squaredError)
  }

  static func logisticFolds(_ matrix: NumpyMatrix, _ threads: Int) throws -> JSON {
    try tuned(matrix, threads, .logistic, strengths: powersOfTen(from: 4, to: -4), .logLoss)
  }

  /// `strengths` are scikit-learn's `alpha`, or 1/C: l2 times the number of rows. The largest first.
  private static func tuned(
    _ matrix: NumpyMatrix, _ threads: Int, _ objective: Objective, strengths: [Double], _ score: HeldOutScore
  ) throws -> JSON {
    let folds = 5
    let design = NumpyDesign(matrix: matrix)
    let rows = Double(design.rowCount)
    let trainingRows = rows - (rows / Double(folds)).rounded(.down)
    var settings = FitSettings(objective: objective, threads: threads, memory: keptBytes)
    // Folds of neighbours, as scikit-learn's `KFold` cuts them without shuffling; columns as they are.
    let shared = SharedFolds(
      source: design, count: folds, assignment: (0..<design.rowCount).map { UInt8($0 * folds / design.rowCount) },
      standardised: [Bool](repeating: false, count: design.columnCount))
    let tuned = try PenaltyPath.tune(
      strengths.map { Penalty(l2: $0 / trainingRows) }, shared: shared, settings, score: score,
      cancellation: Cancellation())
    guard let path = tuned else { throw LearningError.undefinedScore }
    let chosen = strengths[path.chosenIndex]
    settings.penalty = Penalty(l2: chosen / rows)
    let fitted = try fit(design, settings, cancellation: Cancellation())
    return [
      "objective": .number(fitted.objectiveValue), "chosen": .number(chosen),
      "score": .number(path.points[path.chosenIndex].mean), "converged": .bool(fitted.converged),
    ]
  }

  /// Ten values evenly spaced in the logarithm, ends included.
  private static func powersOfTen(from first: Double, to last: Double) -> [Double] {
    (0..<10).map { pow(10, first + (last - first) * Double($0) / 9) }
  }
}
