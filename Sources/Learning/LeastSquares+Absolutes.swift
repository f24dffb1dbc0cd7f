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
    let system = system(penalty.l2)
    var descent = CoordinateDescent(upperTriangle: system, l1: [Double](repeating: penalty.l1, count: active.count))
    var outcome = LinearOutcome(active: active, nullDescent: right, solver: "coordinate descent on the gram matrix")
    outcome.weights = active.map { start?.coefficients[$0] ?? 0 }
    _ = descent.minimise(right, from: &outcome.weights, tolerance: 1e-13)
    outcome.descent = residual(of: outcome.weights, system, right)
    outcome.addAbsolutes(
      penalty, squares: active.map { scatter[$0, $0] / count }, targetSquare: scatter[target, target] / count)
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
  ///
  /// `squares` are the mean squares of the columns.
  mutating func addAbsolutes(_ penalty: Penalty, squares meanSquares: [Double], targetSquare: Double) {
    var squares = 0.0
    var absolutes = 0.0
    var explained = 0.0
    let sizes = meanSquares.map { (column: $0.squareRoot(), gradient: ($0 * targetSquare).squareRoot()) }
    var dual = DualPoint(largest: weights.indices.reduce(0) { max($0, abs(weights[$1]) * sizes[$1].column) })
    for (index, weight) in weights.enumerated() {
      squares += weight * weight
      absolutes += abs(weight)
      // Product of the column with the residuals, over n.
      let product = descent[index] + penalty.l2 * weight
      explained += weight * (nullDescent[index] + product)
      dual.add(gradient: product, l1: penalty.l1, l2: penalty.l2, sizes[index])
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
    let (shrinking, charge) = dual.choice(value: value)
    let dualValue = shrinking * targetProduct - shrinking * shrinking * residualSquare / 2 - charge
    dualityGap = targetSquare > 0 ? max(0, value - dualValue) / (targetSquare / 2) : 0
  }
}
