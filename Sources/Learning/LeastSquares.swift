internal import Basics
internal import LinearAlgebra
internal import Statistics

/// Least squares and ridge for more rows than columns.
///
/// One pass builds means and the centred Gram matrix, which serves every penalty. The normal equations are solved by
/// Cholesky, their diagonal scaled to ones. By the estimated reciprocal condition r of that matrix, which is the square of
/// the columns' own:
/// - r ≥ 1e-4: done, with an error of some 1e-16 / r;
/// - smaller, with few rows and columns: the normal equations in 106 bits (`PreciseLeastSquares`); where there are very few,
///   those without a penalty are corrected from the residuals of the rows whatever r is;
/// - r ≥ 1e-10: corrected from the residuals of the rows until that no longer helps, as accurate as a QR of the rows (the
///   seminormal equations of Björck, Linear Algebra Appl. 88/89, 1987);
/// - below: pivoted QR of the triangular factor of the rows themselves, and where that shows dependent columns, the SVD
///   and the solution of least norm.
struct LeastSquares: PreparedProblem {
  let source: any DesignSource
  let settings: FitSettings
  let survey: Moments.Survey
  /// Columns that are not constant: the others get the coefficient 0.
  let active: [Int]

  init(_ source: any DesignSource, _ settings: FitSettings, cancellation: Cancellation) throws {
    self.source = source
    self.settings = settings
    survey = try Moments.survey(source, settings, isFull: true, cancellation: cancellation)
    let spreads = survey.spreads
    active = (0..<source.columnCount).filter { spreads[$0] > 0 }
  }

  func fit(_ penalty: Penalty, start: Fit?, cancellation: Cancellation) throws -> Fit {
    let l2 = penalty.l2
    if penalty.l1 > 0 { return try fitWithAbsolutes(penalty, start: start, cancellation: cancellation) }
    let count = survey.moments.count
    let scatter = survey.moments.scatter
    let target = scatter.columns - 1
    let system = system(l2)
    let right = active.map { scatter[$0, target] / count }
    let direct = settings.solver == .qr || settings.solver == .svd
    let found = direct ? nil : Cholesky(system)
    // Penalised fits come by the dozen.
    if !direct, (found?.reciprocalCondition ?? 0) < 1e-4, isSmall(share: l2 > 0 ? 0.01 : 1) {
      let precise = try PreciseLeastSquares(source, survey, settings, active: active, cancellation: cancellation)
      if let fit = try precise.fit(l2: l2, nullDescent: right, cancellation: cancellation) { return fit }
    }
    guard let factor = found, factor.reciprocalCondition >= 1e-10 else {
      return try fitFromRows(l2: l2, nullDescent: right, cancellation: cancellation)
    }
    var outcome = LinearOutcome(
      active: active, weights: factor.solve(right), nullDescent: right, solver: "cholesky")
    outcome.condition = 1 / factor.reciprocalCondition
    outcome.dependencies = []
    if factor.reciprocalCondition < 1e-4 || l2 == 0 && isSmall(share: 0.1) {
      if factor.reciprocalCondition < 1e-4 { outcome.solver += " with refinement" }
      try refine(&outcome, factor, l2: l2, cancellation: cancellation)
    } else {
      let descent = residual(of: outcome.weights, system, right)
      outcome.descent = descent
      let total = scatter[target, target] / count
      outcome.value = max(0, (total - dot(outcome.weights, right) - dot(outcome.weights, descent)) / 2)
      // What is left of a difference of close numbers is summed from the residuals themselves.
      if outcome.value < 1e-3 * total, l2 == 0 {
        try centredRows(cancellation: cancellation).measure(&outcome, l2: l2, settings, cancellation: cancellation)
      }
    }
    return outcome.fit(survey, settings)
  }

  /// The normal equations of the active columns, upper triangle.
  func system(_ l2: Double) -> Matrix {
    var system = Matrix(rows: active.count, columns: active.count)
    for (place, column) in active.enumerated() {
      for (other, row) in active[...place].enumerated() {
        system[other, place] = survey.moments.scatter[row, column] / survey.moments.count
      }
      system[place, place] += l2
    }
    return system
  }

  /// Whether the problem is so small that accuracy is worth more than time: has at most a share of the products of pairs of
  /// columns that `PreciseLeastSquares` affords.
  private func isSmall(share: Double) -> Bool {
    let width = Double(active.count + 2)
    return Double(source.rowCount) * width * width <= share * Double(PreciseLeastSquares.affordableProducts)
  }

  /// `right − system · weights`, where the upper triangle of the system is given: the direction of descent.
  func residual(of weights: [Double], _ system: Matrix, _ right: [Double]) -> [Double] {
    var out = right
    for column in weights.indices {
      for row in 0...column {
        out[row] -= system[row, column] * weights[column]
        if row != column { out[column] -= system[row, column] * weights[row] }
      }
    }
    return out
  }

  /// Adds corrections from the rows' residuals while they at least halve the gradient, four at most.
  private func refine(
    _ outcome: inout LinearOutcome, _ factor: Cholesky, l2: Double, cancellation: Cancellation
  ) throws {
    let rows = try centredRows(cancellation: cancellation)
    try rows.measure(&outcome, l2: l2, settings, cancellation: cancellation)
    for _ in 0..<4 {
      var next = outcome
      let correction = factor.solve(outcome.descent)
      for index in correction.indices { next.weights[index] += correction[index] }
      next.shift += outcome.meanResidual
      try rows.measure(&next, l2: l2, settings, cancellation: cancellation)
      let before = dot(correction, outcome.descent)
      let after = dot(factor.solve(next.descent), next.descent)
      if after < before { outcome = next }
      if after > before / 4 { return }
    }
  }

  /// The rows centred on the means and scaled to about unit deviation.
  func centredRows(cancellation: Cancellation) throws -> CentredRows {
    try CentredRows(source, survey, settings, cancellation: cancellation)
  }
}

func dot(_ left: [Double], _ right: [Double]) -> Double {
  compensatedSum(zip(left, right).lazy.map { $0 * $1 })
}
