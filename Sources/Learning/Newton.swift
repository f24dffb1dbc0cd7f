internal import Basics
internal import LinearAlgebra

/// Newton's method with step halving.
///
/// The Hessian is factored by Cholesky after scaling its diagonal to ones; where that fails or its reciprocal
/// condition is below 1e-13, by eigenvalues, leaving out directions in which the function is flat. Stops when the
/// gradient is small enough, then takes one more step from the factor at hand if that makes it smaller still:
/// convergence is quadratic, so this brings the coefficients to rounding level for the price of one pass.
enum Newton {
  static func minimise(
    _ problem: some SmoothProblem, from start: [Double], _ rule: StoppingRule, cancellation: Cancellation
  ) throws -> Minimum {
    var point = start
    var current = try problem.evaluate(at: point, hessian: true, cancellation: cancellation)
    var iterations = 0
    var escalated = false
    while true {
      let system = try NewtonSystem(current.hessian ?? Matrix(rows: 0, columns: 0))
      escalated = escalated || system.isSingular
      let step = system.solve(current.gradient).map { -$0 }
      let slope = innerProduct(step, current.gradient)
      var next: (point: [Double], evaluation: Evaluation)?
      let isDone = current.gradientNorm <= rule.gradientNorm
      if isDone {
        let trial = moved(point, 1, step)
        let evaluation = try problem.evaluate(at: trial, hessian: false, cancellation: cancellation)
        if evaluation.gradientNorm < current.gradientNorm { (point, current) = (trial, evaluation) }
      } else if !rule.isUnbounded(current), iterations < rule.maximumIterations, slope < 0 {
        next = try descend(problem, point, current, step, slope, cancellation)
      }
      guard let next else {
        return Minimum(
          point: point, evaluation: current, iterations: iterations,
          solver: escalated ? "newton (cholesky → eigenvalues)" : "newton (cholesky)",
          condition: system.condition, nextStep: step, flatDirections: system.flatDirections)
      }
      point = next.point
      current = next.evaluation
      iterations += 1
    }
  }

  /// The first of the full step, its half, its quarter, … that lowers the value enough (Armijo's rule, 1e-4), up to
  /// rounding; nil when none does.
  private static func descend(
    _ problem: some SmoothProblem, _ point: [Double], _ current: Evaluation, _ step: [Double], _ slope: Double,
    _ cancellation: Cancellation
  ) throws -> (point: [Double], evaluation: Evaluation)? {
    let rounding = 1e-14 * abs(current.value)
    var length = 1.0
    while length > 1e-10 {
      let trial = moved(point, length, step)
      let evaluation = try problem.evaluate(at: trial, hessian: true, cancellation: cancellation)
      if evaluation.value <= current.value + 1e-4 * length * slope { return (trial, evaluation) }
      // At rounding level values say nothing more, but gradients do.
      if evaluation.value <= current.value + rounding, evaluation.gradientNorm < current.gradientNorm {
        return (trial, evaluation)
      }
      length /= 2
    }
    return nil
  }
}

/// A factored Hessian.
private struct NewtonSystem {
  private let factor: Cholesky?
  private let eigen: SymmetricEigen?
  private let inverseScale: [Double]
  private let firstKept: Int
  let condition: Double?

  var isSingular: Bool { eigen != nil }

  init(_ hessian: Matrix) throws {
    inverseScale = hessian.diagonal.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    if let factor = Cholesky(hessian), factor.reciprocalCondition >= 1e-13 {
      self.factor = factor
      eigen = nil
      firstKept = 0
      condition = 1 / factor.reciprocalCondition
      return
    }
    factor = nil
    var scaled = hessian
    for column in 0..<scaled.columns {
      for row in 0...column { scaled[row, column] *= inverseScale[row] * inverseScale[column] }
    }
    let eigen = try SymmetricEigen(scaled)
    let largest = eigen.values.last ?? 0
    let cut = largest * 1e-13 * Double(max(1, eigen.values.count)).squareRoot()
    firstKept = eigen.values.firstIndex { $0 > cut } ?? eigen.values.count
    condition = firstKept < eigen.values.count ? largest / eigen.values[firstKept] : nil
    self.eigen = eigen
  }

  func solve(_ right: [Double]) -> [Double] {
    if let factor { return factor.solve(right) }
    guard let eigen else { return right }
    let scaled = zip(right, inverseScale).map { $0 * $1 }
    var along = eigen.vectors.times(
      Matrix(rows: scaled.count, columns: 1, elements: scaled), transposingSelf: true)
    for index in 0..<along.rows { along[index, 0] = index < firstKept ? 0 : along[index, 0] / eigen.values[index] }
    return zip(eigen.vectors.times(along).elements, inverseScale).map { $0 * $1 }
  }

  var flatDirections: (basis: Matrix, scaling: [Double])? {
    guard let eigen, firstKept > 0 else { return nil }
    return (eigen.vectors[0..<eigen.vectors.rows, 0..<firstKept], inverseScale)
  }
}
