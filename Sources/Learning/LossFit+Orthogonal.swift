internal import Basics
internal import LinearAlgebra
internal import Statistics

extension LossFit {
  /// The condition of the first Hessian, its diagonal scaled to ones, above which a fit without a penalty goes on in orthogonal
  /// columns: the Hessian is the square of the columns, so half its digits are then lost, and a small gradient says little of
  /// how far the minimum is.
  static let largestCondition = 1e8

  /// Whether the fit without a penalty would go on in orthogonal columns. One pass over the rows.
  func isIllConditioned(cancellation: Cancellation) throws -> Bool {
    let (problem, _) = smoothProblem(Penalty())
    guard usesNewton(problem) else { return false }
    var null = Evaluation(dimension: problem.dimension)
    try problem.evaluate(at: nullPoint, problem.everything, hessian: true, into: &null, cancellation: cancellation)
    let system = try NewtonSystem(null.hessian)
    return system.isSingular || (system.condition ?? 1) > LossFit.largestCondition
  }

  /// The fit without a penalty in columns that are made orthogonal (`OrthogonalBasis`); of columns that depend on each other
  /// the solution of least norm. Nil where that does not help.
  func orthogonalEnding(_ cancellation: Cancellation) throws -> Ending? {
    guard let basis = try OrthogonalBasis(source, settings, cancellation: cancellation) else { return nil }
    var own = settings
    own.columnNames = []
    own.memory = max(0, settings.memory - rows.keptBytes)
    let inner = try LossFit(OrthogonalColumns(source, basis), own, cancellation: cancellation)
    var ending = try inner.smoothEnding(Penalty(), cancellation: cancellation)
    let columns = source.columnCount
    let (coefficients, shifts) = basis.external(ending.coefficients, columnCount: columns)
    ending.coefficients = coefficients
    if ending.coefficients.isEmpty { ending.coefficients = [Double](repeating: 0, count: columns * outputs) }
    for output in ending.intercepts.indices where settings.intercept && output < shifts.count {
      ending.intercepts[output] = (DoubleDouble(ending.intercepts[output]) + shifts[output]).high
    }
    for output in 0..<outputs {
      let own = output * columns..<(output + 1) * columns
      let (shortest, shift) = basis.shortest(Array(ending.coefficients[own]))
      ending.coefficients.replaceSubrange(own, with: shortest)
      if settings.intercept { ending.intercepts[output] += shift }
    }
    ending.nextStep = ending.nextStep.map { basis.external($0, columnCount: columns).coefficients }
    ending.minimum.condition = basis.collinearity.whitening.map { 1 / $0.reciprocalCondition }
    ending.minimum.solver = Fit.orthogonalSolver
    ending.minimum.flatDirections = nil
    ending.unresolved = basis.sources(of: ending.unresolved)
    ending.dependencies = basis.dependencies
    return ending
  }

  /// Says which columns depend on others, as far as that is known; nil where none do.
  func dependencyNote(_ ending: Ending) -> String? {
    let end = "of all solutions that of least norm is taken"
    if source.columnCount >= source.rowCount, !(ending.dependencies ?? []).isEmpty {
      return
        "there are \(source.columnCount) columns for \(source.rowCount) rows, so that they depend on each other: \(end)"
    }
    if let dependencies = ending.dependencies, !dependencies.isEmpty {
      return
        "the columns depend on each other, as \(dependencyPhrase(dependencies, settings, verb: "depends")): \(end)"
    }
    return nil
  }

  /// How far a point has gone in directions in which the function is flat to rounding, where it ended; nil where none is.
  func flatPart(_ minimum: Minimum) -> [Double]? {
    guard let flat = minimum.flatDirections else { return nil }
    let scaled = zip(minimum.point, flat.scaling).map { $1 > 0 ? $0 / $1 : 0 }
    let along = flat.basis.times(Matrix(rows: scaled.count, columns: 1, elements: scaled), transposingSelf: true)
    return zip(flat.basis.times(along).elements, flat.scaling).map { $0 * $1 }
  }

  /// The columns with the largest shares in the directions in which the function is flat to rounding.
  func flatColumns(_ minimum: Minimum) -> [Int] {
    guard let flat = minimum.flatDirections else { return [] }
    var sizes = [Double](repeating: 0, count: rows.columnCount)
    for direction in 0..<flat.basis.columns {
      for (index, value) in flat.basis.column(direction).enumerated() {
        let column = index % rows.designWidth - (settings.intercept ? 1 : 0)
        if column >= 0 { sizes[column] = max(sizes[column], abs(value)) }
      }
    }
    let largest = sizes.max() ?? 0
    return sizes.indices.filter { sizes[$0] > 0.1 * largest }
  }
}
