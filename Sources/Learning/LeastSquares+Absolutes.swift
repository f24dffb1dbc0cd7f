internal import Basics
internal import LinearAlgebra
internal import Statistics

extension LeastSquares {
  /// The elastic net from the Gram matrix, by coordinate descent; see `CoordinateDescent`.
  ///
  /// The duality gap is that of Kim, Koh, Lustig, Boyd and Gorinevsky, IEEE J. Sel. Top. Signal Process. 1 (2007), from the
  /// Gram matrix: with residuals r, the dual point is r/n, shrunk until no column's product with it exceeds l1; with an
  /// l2 penalty it need not be shrunk.
  func fitWithAbsolutes(_ penalty: Penalty, start: Fit?, cancellation: Cancellation) throws -> Fit {
    try cancellation.check()
    let count = survey.moments.count
    let scatter = survey.moments.scatter
    let target = scatter.columns - 1
    let right = active.map { scatter[$0, target] / count }
    var system = Matrix(rows: active.count, columns: active.count)
    for (place, column) in active.enumerated() {
      for (other, row) in active[...place].enumerated() { system[other, place] = scatter[row, column] / count }
      system[place, place] += penalty.l2
    }
    var descent = CoordinateDescent(upperTriangle: system, l1: [Double](repeating: penalty.l1, count: active.count))
    var outcome = LinearOutcome(active: active, nullDescent: right, solver: "coordinate descent on the gram matrix")
    outcome.weights = active.map { start?.coefficients[$0] ?? 0 }
    _ = descent.minimise(right, from: &outcome.weights, tolerance: 1e-13)
    outcome.descent = residual(of: outcome.weights, system, right)
    outcome.addAbsolutes(penalty, targetSquare: scatter[target, target] / count)
    return outcome.fit(survey, settings)
  }
}

extension LeastSquares {
  func largestL1(cancellation: Cancellation) throws -> Double {
    let scatter = survey.moments.scatter
    return active.reduce(0) { max($0, abs(scatter[$1, scatter.columns - 1])) } / survey.moments.count
  }
}

extension LinearOutcome {
  /// Value, subgradient and duality gap of an elastic net from its weights and the descent of its smooth part, which is
  /// `q − (S + l2)·w` for means of products S and q.
  mutating func addAbsolutes(_ penalty: Penalty, targetSquare: Double) {
    var squares = 0.0
    var absolutes = 0.0
    var explained = 0.0
    var conjugate = 0.0
    var shrinking = 1.0
    for (index, weight) in weights.enumerated() {
      squares += weight * weight
      absolutes += abs(weight)
      // Product of the column with the residuals, over n.
      let product = descent[index] + penalty.l2 * weight
      explained += weight * (nullDescent[index] + product)
      if penalty.l2 > 0 {
        let excess = max(0, abs(product) - penalty.l1)
        conjugate += excess * excess / (2 * penalty.l2)
      } else if abs(product) > penalty.l1 {
        shrinking = min(shrinking, penalty.l1 / abs(product))
      }
      // What is left of the conditions of the minimum.
      if weight != 0 {
        descent[index] -= weight < 0 ? -penalty.l1 : penalty.l1
      } else {
        let excess = abs(descent[index]) - penalty.l1
        descent[index] = excess <= 0 ? 0 : descent[index] < 0 ? -excess : excess
      }
    }
    // Σ r²/n = y² − w·(q + Xᵀr/n), and y·r/n = y² − w·q.
    let residualSquare = max(0, targetSquare - explained)
    let targetProduct = targetSquare - zip(weights, nullDescent).reduce(0) { $0 + $1.0 * $1.1 }
    value = residualSquare / 2 + penalty.l2 / 2 * squares + penalty.l1 * absolutes
    let dual = shrinking * targetProduct - shrinking * shrinking * residualSquare / 2 - conjugate
    dualityGap = targetSquare > 0 ? max(0, value - dual) / (targetSquare / 2) : 0
  }
}
