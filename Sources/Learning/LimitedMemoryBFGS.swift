internal import Basics

/// Limited-memory BFGS with ten pairs, for problems whose Hessian is too large to form.
///
/// With a diagonal of curvatures as first metric and a line search for the weak Wolfe conditions by bisection (Lewis and
/// Overton, Math. Program. 141, 2013).
struct LimitedMemoryBFGS<Problem: SmoothProblem> {
  private let problem: Problem
  private let cancellation: Cancellation
  private var point: [Double]
  private var trial: [Double]
  private var step: [Double]
  private var current: Evaluation
  private var next: Evaluation
  private var memory: QuasiNewtonMemory

  /// `curvatures` are positive guesses of the Hessian's diagonal.
  static func minimise(
    _ problem: Problem, from start: [Double], curvatures: [Double], _ rule: StoppingRule, cancellation: Cancellation
  ) throws -> Minimum {
    var solver = LimitedMemoryBFGS(problem, from: start, cancellation)
    return try solver.run(curvatures, rule)
  }

  private init(_ problem: Problem, from start: [Double], _ cancellation: Cancellation) {
    self.problem = problem
    self.cancellation = cancellation
    point = start
    trial = start
    step = start
    current = Evaluation(dimension: problem.dimension)
    next = current
    memory = QuasiNewtonMemory(dimension: problem.dimension, capacity: 10)
  }

  private mutating func run(_ curvatures: [Double], _ rule: StoppingRule) throws -> Minimum {
    let everything = problem.everything
    try problem.evaluate(at: point, everything, hessian: false, into: &current, cancellation: cancellation)
    var iterations = 0
    var ranOutOfTime = false
    while problem.norm(current.gradient) > rule.gradientNorm, !rule.isUnbounded(current),
      iterations < rule.maximumIterations
    {
      if rule.isLate {
        ranOutOfTime = true
        break
      }
      let curvature = memory.curvature(curvatures)
      memory.direction(current.gradient, into: &step) { step in
        for index in step.indices { step[index] /= curvature * curvatures[index] }
      }
      guard try search(everything) else {
        if memory.isEmpty { break }
        // Old pairs may mislead; begin afresh from the diagonal before giving up.
        memory.removeAll()
        continue
      }
      memory.add(from: point, to: trial, before: current.gradient, after: next.gradient)
      swap(&point, &trial)
      swap(&current, &next)
      iterations += 1
    }
    return Minimum(
      point: point, evaluation: current, iterations: iterations, solver: "l-bfgs", ranOutOfTime: ranOutOfTime)
  }

  /// Finds a step that lowers the value enough (1e-4 of the slope) and flattens the slope (to 0.9 of it) and leaves it in
  /// `trial` and `next`; false when there is none.
  private mutating func search(_ sample: BlockSample) throws -> Bool {
    let slope = innerProduct(step, current.gradient)
    guard slope < 0 else { return false }
    let rounding = 1e-14 * abs(current.value)
    var tooShort = 0.0
    var tooLong = Double.infinity
    var length = 1.0
    for _ in 0..<50 {
      move(point, length, step, into: &trial)
      try problem.evaluate(at: trial, sample, hessian: false, into: &next, cancellation: cancellation)
      let newSlope = innerProduct(step, next.gradient)
      let descends = next.value <= current.value + 1e-4 * length * slope
      // Near the minimum values no longer differ; then the slope alone decides (Hager and Zhang, SIAM J. Optim. 16,
      // 2005).
      let isFlat = next.value <= current.value + rounding && newSlope <= (2e-4 - 1) * slope
      if !(descends || isFlat) {
        tooLong = length
      } else if newSlope < 0.9 * slope {
        tooShort = length
      } else {
        return true
      }
      length = tooLong.isFinite ? (tooShort + tooLong) / 2 : 2 * tooShort
    }
    return false
  }
}
