internal import Basics

extension LossFit {
  /// An L1 penalty on more columns than a Hessian is formed for: `ProximalNewton` on the columns that matter, then a look at
  /// all; those that break the conditions of the minimum most join, at least doubling the set, until none does.
  ///
  /// Returns the point of all columns and how many iterations it took.
  func minimumByWorkingSets(
    _ problem: LossProblem, _ penalty: Penalty, absolutes: [Double], from start: [Double], _ rule: StoppingRule,
    cancellation: Cancellation
  ) throws -> Minimum {
    let (width, offset) = (problem.width, rows.intercept ? 1 : 0)
    var point = start
    var evaluation = Evaluation(dimension: problem.dimension)
    try problem.evaluate(at: point, problem.everything, hessian: false, into: &evaluation, cancellation: cancellation)
    var working: Set<Int> = []
    for index in point.indices where point[index] != 0 && index % width >= offset {
      working.insert(index % width - offset)
    }
    var iterations = 0
    var ranOutOfTime = false
    while iterations < rule.maximumIterations {
      if rule.isLate {
        ranOutOfTime = true
        break
      }
      let joining = violators(evaluation.gradient, absolutes, besides: working).prefix(max(100, working.count))
      if joining.isEmpty, iterations > 0 { break }
      working.formUnion(joining)
      let columns = working.sorted()
      var own = settings
      own.columnNames = []
      // Half as far again, so that the whole gap is small enough.
      own.tolerance = settings.tolerance / 2
      own.maximumIterations = rule.maximumIterations - iterations
      let part = try LossFit(ColumnSubset(source, columns: columns), own, cancellation: cancellation)
      let found = try part.fit(penalty, start: restricted(point, to: columns), cancellation: cancellation)
      iterations += max(1, found.iterations)
      point = extended(found, from: columns)
      try problem.evaluate(at: point, problem.everything, hessian: false, into: &evaluation, cancellation: cancellation)
    }
    return Minimum(
      point: point, evaluation: evaluation, iterations: iterations,
      solver: "proximal newton (coordinate descent) on working sets", ranOutOfTime: ranOutOfTime,
      dualityGap: try problem.dualityGap(at: point, evaluation, l1: absolutes, cancellation: cancellation))
  }

  /// Columns whose gradient exceeds what the penalty holds down, the worst first.
  private func violators(_ gradient: [Double], _ absolutes: [Double], besides known: Set<Int>) -> [Int] {
    let (width, offset) = (rows.designWidth, rows.intercept ? 1 : 0)
    var excess = [Double](repeating: 0, count: rows.columnCount)
    for index in gradient.indices where index % width >= offset && absolutes[index] > 0 {
      let column = index % width - offset
      excess[column] = max(excess[column], abs(gradient[index]) / absolutes[index])
    }
    return excess.indices.filter { excess[$0] > 1 && !known.contains($0) }
      .sorted { (excess[$1], $0) < (excess[$0], $1) }
  }

  /// A point as the fit of some of its columns.
  private func restricted(_ point: [Double], to columns: [Int]) -> Fit {
    let whole = externalPoint(point)
    let outputs = whole.intercepts.count
    return Fit(
      coefficients: (0..<outputs).flatMap { output in
        columns.map { whole.coefficients[output * rows.columnCount + $0] }
      }, intercepts: whole.intercepts, objectiveValue: 0, gradientNorm: 0, iterations: 0, converged: false, solver: "",
      notes: [])
  }

  private func extended(_ fit: Fit, from columns: [Int]) -> [Double] {
    var whole = fit
    whole.coefficients = [Double](repeating: 0, count: rows.columnCount * fit.intercepts.count)
    for output in fit.intercepts.indices {
      for (place, column) in columns.enumerated() {
        whole.coefficients[output * rows.columnCount + column] = fit.coefficients[output * columns.count + place]
      }
    }
    return internalPoint(whole)
  }
}
