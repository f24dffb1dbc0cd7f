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
  private var descent: CoordinateDescent
  private var linear: [Double]
  private var subgradient: [Double]

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
    descent = CoordinateDescent(l1: l1)
    linear = start
    subgradient = start
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
      let violation = violation()
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
      descent.take(upperTriangle: shape.hessian)
      for index in point.indices { trial[index] = point[index] }
      findLinearTerm()
      _ = descent.minimise(linear, from: &trial, tolerance: 1e-12)
      for index in step.indices { step[index] = trial[index] - point[index] }
      let moved = try descend(everything)
      if moved { iterations += 1 }
      if !moved || self.violation() > violation / 4 {
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
  private mutating func findLinearTerm() {
    for column in point.indices {
      var sum = 0.0
      for row in point.indices where point[row] != 0 { sum += descent.matrix[row, column] * point[row] }
      linear[column] = sum - current.gradient[column]
    }
  }

  /// The norm of what is left of the conditions of the minimum.
  private mutating func violation() -> Double {
    problem.findSubgradient(at: point, current.gradient, l1: l1, into: &subgradient)
    return problem.norm(subgradient)
  }

  private func absolutes(_ point: [Double]) -> Double {
    var sum = 0.0
    for index in point.indices { sum += l1[index] * abs(point[index]) }
    return sum
  }

  /// How the objective falls along the step, coordinate by coordinate, so that near the minimum no large sums are subtracted.
  private var slope: Double {
    var sum = 0.0
    for index in point.indices {
      sum += step[index] * current.gradient[index] + l1[index] * (abs(trial[index]) - abs(point[index]))
    }
    return sum
  }

  private mutating func descend(_ everything: BlockSample) throws -> Bool {
    let before = absolutes(point)
    let slope = slope
    let norm = violation()
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
        if (slope < -rounding && change <= 1e-4 * length * slope) || violation() < norm { return true }
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
  /// What is left of the optimality conditions: the gradient plus the sign's share where a coefficient is not 0, what exceeds
  /// that share where it is.
  func subgradient(at point: [Double], _ gradient: [Double], l1: [Double]) -> [Double] {
    var out = gradient
    findSubgradient(at: point, gradient, l1: l1, into: &out)
    return out
  }

  /// The same, into memory at hand.
  func findSubgradient(at point: [Double], _ gradient: [Double], l1: [Double], into out: inout [Double]) {
    for index in point.indices {
      let (slope, excess) = (gradient[index], abs(gradient[index]) - l1[index])
      if point[index] != 0 {
        out[index] = slope + (point[index] < 0 ? -l1[index] : l1[index])
      } else {
        out[index] = excess <= 0 ? 0 : slope < 0 ? -excess : excess
      }
    }
  }

  /// The objective less the dual objective at the residuals. The intercept's equation holds up to its gradient, which is
  /// charged for; how the others are kept, `DualPoint` says.
  func dualityGap(
    at point: [Double], _ evaluation: Evaluation, l1: [Double], cancellation: Cancellation
  ) throws -> Double {
    var largest = 0.0
    for index in point.indices { largest = max(largest, abs(point[index]) * size(index).column) }
    var dual = DualPoint(largest: largest)
    var charge = 0.0
    var absolutes = 0.0
    for index in point.indices {
      let l2 = penalties[index % width]
      absolutes += l1[index] * abs(point[index])
      let ofLoss = evaluation.gradient[index] - l2 * point[index]
      if l1[index] == 0, l2 == 0 {
        charge += abs(ofLoss) * max(1, abs(point[index]))
      } else {
        dual.add(gradient: ofLoss, l1: l1[index], l2: l2, size(index))
      }
    }
    let (factor, cost) = dual.choice(value: evaluation.value + absolutes)
    let mean = try meanConjugate(at: point, shrinking: factor, cancellation: cancellation)
    return max(0, evaluation.value + absolutes + mean + cost) + charge
  }
}

/// How residuals become a point of the dual problem, and what is charged for the penalty there.
///
/// A column's product with the residuals may exceed l1 with an l2 penalty, for `excess² / 2l2`; without one residuals are
/// shrunk until it does not. Where l1 and l2 are hardly more than what is left of the gradient, which may be rounding
/// alone, either loses all. Then the excess is charged for coefficients of up to twice the largest there is: a bound
/// for minima no farther than that.
struct DualPoint {
  /// Twice the largest coefficient, in columns of unit size.
  private let reach: Double
  private var factor = 1.0
  /// What is charged with an l2 penalty; and, for what residuals need not be shrunk then, without one.
  private var squares = 0.0
  private var excesses = 0.0

  init(largest: Double) { reach = 2 * largest }

  /// A column's product with the residuals, its root mean square, and what the product may be at most for residuals as large
  /// as the responses.
  mutating func add(gradient: Double, l1: Double, l2: Double, _ size: (column: Double, gradient: Double)) {
    let excess = abs(gradient) - l1
    guard excess > 0 else { return }
    let isSmall = excess <= 1e-8 * size.gradient && size.column > 0 && reach > 0
    let charge = isSmall ? excess * reach / size.column : .infinity
    if l2 > 0 {
      squares += min(charge, excess * excess / (2 * l2))
    } else {
      factor = min(factor, l1 / abs(gradient))
      excesses += charge
    }
  }

  /// The factor for the residuals and what is charged, by what costs less of an objective of this value.
  func choice(value: Double) -> (factor: Double, charge: Double) {
    excesses < (1 - factor) * abs(value) ? (1, excesses + squares) : (factor, squares * factor * factor)
  }
}
