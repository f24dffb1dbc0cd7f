internal import Basics
internal import LinearAlgebra
internal import Statistics

extension WideLeastSquares {
  /// The elastic net by working sets: coordinate descent on the Gram matrix of the columns that matter, then a look at all
  /// columns; those that break the conditions of the minimum most join, at least doubling the set, until the duality gap
  /// over all columns is small enough (as Massias, Gramfort and Salmon, "Celer", ICML 2018, do). No matrix of all columns
  /// by all columns is ever made.
  func fitWithAbsolutes(_ penalty: Penalty, start: Fit?, cancellation: Cancellation) throws -> Fit {
    let nullDescent = product(rows, targets).map { $0 / total }
    let targetSquare = dot(targets, targets) / total
    let spreads = survey.spreads
    let squares = active.map { spreads[$0] / total }
    var outcome = LinearOutcome(
      active: active, nullDescent: nullDescent, solver: "coordinate descent on working sets")
    var weights = active.map { start?.coefficients[$0] ?? 0 }
    var working = weights.indices.filter { weights[$0] != 0 }
    var descent = try smoothDescent(weights, penalty)
    for _ in 0..<100 {
      try cancellation.check()
      outcome.weights = weights
      outcome.descent = descent
      outcome.addAbsolutes(penalty, squares: squares, targetSquare: targetSquare)
      // Rounding alone leaves this much.
      if outcome.dualityGap ?? 0 <= settings.tolerance / 1000 { break }
      let members = Set(working)
      let excess = descent.indices.filter { !members.contains($0) && abs(descent[$0]) > penalty.l1 }
        .sorted { (abs(descent[$1]), $0) < (abs(descent[$0]), $1) }
      if excess.isEmpty, !working.isEmpty, outcome.iterations > 0 { break }
      working = (working + excess.prefix(max(50, working.count))).sorted()
      try solve(working, &weights, nullDescent, penalty)
      descent = try smoothDescent(weights, penalty)
      outcome.iterations += 1
    }
    return outcome.fit(survey, settings)
  }

  /// Minus the gradient of the smooth part: `Xᵀr/n − l2·w`.
  private func smoothDescent(_ weights: [Double], _ penalty: Penalty) throws -> [Double] {
    let fitted = product(rows, weights, transposed: true)
    let residuals = zip(targets, fitted).map { $0 - $1 }
    return zip(product(rows, residuals), weights).map { $0 / total - penalty.l2 * $1 }
  }

  /// Puts the weights of some columns to their minimum, the others being 0.
  private func solve(
    _ working: [Int], _ weights: inout [Double], _ nullDescent: [Double], _ penalty: Penalty
  ) throws {
    var columns = Matrix(rows: rows.columns, columns: working.count)
    for (place, column) in working.enumerated() {
      for row in 0..<rows.columns { columns[row, place] = rows[column, row] }
    }
    var gram = Matrix(rows: working.count, columns: working.count)
    columns.withView { columns in gram.withView { BLAS.syrk(1 / total, columns, into: $0, beta: 0) } }
    for place in working.indices { gram[place, place] += penalty.l2 }
    var descent = CoordinateDescent(
      upperTriangle: gram, l1: [Double](repeating: penalty.l1, count: working.count))
    var point = working.map { weights[$0] }
    _ = descent.minimise(working.map { nullDescent[$0] }, from: &point, tolerance: 1e-13)
    for (place, column) in working.enumerated() { weights[column] = point[place] }
  }
}
