internal import Basics
internal import LinearAlgebra

/// Newton's method for sums over many rows, which pays for few passes over all of them.
///
/// - **Few rows**: exact Hessian at every step, step halving. When the gradient is small enough one more step is taken from
///   the factor at hand if that makes it smaller still: convergence is quadratic, so this brings the coefficients to
///   rounding level for the price of one pass.
/// - **Many rows**: first on evenly spaced blocks, 1/16 of the rows and then 1/4, each only as far as those rows tell; then
///   on all rows. Gradients are exact, Hessians of many columns come from a part of the rows, and limited-memory BFGS on top
///   of them learns what the part does not tell (Byrd, Chin, Neveitt and Nocedal, "On the Use of Stochastic Hessian
///   Information in Optimization Methods for Machine Learning", SIAM J. Optim. 21, 2011). Where three steps leave more
///   than a twentieth of the gradient, the Hessian is taken anew; where they leave a fifth, from four times as many rows.
///
/// Which blocks are read depends on the shape of the data alone.
struct Newton<Problem: SmoothProblem> {
  private let problem: Problem
  private let rule: StoppingRule
  private let cancellation: Cancellation
  private var point: [Double]
  private var trial: [Double]
  private var step: [Double]
  private var current: Evaluation
  private var next: Evaluation
  private var memory: QuasiNewtonMemory
  private var system: NewtonSystem
  /// Whether the system is of this problem: a Hessian has been taken.
  private var hasSystem = false
  private var iterations = 0
  private var escalated = false
  private var ranOutOfTime = false
  /// Whether the first Hessian has been held against the rule.
  private var isJudged = false
  private var isIllConditioned = false

  /// `isNear` says that `start` is close already, so that no part of the rows is asked first.
  static func minimise(
    _ problem: Problem, from start: [Double], isNear: Bool, _ rule: StoppingRule, cancellation: Cancellation
  ) throws -> Minimum {
    var solver = Newton(problem, from: start, rule, cancellation)
    return try solver.run(isNear: isNear)
  }

  private init(_ problem: Problem, from start: [Double], _ rule: StoppingRule, _ cancellation: Cancellation) {
    self.problem = problem
    self.rule = rule
    self.cancellation = cancellation
    point = start
    trial = start
    step = start
    current = Evaluation(dimension: problem.dimension)
    next = current
    memory = QuasiNewtonMemory(dimension: problem.dimension, capacity: 8)
    system = NewtonSystem(dimension: problem.dimension)
  }

  /// Which blocks are read, every how many: for the gradients of first approaches, and for Hessians.
  private struct Plan {
    var approaches: [Int] = []
    var hessian = 1

    /// A sample that is approached on has at least 20 rows a coefficient, so that it is not separable by chance. A Hessian
    /// is taken from as many rows as cost about four gradients, and 25 a column at least, where it is wrong by a third: from all
    /// of them if that is not more, which saves a pass later, since steps are the better the more rows it knows.
    init(_ problem: Problem) {
      let blocks = problem.everything.total
      let rows = blocks * problem.rowsPerBlock
      approaches = [16, 4].filter { rows / $0 >= max(20 * problem.dimension, 8192) && blocks / $0 >= 4 }
      guard !approaches.isEmpty else { return }
      while problem.hessianCost > 4 * Double(hessian), rows / (hessian * 4) >= max(25 * problem.width, 4096),
        blocks / (hessian * 4) >= 4
      {
        hessian *= 4
      }
    }
  }

  private mutating func run(isNear: Bool) throws -> Minimum {
    let plan = Plan(problem)
    if plan.approaches.isEmpty { return try exact() }
    let start = point
    let total = problem.everything.total
    if !isNear {
      for stride in plan.approaches where !rule.isLate {
        try descend(BlockSample(total: total, stride: stride), hessianStride: plan.hessian, isApproach: true)
      }
      if isIllConditioned { return minimum() }
      if !point.allSatisfy(\.isFinite) { point = start }
    }
    try descend(problem.everything, hessianStride: plan.hessian, isApproach: false)
    if isIllConditioned { return minimum() }
    if !hasSystem || system.isSingular || (system.condition ?? 0) > 1e10 {
      try problem.evaluate(at: point, problem.everything, hessian: true, into: &current, cancellation: cancellation)
      try take(current.hessian)
    }
    system.direction(current.gradient, into: &step)
    return minimum()
  }

  /// Exact Hessians throughout.
  private mutating func exact() throws -> Minimum {
    let everything = problem.everything
    try problem.evaluate(at: point, everything, hessian: true, into: &current, cancellation: cancellation)
    while true {
      try take(current.hessian)
      if try judge() { return minimum() }
      system.direction(current.gradient, into: &step)
      let isDone = problem.norm(current.gradient) <= rule.gradientNorm
      if isDone {
        move(point, 1, step, into: &trial)
        try problem.evaluate(at: trial, everything, hessian: false, into: &next, cancellation: cancellation)
        if problem.norm(next.gradient) < problem.norm(current.gradient) { accept() }
      } else if rule.isLate {
        ranOutOfTime = true
      } else if !rule.isUnbounded(current), iterations < rule.maximumIterations,
        try descend(everything, hessian: true)
      {
        continue
      }
      return minimum()
    }
  }

