internal import Basics
internal import LinearAlgebra

/// Newton's method for a smooth loss plus `Σ l1ⱼ·|wⱼ|`: each step minimises the loss's quadratic model plus that sum by
/// coordinate descent, then halves the step until the objective falls enough (Lee, Sun and Saunders, SIAM J. Optim. 24,
/// 2014; Yuan, Ho and Lin, JMLR 13, 2012).
///
/// For many rows the model's Hessian comes from evenly spaced blocks first, and from four times as many where a step gains
/// too little. Stops when the duality gap is small enough.
struct ProximalNewton {
  private let problem: LossProblem
  private let l1: [Double]
  private let rule: StoppingRule
  /// The duality gap that is small enough.
  private let smallGap: Double
  private let cancellation: Cancellation
  private var point: [Double]
  private var trial: [Double]
  private var step: [Double]
  private var current: Evaluation
  private var next: Evaluation
  private var shape: Evaluation

  /// `l1` has a weight for each coefficient, 0 for those without.
  static func minimise(
    _ problem: LossProblem, l1: [Double], from start: [Double], smallGap: Double, _ rule: StoppingRule,
    cancellation: Cancellation
  ) throws -> Minimum {
    var solver = ProximalNewton(problem, l1, start, smallGap, rule, cancellation)
    return try solver.run()
  }

  private init(
    _ problem: LossProblem, _ l1: [Double], _ start: [Double], _ smallGap: Double, _ rule: StoppingRule,
    _ cancellation: Cancellation
  ) {
    self.problem = problem
    self.l1 = l1
    self.rule = rule
    self.smallGap = smallGap
    self.cancellation = cancellation
    point = start
    trial = start
    step = start
    current = Evaluation(dimension: problem.dimension)
    next = current
    shape = current
  }

  private mutating func run() throws -> Minimum {
    let everything = problem.everything
    var stride = 1
    let rows = everything.total * problem.rowsPerBlock
    while rows / (stride * 4) >= max(50 * problem.width, 8192), everything.total / (stride * 4) >= 4 { stride *= 4 }
    try problem.evaluate(at: point, everything, hessian: false, into: &current, cancellation: cancellation)
    var iterations = 0
    var gap = Double.infinity
    var ranOutOfTime = false
    while true {
      let violation = problem.norm(subgradient())
      if violation <= rule.gradientNorm * 1e3 || iterations >= rule.maximumIterations {
        gap = try dualityGap()
        if gap <= smallGap || iterations >= rule.maximumIterations { break }
      }
      if rule.isLate {
        ranOutOfTime = true
        break
      }
      let sample = BlockSample(total: everything.total, stride: stride)
      try problem.evaluate(at: point, sample, hessian: true, into: &shape, cancellation: cancellation)
      var descent = CoordinateDescent(upperTriangle: shape.hessian, l1: l1)
      trial = point
      _ = descent.minimise(linearTerm(), from: &trial, tolerance: 1e-12)
      for index in step.indices { step[index] = trial[index] - point[index] }
      let moved = try descend(everything)
      if moved { iterations += 1 }
      if !moved || problem.norm(subgradient()) > violation / 4 {
        if stride == 1, !moved { break }
        stride = max(1, stride / 4)
      }
    }
    if gap == .infinity { gap = try dualityGap() }
    return Minimum(
      point: point, evaluation: current, iterations: iterations, solver: "proximal newton (coordinate descent)",
      ranOutOfTime: ranOutOfTime, dualityGap: gap)
  }

  /// B·w − g, so that the model's gradient at the point is that of the loss.
  private func linearTerm() -> [Double] {
    var out = current.gradient.map { -$0 }
    let matrix = shape.hessian
    for column in point.indices {
      var sum = 0.0
      for row in point.indices where point[row] != 0 {
        sum += (row <= column ? matrix[row, column] : matrix[column, row]) * point[row]
      }
      out[column] += sum
    }
    return out
  }

  /// What is left of the optimality conditions: the gradient plus the sign's share where a coefficient is not 0, what exceeds
  /// that share where it is.
  private func subgradient() -> [Double] {
    point.indices.map { index in
      let gradient = current.gradient[index]
      if point[index] != 0 { return gradient + (point[index] < 0 ? -l1[index] : l1[index]) }
      let excess = abs(gradient) - l1[index]
      return excess <= 0 ? 0 : gradient < 0 ? -excess : excess
    }
  }

  private func absolutes(_ point: [Double]) -> Double {
    var sum = 0.0
    for index in point.indices { sum += l1[index] * abs(point[index]) }
    return sum
  }

  private mutating func descend(_ everything: BlockSample) throws -> Bool {
    let before = absolutes(point)
    let slope = innerProduct(step, current.gradient) + absolutes(trial) - before
    let norm = problem.norm(subgradient())
    // Below this the slope itself is only rounding; then the conditions of the minimum decide.
    let rounding = 1e-14 * abs(current.value + before)
    guard slope < rounding else { return false }
    var length = 1.0
    while length > 1e-10 {
      // The whole step is taken as it is, so that its zeros are zeros.
      if length < 1 { move(point, length, step, into: &trial) }
      try problem.evaluate(at: trial, everything, hessian: false, into: &next, cancellation: cancellation)
      let change = next.value + absolutes(trial) - current.value - before
      if change <= max(1e-4 * length * slope, rounding) {
        swap(&point, &trial)
        swap(&current, &next)
        if (slope < -rounding && change <= 1e-4 * length * slope) || problem.norm(subgradient()) < norm { return true }
        swap(&point, &trial)
        swap(&current, &next)
      }
      length /= 2
    }
    return false
  }

  private func dualityGap() throws -> Double {
    try problem.dualityGap(at: point, current, l1: l1, cancellation: cancellation)
  }
}

extension LossProblem {
  /// The objective less the dual objective at residuals shrunk until they are feasible, with an l2 penalty as they are. The
  /// intercept's equation holds up to its gradient, which is charged for.
  func dualityGap(
    at point: [Double], _ evaluation: Evaluation, l1: [Double], cancellation: Cancellation
  ) throws -> Double {
    var shrinking = 1.0
    var charge = 0.0
    var conjugate = 0.0
    var absolutes = 0.0
    for index in point.indices {
      let l2 = penalties[index % width]
      absolutes += l1[index] * abs(point[index])
      let ofLoss = evaluation.gradient[index] - l2 * point[index]
      if l1[index] == 0, l2 == 0 {
        charge += abs(ofLoss) * max(1, abs(point[index]))
      } else if l2 == 0 {
        if abs(ofLoss) > l1[index] { shrinking = min(shrinking, l1[index] / abs(ofLoss)) }
      } else {
        let excess = max(0, abs(ofLoss) - l1[index])
        conjugate += excess * excess / (2 * l2)
      }
    }
    let mean = try meanConjugate(at: point, shrinking: shrinking, cancellation: cancellation)
    return max(0, evaluation.value + absolutes + mean + conjugate * shrinking * shrinking) + charge
  }
}
