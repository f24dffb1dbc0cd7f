internal import Basics
internal import LinearAlgebra

/// Least squares and ridge for as many columns as rows or more, with all rows in memory.
///
/// With a penalty the dual system `(X·Xᵀ/n + l2)·a = y/n`, `w = Xᵀ·a`, of the size of the rows, by Cholesky; without
/// one, or where that system is ill-conditioned, the SVD of the rows: the solution of least norm.
struct WideLeastSquares: PreparedProblem {
  let settings: FitSettings
  let survey: Moments.Survey
  let active: [Int]
  /// Centred rows, each times the root of its weight, as columns: active.count × rowCount.
  let rows: Matrix
  let targets: [Double]
  /// Σ of the rows' weights.
  let total: Double

  init(_ source: any DesignSource, _ settings: FitSettings, cancellation: Cancellation) throws {
    self.settings = settings
    survey = try Moments.survey(source, settings, isFull: false, cancellation: cancellation)
    let spreads = survey.spreads
    let active = (0..<source.columnCount).filter { spreads[$0] > 0 }
    self.active = active
    var frame = survey.frame(centred: settings.intercept, targetCentred: settings.intercept)
    frame.scale = [Double](repeating: 1, count: source.columnCount)
    let encoded = EncodedRows(source, frame: frame, intercept: settings.intercept, memory: 0)
    var rows = Matrix(rows: active.count, columns: source.rowCount)
    var targets = [Double](repeating: 0, count: source.rowCount)
    var weights = [Double](repeating: 1, count: source.rowCount)
    for index in 0..<encoded.blocks.count {
      try cancellation.check()
      let range = encoded.blocks[index]
      encoded.withBlock(index) { block in
        for (place, column) in active.enumerated() {
          let values = block.columns.column(column)
          for row in range { rows[place, row] = values[row - range.lowerBound] }
        }
        for row in range { targets[row] = block.targets[row - range.lowerBound] }
        if let own = block.weights { for row in range { weights[row] = own[row - range.lowerBound] } }
      }
    }
    total = survey.moments.count
    if settings.intercept {
      // The rounded means leave a rest; without it the intercept is exact.
      for column in 0..<active.count {
        let rest = (0..<rows.columns).reduce(0) { $0 + weights[$1] * rows[column, $1] } / total
        for row in 0..<rows.columns { rows[column, row] -= rest }
      }
    }
    if source.hasWeights {
      for row in 0..<rows.columns {
        let root = weights[row].squareRoot()
        targets[row] *= root
        for column in 0..<active.count { rows[column, row] *= root }
      }
    }
    self.rows = rows
    self.targets = targets
  }

  func fit(_ penalty: Penalty, start: Fit?, cancellation: Cancellation) throws -> Fit {
    let l2 = penalty.l2
    try cancellation.check()
    if penalty.l1 > 0 { return try fitWithAbsolutes(penalty, start: start, cancellation: cancellation) }
    let nullDescent = product(rows, targets).map { $0 / total }
    var outcome = LinearOutcome(active: active, nullDescent: nullDescent, solver: "dual cholesky")
    if l2 > 0, let factor = Cholesky(dualSystem(l2)), factor.reciprocalCondition >= 1e-8 {
      let count = total
      var dual = factor.solve(targets.map { $0 / count })
      let weights = product(rows, dual)
      // One correction from the residuals of the system.
      let fitted = product(rows, weights, transposed: true)
      let rest = targets.indices.map { (targets[$0] - fitted[$0]) / count - l2 * dual[$0] }
      for (index, correction) in factor.solve(rest).enumerated() { dual[index] += correction }
      outcome.weights = product(rows, dual)
      outcome.condition = 1 / factor.reciprocalCondition
    } else {
      outcome.solver = l2 > 0 ? "dual cholesky → svd" : "svd"
      try solveBySingularValues(&outcome, l2: l2)
    }
    measure(&outcome, l2: l2)
    return outcome.fit(survey, settings)
  }

  func largestL1(cancellation: Cancellation) throws -> Double {
    product(rows, targets).reduce(0) { max($0, abs($1)) } / total
  }

  private func dualSystem(_ l2: Double) -> Matrix {
    var rows = rows
    var system = Matrix(rows: rows.columns, columns: rows.columns)
    let count = total
    rows.withView { rows in system.withView { BLAS.syrk(1 / count, rows, into: $0, beta: 0) } }
    for index in 0..<system.rows { system[index, index] += l2 }
    return system
  }

  private func solveBySingularValues(_ outcome: inout LinearOutcome, l2: Double) throws {
    let decomposition = try SingularValues(rows)
    let tolerance = Double(max(rows.rows, rows.columns)) * Double.ulpOfOne
    let rank = decomposition.rank(tolerance: tolerance)
    let penalty = total * l2
    var along = [Double](repeating: 0, count: decomposition.values.count)
    var residuals = targets
    // Once, and then again for what rounding left.
    for _ in 0..<2 {
      let projected = product(decomposition.rightTransposed, residuals)
      for index in 0..<rank {
        let value = decomposition.values[index]
        along[index] += (projected[index] - penalty / value * along[index]) / (value + penalty / value)
      }
      outcome.weights = product(decomposition.left, along)
      let fitted = product(rows, outcome.weights, transposed: true)
      residuals = zip(targets, fitted).map { $0 - $1 }
    }
    if rank > 0 {
      let ratio = decomposition.values[0] / decomposition.values[rank - 1]
      outcome.condition = ratio * ratio
    }
    if l2 == 0, rank < active.count {
      outcome.notes = [
        "the \(active.count) columns that vary have rank \(rank) in \(rows.columns) rows: "
          + "the solution of least norm is taken"
      ]
    }
  }

  private func measure(_ outcome: inout LinearOutcome, l2: Double) {
    let count = total
    let fitted = product(rows, outcome.weights, transposed: true)
    let residuals = zip(targets, fitted).map { $0 - $1 }
    let products = product(rows, residuals)
    outcome.descent = zip(products, outcome.weights).map { $0 / count - l2 * $1 }
    outcome.value = (dot(residuals, residuals) / count + l2 * dot(outcome.weights, outcome.weights)) / 2
  }

  func product(_ matrix: Matrix, _ vector: [Double], transposed: Bool = false) -> [Double] {
    matrix.times(Matrix(rows: vector.count, columns: 1, elements: vector), transposingSelf: transposed).elements
  }
}