  /// Exact gradients of the rows of a sample, Hessians of a part of them. An approach ends when the gradient is a tenth of
  /// what it was: more is not known from a part of the rows. Leaves the last Hessian's factor in `system`.
  private mutating func descend(
    _ sample: BlockSample, hessianStride: Int, isApproach: Bool
  ) throws {
    var stride = max(hessianStride, sample.stride)
    hasSystem = false
    var isFresh = false
    var steps = 0
    var first = 0.0
    memory.removeAll()
    // A Hessian of the same rows comes with the gradient, in one pass.
    var isKnown = stride == sample.stride
    try problem.evaluate(at: point, sample, hessian: isKnown, into: &current, cancellation: cancellation)
    let enough = isApproach ? max(0.1 * problem.norm(current.gradient), rule.gradientNorm) : rule.gradientNorm
    while true {
      let norm = problem.norm(current.gradient)
      if norm <= enough || rule.isUnbounded(current) || iterations >= rule.maximumIterations { break }
      if rule.isLate {
        ranOutOfTime = true
        break
      }
      if !isFresh {
        if !isKnown {
          let shape = BlockSample(total: sample.total, stride: stride)
          try problem.evaluate(at: point, shape, hessian: true, into: &next, cancellation: cancellation)
        }
        try take(isKnown ? current.hessian : next.hessian)
        isKnown = false
        if try judge(fromSample: stride > 1) { return }
        memory.removeAll()
        isFresh = true
        (steps, first) = (0, norm)
      }
      memory.direction(current.gradient, into: &step) { [system] in system.solve(&$0) }
      let isExact = stride == sample.stride && memory.isEmpty
      let moved = try descend(sample, hessian: false)
      if !moved, isExact || isApproach { break }
      steps += 1
      let gain = problem.norm(current.gradient) / first
      if !moved || (steps >= 3 && gain > 0.05) {
        // This shape misleads: a fresh one is due, from more rows where even that told too little.
        if !moved || gain > 0.2 { stride = max(sample.stride, stride / 4) }
        isFresh = false
      } else if steps >= 3 {
        (steps, first) = (0, problem.norm(current.gradient))
      }
    }
  }

  /// Whether the first Hessian is too ill-conditioned to go on. Some of the rows may lack what tells columns apart, so all
  /// of them have the last word.
  private mutating func judge(fromSample isSample: Bool = false) throws -> Bool {
    func isBad() -> Bool { system.isSingular || (system.condition ?? 1) > rule.largestCondition }
    guard !isJudged, rule.largestCondition < .infinity else { return false }
    isJudged = true
    guard isBad() else { return false }
    if isSample {
      let sampled = system
      var whole = current
      try problem.evaluate(at: point, problem.everything, hessian: true, into: &whole, cancellation: cancellation)
      try system.take(whole.hessian)
      isIllConditioned = isBad()
      system = sampled
    } else {
      isIllConditioned = true
    }
    return isIllConditioned
  }

  private mutating func take(_ hessian: Matrix) throws {
    try system.take(hessian)
    hasSystem = true
    escalated = escalated || system.isSingular
  }

  /// Takes the first of the full step, its half, its quarter, … that lowers the value enough (Armijo's rule, 1e-4), up to
  /// rounding; false when none does.
  private mutating func descend(_ sample: BlockSample, hessian: Bool) throws -> Bool {
    let slope = innerProduct(step, current.gradient)
    guard slope < 0 else { return false }
    let rounding = 1e-14 * abs(current.value)
    var length = 1.0
    while length > 1e-10 {
      move(point, length, step, into: &trial)
      try problem.evaluate(at: trial, sample, hessian: hessian, into: &next, cancellation: cancellation)
      let descends = next.value <= current.value + 1e-4 * length * slope
      // At rounding level values say nothing more, but gradients do.
      let isFlatter =
        next.value <= current.value + rounding && problem.norm(next.gradient) < problem.norm(current.gradient)
      if descends || isFlatter {
        memory.add(from: point, to: trial, before: current.gradient, after: next.gradient)
        accept()
        iterations += 1
        return true
      }
      length /= 2
    }
    return false
  }

  private mutating func accept() {
    swap(&point, &trial)
    swap(&current, &next)
  }

  private func minimum() -> Minimum {
    Minimum(
      point: point, evaluation: current, iterations: iterations,
      solver: escalated ? "newton (cholesky → eigenvalues)" : "newton (cholesky)", condition: system.condition,
      nextStep: step, flatDirections: system.flatDirections, ranOutOfTime: ranOutOfTime,
      isIllConditioned: isIllConditioned)
  }
}
