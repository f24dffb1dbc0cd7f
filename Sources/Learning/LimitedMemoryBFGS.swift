internal import Basics

/// Limited-memory BFGS with ten pairs, for problems whose Hessian is too large to form.
///
/// Nocedal, "Updating Quasi-Newton Matrices with Limited Storage", Math. Comp. 35 (1980), with a diagonal of
/// curvatures as first metric and a line search for the weak Wolfe conditions by bisection (Lewis and Overton, Math.
/// Program. 141, 2013).
enum LimitedMemoryBFGS {
  private static let memory = 10

  private struct Pair {
    var step: [Double]
    var change: [Double]
    var inverseProduct: Double
  }

  /// `curvatures` are positive guesses of the Hessian's diagonal.
  static func minimise(
    _ problem: some SmoothProblem, from start: [Double], curvatures: [Double], _ rule: StoppingRule,
    cancellation: Cancellation
  ) throws -> Minimum {
    var point = start
    var current = try problem.evaluate(at: point, hessian: false, cancellation: cancellation)
    var pairs: [Pair] = []
    var iterations = 0
    while current.gradientNorm > rule.gradientNorm, !rule.isUnbounded(current), iterations < rule.maximumIterations {
      let step = direction(current.gradient, pairs, curvatures)
      guard let next = try search(problem, point, current, step, cancellation) else {
        if pairs.isEmpty { break }
        // Old pairs may mislead; begin afresh from the diagonal before giving up.
        pairs.removeAll()
        continue
      }
      let moved = zip(next.point, point).map { $0 - $1 }
      let change = zip(next.evaluation.gradient, current.gradient).map { $0 - $1 }
      let product = innerProduct(moved, change)
      if product > 0 {
        if pairs.count == memory { pairs.removeFirst() }
        pairs.append(Pair(step: moved, change: change, inverseProduct: 1 / product))
      }
      (point, current) = (next.point, next.evaluation)
      iterations += 1
    }
    return Minimum(point: point, evaluation: current, iterations: iterations, solver: "l-bfgs")
  }

  /// Minus the approximate inverse Hessian times the gradient, by the two-loop recursion.
  private static func direction(_ gradient: [Double], _ pairs: [Pair], _ curvatures: [Double]) -> [Double] {
    var rest = gradient
    var shares: [Double] = []
    for pair in pairs.reversed() {
      let share = innerProduct(pair.step, rest) * pair.inverseProduct
      for index in rest.indices { rest[index] -= share * pair.change[index] }
      shares.append(share)
    }
    var factor = 1.0
    if let last = pairs.last {
      let size = zip(last.change, curvatures).reduce(0) { $0 + $1.0 * $1.0 / $1.1 }
      factor = 1 / (last.inverseProduct * size)
    }
    for index in rest.indices { rest[index] *= factor / curvatures[index] }
    for (pair, share) in zip(pairs, shares.reversed()) {
      let other = innerProduct(pair.change, rest) * pair.inverseProduct
      for index in rest.indices { rest[index] += (share - other) * pair.step[index] }
    }
    return rest.map { -$0 }
  }

  /// A step that lowers the value enough (1e-4 of the slope) and flattens the slope (to 0.9 of it); nil when there is
  /// none to be found.
  private static func search(
    _ problem: some SmoothProblem, _ point: [Double], _ current: Evaluation, _ direction: [Double],
    _ cancellation: Cancellation
  ) throws -> (point: [Double], evaluation: Evaluation)? {
    let slope = innerProduct(direction, current.gradient)
    guard slope < 0 else { return nil }
    let rounding = 1e-14 * abs(current.value)
    var tooShort = 0.0
    var tooLong = Double.infinity
    var length = 1.0
    for _ in 0..<50 {
      let trial = moved(point, length, direction)
      let evaluation = try problem.evaluate(at: trial, hessian: false, cancellation: cancellation)
      let newSlope = innerProduct(direction, evaluation.gradient)
      let descends = evaluation.value <= current.value + 1e-4 * length * slope
      // Near the minimum values no longer differ; then the slope alone decides (Hager and Zhang, SIAM J. Optim. 16,
      // 2005).
      let isFlat = evaluation.value <= current.value + rounding && newSlope <= (2e-4 - 1) * slope
      if !(descends || isFlat) {
        tooLong = length
      } else if newSlope < 0.9 * slope {
        tooShort = length
      } else {
        return (trial, evaluation)
      }
      length = tooLong.isFinite ? (tooShort + tooLong) / 2 : 2 * tooShort
    }
    return nil
  }
}
