internal import Basics
internal import LinearAlgebra

extension LeastSquares {
  /// Solves from the triangular factor of the rows, whose condition is the square root of the Gram matrix's: pivoted
  /// QR, and the SVD when columns depend on each other.
  func fitFromRows(l2: Double, nullDescent: [Double], cancellation: Cancellation) throws -> Fit {
    let centred = try centredRows(cancellation: cancellation)
    let triangle = try centred.triangle(cancellation: cancellation)
    let offset = settings.intercept ? 1 : 0
    let last = triangle.columns - 1
    let scale = active.map { centred.frame.scale[$0] }

    // Rows below those of the intercept, and under them the penalty as rows √(n·l2)·scale.
    let kept = offset..<triangle.rows
    var system = Matrix(rows: kept.count, columns: 0)
    for column in active { system = system.adding(triangle[kept, offset + column..<offset + column + 1]) }
    var right = Array(triangle[kept, last..<last + 1].elements)
    if l2 > 0 {
      let weight = (survey.moments.count * l2).squareRoot()
      var penalty = Matrix(rows: active.count, columns: active.count)
      for (place, scale) in scale.enumerated() { penalty[place, place] = weight * scale }
      system = stacked(system, penalty)
      right += [Double](repeating: 0, count: active.count)
    }

    let (unit, lengths) = MinimumNorm.withUnitColumns(system)
    let factor = PivotedQR(unit)
    // Without a penalty the rank is what the statistics find it to be.
    let picked = Array(0..<offset) + active.map { $0 + offset } + [last]
    let collinearity =
      l2 > 0
      ? nil : try Collinearity(factor: triangularFactor(of: triangle.picking(picked)), intercept: settings.intercept)
    // What was tried before, or asked for.
    let solver =
      switch settings.solver {
      case .svd: "svd"
      case .qr: "pivoted qr"
      default: "cholesky → pivoted qr"
      }
    var outcome = LinearOutcome(active: active, nullDescent: nullDescent, solver: solver)
    outcome.dependencies = collinearity?.dependencies(active)
    let isWhole =
      collinearity?.dependencies.isEmpty ?? (factor.rank(tolerance: MinimumNorm.rankTolerance) == active.count)
    var solution: [Double]
    if settings.solver != .svd, isWhole {
      solution = zip(factor.solve(right), lengths).map { $0 / $1 }
      outcome.condition = squaredInverse(factor.reciprocalCondition)
    } else {
      let shortest = try MinimumNorm.solve(system, right, metric: scale, rank: collinearity?.kept.count)
      solution = shortest.solution
      if settings.solver != .svd { outcome.solver += " → svd" }
      outcome.condition = squaredInverse(shortest.reciprocalCondition)
      if shortest.rank < active.count {
        let dependencies = outcome.dependencies ?? []
        outcome.notes = [aliasNote(dependencies, rank: shortest.rank)]
      }
    }
    if settings.intercept {
      // The first row of the factor: r₀₀·b + r₀·v = r₀y.
      var rest = triangle[0, last]
      for (place, column) in active.enumerated() { rest -= triangle[0, offset + column] * solution[place] }
      outcome.shift = rest / triangle[0, 0]
    }
    outcome.weights = zip(solution, scale).map { $0 * $1 }
    try centred.measure(&outcome, l2: l2, settings, cancellation: cancellation)
    return outcome.fit(survey, settings)
  }

  private func squaredInverse(_ reciprocal: Double) -> Double { 1 / (reciprocal * reciprocal) }

  private func aliasNote(_ dependencies: [FitStatistics.Dependency], rank: Int) -> String {
    let why = dependencies.isEmpty ? "" : ", as \(dependencyPhrase(dependencies, settings, verb: "depends"))"
    return "the \(active.count) columns that vary have rank \(rank)\(why): the solution of least norm is taken"
  }
}

extension Matrix {
  /// With the columns of `other` behind its own.
  fileprivate func adding(_ other: Matrix) -> Matrix {
    Matrix(rows: rows, columns: columns + other.columns, elements: elements + other.elements)
  }
}
